import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Census } from './worlds/census';
import type { Promises } from './worlds/invariants';
import { play } from './worlds/play';
import { toReport, unseen } from './worlds/report';
import { type Run, runWorlds } from './worlds/run';

/** The worlds take some 40 s of one core; the deadline only bounds a hang of a busy machine. */
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

/** Seeds from 1 to this number; `npm run test:worlds` searches others. */
const WORLDS = 1_000;

const print = (text: string) => void process.stdout.write(`${text}\n`);

describe(`${WORLDS} random worlds`, () => {
  let run: Run;

  beforeAll(async () => {
    run = await runWorlds({ from: 1, count: WORLDS, every: 100, tell: print });
    print(toReport(run));
  });

  it('keep every promise', () => {
    const { failed } = run;
    const again = `npm run test:worlds -- --seed ${failed?.seed} --path ${failed?.replay.path} --replay '${failed?.replay.replayPath}'`;
    if (failed) throw new Error([failed.report, again, ...failed.trace].join('\n'));
  });

  it('cause every row of the charts, and everything else that the census counts', () => {
    expect(unseen(run.census)).toEqual([]);
  });
});

/** Every world with a cut of some seconds breaks it. */
const broken: Promises = {
  nobodyIsEverLost: ({ notes }) => (notes.some(({ name }) => name === 'lost') ? 'lost' : null),
};

describe('a broken promise', () => {
  it('is found, and shrunk to a world of at most two commands that can be replayed', async () => {
    const census = new Census();
    const { failed } = await runWorlds({
      ...{ from: 2, count: 20, every: 20, tell: () => {} },
      options: { promises: broken },
    });
    expect(failed?.report).toContain('Violation: nobodyIsEverLost');
    expect(failed?.commands.length).toBeLessThanOrEqual(2);
    const again = await play(failed?.seed ?? 0, census, { ...failed?.replay, promises: broken });
    expect(again).toMatchObject({ commands: failed?.commands });
  });
});
