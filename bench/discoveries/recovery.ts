/**
 * How soon fresh data flows both ways after an outage of UDP between the peers, by strategy.
 *   npx tsx bench/discoveries/recovery.ts --outage 40 --runs 5 --strategies restart-1,fresh-2 [--browsers cf]
 * Needs root. Prints one line of JSON per session and run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Lab } from '../../tests/network/support/lab.js';
import { TwoPages } from './two-pages.js';

const { values: flags } = parseArgs({
  options: {
    /** Seconds. */
    outage: { type: 'string', default: '40' },
    runs: { type: 'string', default: '5' },
    strategies: { type: 'string', default: 'restart-1' },
    browsers: { type: 'string', default: 'cc' },
    /** Longest wait for fresh data after the heal, in seconds. */
    patience: { type: 'string', default: '8' },
  },
});

/** Lets every session settle on its pair before the cut. */
const SETTLE_MS = 3_000;
/** By then everything in flight at the cut has arrived. */
const IN_FLIGHT_MS = 100;
/** Not a whole number of seconds, so that the end of the outage is not in step with the loops. */
const SPREAD_MS = 3_000;

const strategies = Object.fromEntries(flags.strategies.split(',').map((name) => [name, name]));

for (let run = 0; run < Number(flags.runs); run += 1) await measure(run);

async function measure(run: number): Promise<void> {
  const lab = await Lab.open({ relay: 'stub' });
  try {
    const pages = await TwoPages.open(lab, flags.browsers, strategies);
    await delay(SETTLE_MS);
    await lab.cutPeerToPeerUdp();
    await delay(IN_FLIGHT_MS);
    await pages.forgetReceipts();
    const outageMs = Math.round(Number(flags.outage) * 1000 + Math.random() * SPREAD_MS);
    await delay(outageMs - 600);
    const before = await pages.reports(0);
    await delay(500);
    const healedAt = await lab.heal();
    const after = await pages.reportsWhenFresh(healedAt, Number(flags.patience) * 1000);
    for (const [strategy, report] of after) {
      const states = { a: before.get(strategy)?.a?.states, b: before.get(strategy)?.b?.states };
      console.log(
        JSON.stringify({
          strategy,
          browsers: flags.browsers,
          outage: Number(flags.outage),
          run,
          outageMs,
          ...report,
          before: states,
        }),
      );
    }
  } finally {
    await lab.close();
  }
}
