import { inBenchPage } from './support/bench-page';
import { printComparison } from './support/figures';

/** What `manager.send` costs beside `dataChannel.send`, in an open pair. */

const GOAL = 1.1;
const COUNTS = { warmUp: 10, blocks: 60, perBlock: 2_000, sizeBytes: 32 };

const samples = await inBenchPage(
  'bench/support/send-page.ts',
  (counts: typeof COUNTS) => window.benchSend(counts),
  COUNTS,
);
printComparison({ what: `send of ${COUNTS.sizeBytes} bytes`, unit: 'µs', goal: GOAL, samples });
