/** Runs in the page: the same events through a recorded link and one that is not recorded, alternately. */

import { broadcast, createRecorder, type Recorder } from 'holdfast/inspect';
import { type ConnectionEvent, createConnectionMachine, PRESETS } from 'holdfast/machines';
import { type Actor, createActor, fromCallback } from 'xstate';

export interface InspectCounts {
  warmUp: number;
  blocks: number;
  rounds: number;
}

/** Duration of a block in microseconds, and the number of its records. */
export interface InspectSample {
  readonly offUs: number;
  readonly onUs: number;
  readonly shownUs: number;
  readonly records: number;
}

declare global {
  interface Window {
    benchInspect(counts: InspectCounts): Promise<readonly InspectSample[]>;
  }
}

/** Events as in an outage. Half of them are refused or do not change the state, as in play. */
const ROUND: readonly ConnectionEvent[] = [
  { type: 'peer.learned', evidence: { path: 'direct' } },
  { type: 'life.silent', silentForMs: 1_000 },
  { type: 'life.silent', silentForMs: 1_200 },
  { type: 'ice.failed' },
  { type: 'attempt.counted' },
  { type: 'remote.rebuild', offer: 1 },
  { type: 'peer.learned', evidence: { remote: 'holdfast', answered: true } },
  { type: 'link.up' },
  { type: 'life.back' },
];

const machine = createConnectionMachine().provide({ actors: { peer: fromCallback(() => {}) } });

function startLink(recorder: Recorder | null): Actor<typeof machine> {
  const actor = createActor(machine, {
    input: { timings: PRESETS.default, browser: 'chromium', relayOnly: false },
    ...(recorder && { inspect: recorder.inspect }),
  });
  actor.start();
  actor.send({ type: 'connect' });
  actor.send({ type: 'link.up' });
  return actor;
}

/** Lets timers, posts and the garbage collector run. */
const rest = () => new Promise((resolve) => realSetTimeout(resolve, 60));

function timed(actor: Actor<typeof machine>, rounds: number): number {
  const startedAtMs = performance.now();
  for (let round = 0; round < rounds; round += 1) for (const event of ROUND) actor.send(event);
  return (performance.now() - startedAtMs) * 1_000;
}

const realSetTimeout = window.setTimeout.bind(window);

/** Measures the time that the library spends in timers, in which a broadcast posts its batches. */
function countTimers(): { tookUs: number } {
  const counted = { tookUs: 0 };
  const count = (handler: TimerHandler, ms?: number) =>
    realSetTimeout(() => {
      const startedAtMs = performance.now();
      if (typeof handler === 'function') handler();
      counted.tookUs += (performance.now() - startedAtMs) * 1_000;
    }, ms);
  Object.assign(window, { setTimeout: count });
  return counted;
}

window.benchInspect = async ({ warmUp, blocks, rounds }) => {
  const [recorder, shown] = [createRecorder(), createRecorder()];
  const timers = countTimers();
  const stop = broadcast(shown);
  const links = { off: startLink(null), on: startLink(recorder), shown: startLink(shown) };
  const samples: InspectSample[] = [];
  const order = ['off', 'on', 'shown'] as const;
  for (let block = -warmUp; block < blocks; block += 1) {
    const us = { off: 0, on: 0, shown: 0 };
    const before = recorder.records.at(-1)?.seq ?? 0;
    // Each runs first equally often.
    for (let turn = 0; turn < order.length; turn += 1) {
      const which = order[(block + warmUp + turn) % order.length] ?? 'off';
      timers.tookUs = 0;
      us[which] = timed(links[which], rounds);
      await rest();
      if (which === 'shown') us.shown += timers.tookUs;
    }
    const records = (recorder.records.at(-1)?.seq ?? 0) - before;
    if (block >= 0) samples.push({ offUs: us.off, onUs: us.on, shownUs: us.shown, records });
  }
  stop();
  for (const link of Object.values(links)) link.stop();
  return samples;
};
