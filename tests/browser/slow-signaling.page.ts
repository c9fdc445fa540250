/** Runs in a page: two managers over slow signaling. */

import { WebRTCManager } from 'holdfast';
import { memorySockets } from '../../bench/support/memory-sockets';

export interface FirstConnect {
  /** From the call to the later `onDataChannelOpen`. */
  readonly openMs: number;
  /** The most one-way trips of signals that either end had to wait for. */
  readonly trips: number;
  /** Types of the signals that each end had sent by then, offerer first. */
  readonly sent: readonly (readonly string[])[];
}

declare global {
  interface Window {
    connectOverSlowSignaling(oneWayMs: number): Promise<FirstConnect>;
  }
}

window.connectOverSlowSignaling = async (oneWayMs) => {
  const sockets = memorySockets([1, 2], (arrive) => void setTimeout(arrive, oneWayMs));
  const managers = sockets.map(
    (socket, index) => new WebRTCManager(socket, 'slow', index + 1, { iceServers: [], logger: 'silent' }),
  );
  const startedAtMs = performance.now();
  const ends = managers.map((manager, index) => {
    const opened = new Promise<number>((resolve) => {
      manager.onDataChannelOpen = () => resolve(sockets[index]?.trips ?? 0);
    });
    void manager.connectToPeer(2 - index);
    return opened;
  });
  const trips = Math.max(...(await Promise.all(ends)));
  const openMs = performance.now() - startedAtMs;
  const sent = sockets.map((socket) => [...socket.sent]);
  for (const manager of managers) manager.close();
  return { openMs, trips, sent };
};
