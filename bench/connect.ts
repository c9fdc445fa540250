import { inBenchPage } from './support/bench-page';
import { printComparison } from './support/figures';

/** Connect time, from the call to `onDataChannelOpen` on both ends, in one page and over signaling in memory. */

const GOAL = 1.15;

const samples = await inBenchPage(
  'bench/support/connect-page.ts',
  (counts: { warmUp: number; runs: number }) => window.benchConnect(counts),
  { warmUp: 5, runs: 20 },
);
printComparison({ what: 'connect time', unit: 'ms', goal: GOAL, samples });
