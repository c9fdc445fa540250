/** Runs in a page: a real link that is recorded, shown, restarted and replayed. */

import { WebRTCManager } from 'holdfast';
import {
  broadcast,
  createRecorder,
  type Divergence,
  INSPECT_CHANNEL,
  parseMessage,
  replay,
} from 'holdfast/inspect';
import { memorySockets } from '../../bench/support/memory-sockets';

export interface RecordedLink {
  readonly ndjson: string;
  readonly divergences: readonly Divergence[];
  /** The signals that the two ends exchanged, including addresses. */
  readonly signals: string;
  /** The record numbers that a viewer on the channel has, in order of arrival. */
  readonly shown: readonly number[];
  readonly recorded: readonly number[];
}

declare global {
  interface Window {
    recordLink(): Promise<RecordedLink>;
  }
}

window.recordLink = async () => {
  const viewer = new BroadcastChannel(INSPECT_CHANNEL);
  const shown: number[] = [];
  let lastShown = () => {};
  viewer.onmessage = ({ data }) => {
    const message = parseMessage(data);
    if (message?.type === 'records') shown.push(...message.records.map(({ seq }) => seq));
    if (message?.type === 'bye') lastShown();
  };
  const allShown = new Promise<void>((resolve) => {
    lastShown = resolve;
  });

  const recorder = createRecorder({ label: 'player 1', sampleMs: 200 });
  const stop = broadcast(recorder);
  const sockets = memorySockets([1, 2], (arrive) => queueMicrotask(arrive));
  const signals: unknown[] = [];
  for (const socket of sockets) socket.on('webrtc_signal', (signal) => signals.push(signal));
  const managers = sockets.map(
    (socket, index) =>
      new WebRTCManager(socket, 'recorded', index + 1, {
        iceServers: [],
        logger: 'silent',
        ...(index === 0 && { inspect: recorder.inspect }),
      }),
  );
  const [manager] = managers;
  if (!manager) throw new Error('no manager');
  recorder.attach(manager);
  const measured = new Promise<void>((resolve) => {
    recorder.subscribe((record) => record.kind === 'sample' && record.rttMs !== null && resolve());
  });
  const pathKnown = new Promise<void>((resolve) => {
    recorder.subscribe(({ kind }) => kind === 'path' && resolve());
  });
  const up = managers.map(
    (each) =>
      new Promise<void>((resolve) => each.on('state', ({ state }) => state === 'connected' && resolve())),
  );
  managers.forEach((each, index) => void each.connectToPeer(2 - index));
  await Promise.all(up);
  const restored = new Promise<void>((resolve) => {
    manager.on('restored', resolve);
  });
  await manager.attemptIceRestart();
  await Promise.all([restored, measured, pathKnown]);
  for (const each of managers) each.close();
  stop();
  await allShown;
  viewer.close();
  const { records } = recorder;
  return {
    ndjson: recorder.toNdjson(),
    divergences: replay(records),
    signals: JSON.stringify(signals),
    shown,
    recorded: records.map(({ seq }) => seq),
  };
};
