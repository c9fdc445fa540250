import { parseArgs } from 'node:util';
import { inBenchPage } from './support/bench-page';
import { median, printComparison, type Samples } from './support/figures';

/**
 * Connect time, from the call to `onDataChannelOpen` on both ends, in one page and over signaling in memory. One browser's ratio is good
 * to some 0.05, so it is taken in several, each a fresh one: `-- --browsers 12`.
 */

const GOAL = 1.15;
const COUNTS = { warmUp: 5, runs: 20 };

const { values } = parseArgs({ options: { browsers: { type: 'string', default: '5' } } });

const each: Samples[] = [];
for (let browser = 0; browser < Number(values.browsers); browser += 1)
  each.push(
    await inBenchPage(
      'bench/support/connect-page.ts',
      (counts: typeof COUNTS) => window.benchConnect(counts),
      COUNTS,
    ),
  );
const samples = {
  holdfast: each.flatMap(({ holdfast }) => holdfast),
  bare: each.flatMap(({ bare }) => bare),
};
printComparison({ what: 'connect time', unit: 'ms', goal: GOAL, samples });
const ratios = each.map(({ holdfast, bare }) => (median(holdfast) / median(bare)).toFixed(2));
console.log(`  in each of ${each.length} browsers, medians of ${COUNTS.runs}: ${ratios.join(' ')}`);
