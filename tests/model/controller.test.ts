import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ProfileName } from '../../src/testing';
import { connectionChart } from '../machines/chart';
import { playInWorld } from './causes';
import { rowsOf } from './chart-model';
import type { IsPossible } from './paths';
import { findRoutes, type Route } from './routes';
import { type Setting, Stage } from './stage';

/** Hundreds of lives of a pair; the deadline only bounds a hang. */
vi.setConfig({ testTimeout: 900_000 });

/** Rows that the fake world cannot cause, and why; in every browser unless one is named. */
const UNCAUSABLE: readonly { rows: RegExp; reason: string; profile?: ProfileName }[] = [
  {
    rows: /^connected\.[\w.]+ \| ice\.failed/,
    reason: 'a browser says *disconnected* before it says *failed*',
  },
  {
    rows: /^(connected\.[\w.]+|disconnected) \| remote\.offer\b/,
    reason: 'only a connection that nobody answered takes an offer for a first one',
  },
  {
    rows: /^restarting\.answering \| life\.back/,
    reason: 'a Firefox that failed has ended the old channel for good',
    profile: 'firefox',
  },
  {
    rows: /^connected\.[\w.]+ \| life\.back/,
    reason: 'a Firefox sees a path heal later than a loser is kept',
    profile: 'firefox',
  },
  { rows: /^new \| peer\.learned/, reason: 'there is no connection yet that could teach' },
];

const uncausableIn = (profile: ProfileName) =>
  UNCAUSABLE.filter((each) => (each.profile ?? profile) === profile);

const causableIn =
  (profile: ProfileName): IsPossible =>
  (leaf, { type, evidence }, context) => {
    const { attempts, evidence: known } = Object(context);
    const isUncausable = uncausableIn(profile).some(({ rows }) => rows.test(`${leaf} | ${type}`));
    if (isUncausable || Object(evidence).turnRefused) return false;
    // A link that was never replaced has no old path; one that was up is answered.
    if (type === 'life.back' && leaf.startsWith('connected')) return attempts > 0;
    return type !== 'remote.offer' || !Object(known).wasUp;
  };

const PAIRS = (['holdfast', 'upstream'] as const).flatMap((peer) =>
  (['offerer', 'answerer'] as const).map((role) => ({ peer, role })),
);

/** Drives a controller along a route. @returns where it differed from its chart, and whether it took the whole route. */
async function play(route: Route, setting: Setting, seen: Set<string>) {
  vi.useFakeTimers();
  const stage = new Stage(route, setting);
  try {
    const steps = await playInWorld(stage, route.steps);
    stage.watched.settle();
    for (const row of stage.watched.rows) seen.add(row);
    return { isPlayed: steps === route.steps.length, mismatches: stage.watched.mismatches };
  } finally {
    stage.close();
    vi.useRealTimers();
  }
}

afterEach(() => {
  vi.useRealTimers();
});

describe.each(['chromium', 'firefox'] as const)(
  'a controller in %s, driven along the generated paths',
  (profile) => {
    const routes = findRoutes(causableIn(profile));
    const uncausable = uncausableIn(profile);
    const isUncausable = (row: string) => uncausable.some((each) => each.rows.test(row));
    const rows = rowsOf(connectionChart);
    const causable = rows.filter((row) => !isUncausable(row));

    it('follows the chart, over every transition that the world can cause', async () => {
      const seen = new Set<string>();
      const mismatches: string[] = [];
      let plays = 0;
      for (const row of causable) {
        const settings = (routes.get(row) ?? []).flatMap((route) => PAIRS.map((pair) => ({ route, pair })));
        for (const { route, pair } of settings) {
          const { isPlayed, mismatches: found } = await play(route, { profile, ...pair }, seen);
          plays += 1;
          mismatches.push(...found.map((mismatch) => `${pair.peer} ${pair.role}: ${mismatch}`));
          if (isPlayed && seen.has(row)) break;
        }
      }
      expect(mismatches).toEqual([]);
      expect(causable.filter((row) => !seen.has(row))).toEqual([]);
      expect([...seen].filter(isUncausable), 'rows that are called uncausable').toEqual([]);
      console.log(
        [
          `controller, ${profile}: ${seen.size} of ${rows.length} transitions taken in ${plays} plays; not causable:`,
          ...uncausable.map(
            ({ rows: names, reason }) => `  ${rows.filter((row) => names.test(row)).length} (${reason})`,
          ),
        ].join('\n'),
      );
    });
  },
);
