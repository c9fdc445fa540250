import { setTimeout as delay } from 'node:timers/promises';
import { BOTH_CONNECTED, type FaultTimes, type LoopbackCell } from './cell.js';
import { type Loopback, lookAtTimers, TIMER_LOOK } from './loopback.js';
import { type Match, PEERS } from './match.js';

const LOSS = 0.3;
const LOSSY_S = 60;
const HIDDEN_S = 300;
/** Throttled to one a second, with room for a slow machine. */
const MAX_HIDDEN_TICKS_PER_S = 1.5;

const lossy = (oneWayMs: number, hz: number): LoopbackCell => ({
  name: `lossy-${oneWayMs}-${hz}-cc`,
  title: `(10) 30 % loss and ${oneWayMs} ms each way for ${LOSSY_S} s, ${hz === 0 ? 'an idle game' : `${hz} messages a second`}`,
  browsers: 'cc',
  on: 'loopback',
  match: { hz },
  fault: async ({ ground }) => {
    const faultAtMs = Date.now();
    ground.udp.set({ delayMs: oneWayMs, loss: LOSS });
    await delay(LOSSY_S * 1_000);
    ground.udp.heal();
    return { faultAtMs, healedAtMs: Date.now() };
  },
  end: BOTH_CONNECTED,
  forbids: 'lost',
  figure: hz === 0 ? null : 'silenceMs',
  goalMs: null,
});

/** Throws if the pages are not as the cell requires: hidden, with throttled timers. */
async function hide(match: Match<Loopback>): Promise<void> {
  await match.ground.hide();
  const looks = await Promise.all(PEERS.map((peer) => match.evaluate(peer, lookAtTimers, TIMER_LOOK)));
  const isHidden = looks.every(
    ({ visibility, ticksPerS }) => visibility === 'hidden' && ticksPerS <= MAX_HIDDEN_TICKS_PER_S,
  );
  if (!isHidden) throw new Error(`the pages are not hidden: ${JSON.stringify(looks)}`);
}

const hidden = (hz: number): LoopbackCell => ({
  name: `hidden-${hz}-cc`,
  title: `(12) both pages hidden for 5 minutes, ${hz === 0 ? 'an idle game' : `${hz} messages a second`}`,
  browsers: 'cc',
  on: 'loopback',
  match: { hz },
  fault: async (match): Promise<FaultTimes> => {
    const faultAtMs = Date.now();
    await hide(match);
    await delay(HIDDEN_S * 1_000);
    return { faultAtMs, healedAtMs: Date.now() };
  },
  end: BOTH_CONNECTED,
  forbids: 'suspicion',
  figure: null,
  goalMs: null,
});

export const LOOPBACK_CELLS: readonly LoopbackCell[] = [
  lossy(100, 60),
  lossy(100, 0),
  lossy(200, 60),
  lossy(200, 0),
  hidden(60),
  hidden(0),
];
