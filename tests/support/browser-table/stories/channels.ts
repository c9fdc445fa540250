import { ENDS, isOpen, type Laboratory, negotiate, readUntil, until } from '../laboratory';
import { connected, lookAtBoth, mark, statesSince } from './scene';

/** More than Chromium buffers. */
const FLOOD = { bytes: 65_536, times: 400 } as const;
const LARGEST_TRIED_BYTES = 2 ** 20;
/** How long after the loss of the direct path the restart comes: before ICE reports anything. */
const RESTART_AFTER_MS = 1_000;
const STREAM_HZ = 60;
/** In UTF-8, which is what a browser counts. */
const TEXT_OF_60_BYTES = 'é'.repeat(30);
const THRESHOLD_BYTES = 100;

export const channels = {
  async 'two restarts at once'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    const beganAtMs = await mark(pair);
    const [offer] = await Promise.all(ENDS.map((end) => pair.do(end, 'offer', true)));
    if (!offer) throw new Error('both offered');
    const answer = await pair.do(1, 'answer', await pair.carry(0, offer));
    await pair.do(0, 'accept', await pair.carry(1, answer));
    // Many, because messages to Firefox right after a restart may be lost.
    await pair.do(0, 'stream', 'game', STREAM_HZ);
    await until(pair, 1, ({ received }) => received > 0);
    const [first, second] = await lookAtBoth(pair);
    await pair.dispose();
    return {
      winner: first && statesSince(first, 'signaling', beganAtMs),
      yielding: second && statesSince(second, 'signaling', beganAtMs),
      ice: second && statesSince(second, 'ice', beganAtMs),
    };
  },

  async 'a restart offered by the answerer'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    const beganAtMs = await mark(pair);
    await negotiate(pair, { from: 1, isRestart: true });
    // Many, because messages to Firefox right after a restart may be lost.
    await pair.do(0, 'stream', 'game', STREAM_HZ);
    await until(pair, 1, ({ received }) => received > 0);
    const [first] = await lookAtBoth(pair);
    await pair.dispose();
    return { ice: first && statesSince(first, 'ice', beganAtMs), channel: first?.channels.game };
  },

  async 'a negotiated channel on one side only'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    const side = { label: 'side', negotiated: true, id: 200 };
    await pair.do(0, 'openChannel', side);
    await until(pair, 0, isOpen('side'));
    await pair.do(0, 'send', 'side', 'early');
    await pair.pass(200);
    await pair.do(0, 'send', 'game', 'as ever');
    const { announced } = await until(pair, 1, ({ received }) => received > 0);
    await pair.do(1, 'openChannel', side);
    await until(pair, 1, isOpen('side'));
    await pair.do(0, 'send', 'side', 'late');
    await pair.pass(500);
    const arrivals = await pair.do(1, 'arrivals');
    await pair.dispose();
    return {
      announced,
      onGame: arrivals.filter(({ label }) => label === 'game').map(({ text }) => text),
      onSide: arrivals.filter(({ label }) => label === 'side').map(({ text }) => text),
    };
  },

  async 'too much at once'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    const { maxMessageSize } = await pair.do(0, 'look');
    const canTry = maxMessageSize !== null && maxMessageSize < LARGEST_TRIED_BYTES;
    const oversized = canTry ? await pair.do(0, 'sendBytes', 'game', maxMessageSize + 1) : 'not tried';
    const largest = canTry ? await pair.do(0, 'sendBytes', 'game', maxMessageSize) : 'not tried';
    pair.cut();
    const flood = await pair.do(0, 'sendBytes', 'game', FLOOD.bytes, FLOOD.times);
    const { channels: states } = await pair.do(0, 'look');
    await pair.dispose();
    return { oversized, largest, flood, channel: states.game };
  },

  async 'what waits to be sent'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    const waits = await pair.do(0, 'fill', 'game', [TEXT_OF_60_BYTES, TEXT_OF_60_BYTES], THRESHOLD_BYTES);
    await readUntil(
      pair,
      () => pair.do(0, 'lows'),
      ({ length }) => length > 0,
    );
    await pair.do(0, 'fill', 'game', [TEXT_OF_60_BYTES], THRESHOLD_BYTES);
    await pair.pass(500);
    const lows = await pair.do(0, 'lows');
    await pair.dispose();
    return { waits, lows };
  },

  async 'a direct path that is blocked, and a relay'(laboratory: Laboratory) {
    const pair = await connected(laboratory, { turn: 'works' });
    const before = await pair.do(0, 'pair');
    await pair.do(0, 'stream', 'game', STREAM_HZ);
    await until(pair, 1, ({ received }) => received > STREAM_HZ);
    const cutAtMs = pair.nowMs();
    pair.cut();
    await pair.pass(RESTART_AFTER_MS);
    await negotiate(pair, { isRestart: true });
    const restartedAtMs = pair.nowMs();
    const fresh = await readUntil(
      pair,
      async () => {
        const arrivals = await pair.do(1, 'arrivals');
        return arrivals.filter(({ atMs, ageMs }) => atMs - ageMs > restartedAtMs);
      },
      ({ length }) => length > 0,
    );
    const after = await pair.do(0, 'pair');
    await pair.dispose();
    return {
      before: before.isRelayed,
      after: after.isRelayed,
      relayedMs: fresh.slice(0, 1).map(({ atMs }) => atMs - cutAtMs),
    };
  },
};
