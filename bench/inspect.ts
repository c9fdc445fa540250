import { inBenchPage } from './support/bench-page';
import { median } from './support/figures';

/** The cost of a record in the game's page, in real Chromium: a recorded link against one that is not recorded, interleaved. */

const GOAL_US = 40;
/** Short blocks, because most of them are not interrupted even on a busy machine. */
const COUNTS = { warmUp: 30, blocks: 150, rounds: 3 };

const samples = await inBenchPage(
  'bench/support/inspect-page.ts',
  (counts: typeof COUNTS) => window.benchInspect(counts),
  COUNTS,
);
const records = samples.reduce((sum, sample) => sum + sample.records, 0);
console.log(
  `a record, median of ${samples.length} blocks of ${records / samples.length} records, interleaved`,
);
for (const [name, read] of [
  ['recorded', ({ onUs, offUs }: (typeof samples)[number]) => onUs - offUs],
  ['recorded and broadcast', ({ shownUs, offUs }: (typeof samples)[number]) => shownUs - offUs],
] as const) {
  const costs = samples.map((sample) => read(sample) / sample.records);
  const middle = median(costs);
  const verdict = middle <= GOAL_US ? 'reached' : 'MISSED';
  const spread = `${Math.min(...costs).toFixed(1)}–${Math.max(...costs).toFixed(1)}`;
  console.log(`  ${name}: ${middle.toFixed(1)} µs (${spread}; goal ${GOAL_US}: ${verdict})`);
}
