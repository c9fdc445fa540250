import { type Laboratory, negotiate, until, untilBoth } from '../laboratory';
import { agreed, lookAfterFailed, lookAtBoth, mark, statesSince, timesOf, unborn } from './scene';

/** Longer than any browser takes to give up, if it gives up at all. */
const FOR_EVER_MS = 18_000;
/** One way; without it a first round trip never takes this long, even on a busy machine. */
const DELAY_MS = 500;
/** Enough for both browsers to measure several round trips; Chromium reports a moving average of them. */
const REFRESH_MS = 15_000;
/** Enough for a restart to show in the statistics. */
const SETTLE_MS = 8_000;

export const births = {
  async 'a first connect into a black hole'(laboratory: Laboratory) {
    const pair = await unborn(laboratory);
    pair.cut();
    await negotiate(pair);
    const beganAtMs = pair.nowMs();
    await untilBoth(pair, ({ connection }) => connection === 'failed');
    const looks = await lookAfterFailed(pair);
    await pair.dispose();
    return {
      failedMs: timesOf(looks, 'connection', 'failed', beganAtMs),
      shown: agreed(looks.map((look) => statesSince(look, 'ice', 0))),
      at: { sctp: looks[0]?.sctp, channel: looks[0]?.channels.game },
    };
  },

  async 'descriptions out of turn'(laboratory: Laboratory) {
    const pair = await unborn(laboratory);
    const said = await pair.do(1, 'describeOutOfTurn', await pair.do(0, 'offer', false));
    await pair.dispose();
    return said;
  },

  async 'no candidate ever'(laboratory: Laboratory) {
    const pair = await unborn(laboratory);
    await negotiate(pair, { withCandidates: false });
    const beganAtMs = pair.nowMs();
    await pair.pass(FOR_EVER_MS);
    const looks = await lookAtBoth(pair);
    await pair.dispose();
    return {
      shown: agreed(looks.map((look) => statesSince(look, 'ice', 0))),
      failedMs: timesOf(looks, 'connection', 'failed', beganAtMs),
    };
  },

  async 'relays only, and none there'(laboratory: Laboratory) {
    const pair = await unborn(laboratory, { configuration: { iceTransportPolicy: 'relay' } });
    await negotiate(pair);
    await pair.pass(1_000);
    const looks = await lookAtBoth(pair);
    await pair.dispose();
    return {
      shown: agreed(looks.map((look) => statesSince(look, 'ice', 0))),
      candidates: agreed(looks.map(({ candidates }) => candidates)),
    };
  },

  async 'a relay that refuses'(laboratory: Laboratory) {
    const pair = await unborn(laboratory, {
      turn: 'refuses',
      configuration: { iceTransportPolicy: 'relay' },
    });
    await negotiate(pair);
    const look = await until(pair, 0, ({ candidateErrors }) => candidateErrors.length > 0);
    await pair.dispose();
    return { candidates: look.candidates, errors: look.candidateErrors };
  },

  async 'a link looked at, and restarted while it lives'(laboratory: Laboratory) {
    const pair = await unborn(laboratory);
    await negotiate(pair);
    const describedAtMs = pair.nowMs();
    const looks = await untilBoth(pair, ({ channels }) => channels.game === 'open');
    const atFirst = await pair.do(0, 'pair');
    pair.setDelay(DELAY_MS);
    const delayedAtMs = pair.nowMs();
    const hasFollowed = async () => ((await pair.do(0, 'pair')).rttMs ?? 0) >= DELAY_MS;
    let followsDelay = await hasFollowed();
    while (!followsDelay && pair.nowMs() < delayedAtMs + REFRESH_MS) {
      await pair.tick();
      followsDelay = await hasFollowed();
    }
    pair.setDelay(0);
    const restartedAtMs = await mark(pair);
    await negotiate(pair, { isRestart: true });
    const restartSettledAtMs = pair.nowMs() + SETTLE_MS;
    let { nominated } = await pair.do(0, 'pair');
    while (nominated < 2 && pair.nowMs() < restartSettledAtMs) {
      await pair.tick();
      ({ nominated } = await pair.do(0, 'pair'));
    }
    const after = await lookAtBoth(pair);
    const [first, second] = after;
    await pair.dispose();
    return {
      connectMs: timesOf(looks, 'game', 'open', describedAtMs),
      shown: agreed(looks.map((look) => statesSince(look, 'ice', 0))),
      announcedOpens: second && statesSince(second, 'game', 0),
      maxMessageSize: looks[0]?.maxMessageSize,
      atFirst,
      followsDelay,
      nominatedAfterRestart: nominated,
      shownOnRestart: agreed(after.map((look) => statesSince(look, 'ice', restartedAtMs))),
      tellsPair: first !== undefined && statesSince(first, 'pair', restartedAtMs).length > 0,
    };
  },
};
