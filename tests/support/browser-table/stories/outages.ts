import { ENDS, type Laboratory, negotiate, until, untilBoth } from '../laboratory';
import {
  agreed,
  connected,
  lookAfterFailed,
  lookAtBoth,
  mark,
  staleUntil,
  statesSince,
  timesOf,
} from './scene';

/** An outage that every heartbeat of a game notices, and that both browsers survive. */
const LONG_CUT_MS = 12_000;
const SHORT_CUT_MS = 3_000;
const STIR_INTERVAL_MS = 5_000;
/** Longer than either browser takes to report failed. */
const STIRRED_MS = 32_000;

const isUp = ({ ice }: { ice: string }) => ice === 'connected';
const isDisconnected = ({ ice }: { ice: string }) => ice === 'disconnected';
const hasFailed = ({ connection }: { connection: string }) => connection === 'failed';

export const outages = {
  async 'a cut for good, and a restart once the network is whole'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    const cutAtMs = pair.nowMs();
    pair.cut();
    await untilBoth(pair, hasFailed);
    const atFailed = await lookAfterFailed(pair);
    pair.heal();
    const restartedAtMs = await mark(pair);
    await negotiate(pair, { isRestart: true });
    await untilBoth(pair, ({ connection }) => connection === 'connected');
    await pair.do(0, 'openChannel', { label: 'later' });
    await pair.pass(1_000);
    const after = await lookAtBoth(pair);
    await pair.dispose();
    const disconnectedMs = timesOf(atFailed, 'ice', 'disconnected', cutAtMs);
    const failedMs = timesOf(atFailed, 'connection', 'failed', cutAtMs);
    return {
      disconnectedMs,
      failedMs,
      shown: agreed(atFailed.map((look) => statesSince(look, 'connection', cutAtMs))),
      atFailed: agreed(atFailed.map(({ ice, sctp, channels }) => ({ ice, sctp, channel: channels.game }))),
      restartMs: timesOf(after, 'connection', 'connected', restartedAtMs),
      shownOnRestart: after.map((look) => statesSince(look, 'connection', restartedAtMs)),
      after: agreed(after.map(({ connection, channels }) => ({ connection, channel: channels.game }))),
      laterChannel: after[0]?.channels.later,
    };
  },

  async 'a cut one way'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    const cutAtMs = pair.nowMs();
    pair.cut(0);
    const looks = await untilBoth(pair, isDisconnected);
    await pair.dispose();
    return {
      disconnectedMs: timesOf(looks, 'ice', 'disconnected', cutAtMs),
      shown: agreed(looks.map((look) => statesSince(look, 'ice', cutAtMs))),
    };
  },

  async 'a short cut'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    const cutAtMs = await mark(pair);
    pair.cut();
    await pair.pass(SHORT_CUT_MS);
    pair.heal();
    await pair.pass(SHORT_CUT_MS);
    const looks = await lookAtBoth(pair);
    await pair.dispose();
    return { shown: agreed(looks.map((look) => statesSince(look, 'ice', cutAtMs))) };
  },

  async 'a long cut under traffic'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    await pair.do(0, 'openChannel', { label: 'dated', ordered: false, maxPacketLifeTime: 250 });
    await untilBoth(pair, ({ channels }) => channels.dated === 'open');
    for (const label of ['game', 'dated']) await pair.do(0, 'stream', label, 60);
    const cutAtMs = await mark(pair);
    pair.cut();
    await pair.pass(LONG_CUT_MS);
    pair.heal();
    const healedAtMs = pair.nowMs();
    const looks = await untilBoth(pair, isUp);
    const [game, dated] = [
      await staleUntil(pair, 'game', healedAtMs),
      await staleUntil(pair, 'dated', healedAtMs),
    ];
    await pair.dispose();
    return {
      shown: agreed(looks.map((look) => statesSince(look, 'ice', cutAtMs))),
      channel: agreed(looks.map(({ channels }) => channels.game)),
      healMs: timesOf(looks, 'ice', 'connected', healedAtMs),
      stale: { game, dated },
    };
  },

  async 'a restart into the dead network'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    pair.cut();
    await untilBoth(pair, isDisconnected);
    const restartedAtMs = await mark(pair);
    await negotiate(pair, { isRestart: true });
    await untilBoth(pair, hasFailed);
    const looks = await lookAfterFailed(pair);
    await pair.dispose();
    return {
      failedMs: timesOf(looks, 'connection', 'failed', restartedAtMs),
      shown: agreed(looks.map((look) => statesSince(look, 'ice', restartedAtMs))),
      channel: agreed(looks.map(({ channels }) => channels.game)),
    };
  },

  async 'a restart of a suspect link'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    pair.cut();
    await untilBoth(pair, isDisconnected);
    const restartedAtMs = await mark(pair);
    await negotiate(pair, { isRestart: true });
    pair.heal();
    const looks = await untilBoth(pair, isUp);
    await pair.dispose();
    return {
      shown: agreed(looks.map((look) => statesSince(look, 'ice', restartedAtMs))),
      channel: agreed(looks.map(({ channels }) => channels.game)),
    };
  },

  /** Both ends repeatedly offer a generation and take it back before the other end hears of it. */
  async 'a cut through which both ends stir ICE'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    const stir = () => Promise.all(ENDS.map((end) => pair.do(end, 'stir')));
    const cutAtMs = await mark(pair);
    pair.cut();
    await untilBoth(pair, isDisconnected);
    while (pair.nowMs() < cutAtMs + STIRRED_MS) {
      await stir();
      await pair.pass(STIR_INTERVAL_MS);
    }
    const held = await lookAtBoth(pair);
    pair.heal();
    await stir();
    await pair.pass(STIR_INTERVAL_MS / 2);
    await stir();
    await pair.pass(STIR_INTERVAL_MS / 2);
    const after = await lookAtBoth(pair);
    await pair.dispose();
    return {
      shown: agreed(held.map((look) => statesSince(look, 'connection', cutAtMs))),
      after: agreed(after.map(({ connection, channels }) => ({ connection, channel: channels.game }))),
    };
  },

  /** The second end fails meanwhile, and is left as it is. */
  async 'a cut through which one end stirs ICE'(laboratory: Laboratory) {
    const pair = await connected(laboratory);
    const stir = async () => {
      await pair.do(0, 'stir');
      await pair.pass(STIR_INTERVAL_MS / 2);
    };
    const cutAtMs = await mark(pair);
    pair.cut();
    await until(pair, 1, isDisconnected);
    do {
      await stir();
      await stir();
    } while (!hasFailed(await pair.do(1, 'look')));
    pair.heal();
    await stir();
    await stir();
    for (const end of ENDS) await pair.do(end, 'sendBytes', 'game', 1);
    await pair.pass(1_000);
    const looks = await lookAtBoth(pair);
    await pair.dispose();
    return {
      shown: looks.map((look) => statesSince(look, 'connection', cutAtMs)),
      hears: looks.map(({ received }) => received > 0),
    };
  },
};
