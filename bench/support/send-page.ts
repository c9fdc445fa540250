/** Runs in the page: blocks of sends on one open pair, through the manager and directly on its channel. */

import './global';
import type { Samples } from './figures';
import { memorySockets } from './memory-sockets';

declare global {
  interface Window {
    benchSend(counts: {
      warmUp: number;
      blocks: number;
      perBlock: number;
      sizeBytes: number;
    }): Promise<Samples>;
  }
}

/** Two managers with an open channel; received messages are dropped. */
async function openPair() {
  const sockets = memorySockets([1, 2], (arrive) => queueMicrotask(arrive));
  const managers = sockets.map(
    (socket, index) =>
      new window.Holdfast.WebRTCManager(socket, 'bench', index + 1, { iceServers: [], logger: 'silent' }),
  );
  const connected = managers.map(
    (manager) =>
      new Promise<void>((resolve) => manager.on('state', ({ state }) => state === 'connected' && resolve())),
  );
  managers.forEach((manager, index) => void manager.connectToPeer(2 - index));
  await Promise.all(connected);
  const [manager] = managers;
  const channel = manager?.dataChannel;
  if (!manager || !channel) throw new Error('the pair has no channel');
  return { manager, channel, close: () => managers.forEach((each) => void each.close()) };
}

/** Waits until the sends of the last block have been sent and have arrived. */
async function drained(channel: RTCDataChannel): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, 20));
  while (channel.bufferedAmount > 0);
}

window.benchSend = async ({ warmUp, blocks, perBlock, sizeBytes }) => {
  const { manager, channel, close } = await openPair();
  const data = new ArrayBuffer(sizeBytes);
  const byHoldfast = () => {
    for (let count = 0; count < perBlock; count += 1) manager.send(data);
  };
  const bareSends = () => {
    for (let count = 0; count < perBlock; count += 1) channel.send(data);
  };
  /** Microseconds per message. */
  const timed = async (block: () => void) => {
    const startedAtMs = performance.now();
    block();
    const tookUs = ((performance.now() - startedAtMs) * 1000) / perBlock;
    await drained(channel);
    return tookUs;
  };
  const holdfast: number[] = [];
  const bare: number[] = [];
  for (let block = -warmUp; block < blocks; block += 1) {
    // Each runs first equally often.
    const isHoldfastFirst = block % 2 === 0;
    const first = await timed(isHoldfastFirst ? byHoldfast : bareSends);
    const second = await timed(isHoldfastFirst ? bareSends : byHoldfast);
    if (block < 0) continue;
    holdfast.push(isHoldfastFirst ? first : second);
    bare.push(isHoldfastFirst ? second : first);
  }
  close();
  return { holdfast, bare };
};
