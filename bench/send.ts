import { inEachBenchPage } from './support/bench-page';
import { printComparison } from './support/figures';

/** What `manager.send` costs beside `dataChannel.send`, in an open pair. */

const GOAL = 1.1;
/** In longer blocks the browser's network thread takes turns with the page, and its share says nothing of either. */
const COUNTS = { warmUp: 20, blocks: 200, perBlock: 500, sizeBytes: 32 };

const each = await inEachBenchPage(
  'bench/support/send-page.ts',
  (counts: typeof COUNTS) => window.benchSend(counts),
  COUNTS,
);
printComparison({ what: `send of ${COUNTS.sizeBytes} bytes`, unit: 'µs', goal: GOAL, each });
