import { describe, expect, it, vi } from 'vitest';
import { connectionChart } from '../machines/chart';
import { linesOfChart } from '../machines/edges';
import { requires } from '../support/requirements';
import { choosePaths, LINES } from './support/real-paths/choose-paths';
import { EXPECTED_ARROWS } from './support/real-paths/expected-arrows';
import { LANES, walk } from './support/real-paths/walk';

/** Only bounds a hang: a busy machine is slow to open pages. */
vi.setConfig({ testTimeout: 480_000 });

/** What the paths may take in total: about a minute, since several run at once. */
const BUDGET_MS = LANES * 60_000;

describe.skipIf(!requires('chromium'))('the library in real Chromium, led along the generated paths', () => {
  it('goes where the chart says, over every transition that is expected of it', async () => {
    const expected = EXPECTED_ARROWS.map((name) => LINES.get(name) ?? `${name}, which no chart has`);
    const { chosen, costMs, leftOver } = choosePaths(expected, BUDGET_MS);
    expect(leftOver, 'expected, but on no path within the budget').toEqual([]);

    const { plays, taken, leaves, offences, astray } = await walk(chosen);
    const arrows = linesOfChart(connectionChart);
    const states = Object.keys(connectionChart.states);
    const beside = [...taken].filter((arrow) => !expected.includes(arrow));
    console.log(
      [
        `real Chromium: ${taken.size} of ${arrows.length} transitions and ${leaves.size} of ${states.length} states taken on ${chosen.length} paths in ${plays} plays, ${Math.round(costMs / LANES / 1_000)} s planned`,
        ...expected.map((arrow) => `  ${taken.has(arrow) ? 'taken' : 'NEVER'}: ${arrow}`),
        ...beside.map((arrow) => `  not expected, but taken: ${arrow}`),
      ].join('\n'),
    );
    expect(offences, 'what no chart says').toEqual([]);
    expect(astray, 'paths that were not gone to their end').toEqual([]);
    expect(
      expected.filter((arrow) => !taken.has(arrow)),
      'expected, but never taken',
    ).toEqual([]);
    expect(states.filter((state) => !leaves.has(state))).toEqual([]);
  });
});
