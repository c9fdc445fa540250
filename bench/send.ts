import { inEachBenchPage } from './support/bench-page';
import { printComparison } from './support/figures';

/** The cost of `manager.send` compared with `dataChannel.send` in an open pair. */

const GOAL = 1.1;
/** In longer blocks the browser's network thread competes with the page, which distorts the figures. */
const COUNTS = { warmUp: 20, blocks: 200, perBlock: 500, sizeBytes: 32 };

const each = await inEachBenchPage(
  'bench/support/send-page.ts',
  (counts: typeof COUNTS) => window.benchSend(counts),
  COUNTS,
);
printComparison({ what: `send of ${COUNTS.sizeBytes} bytes`, unit: 'µs', goal: GOAL, each });
