import { inEachBenchPage } from './support/bench-page';
import { printComparison } from './support/figures';

/** Connect time from the call to `onDataChannelOpen` on both ends, in one page with in-memory signaling. */

const GOAL = 1.15;
const COUNTS = { warmUp: 5, runs: 20 };

const each = await inEachBenchPage(
  'bench/support/connect-page.ts',
  (counts: typeof COUNTS) => window.benchConnect(counts),
  COUNTS,
);
printComparison({ what: 'connect time', unit: 'ms', goal: GOAL, each });
