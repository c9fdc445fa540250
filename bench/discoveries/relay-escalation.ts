/**
 * How long data stops when the direct path is blocked for good and TURN is available, by strategy. The
 * peers suspect the link after 800 ms of silence.
 *   npx tsx bench/discoveries/relay-escalation.ts --runs 5 --strategies fresh-2,relay-2,restart-2
 * Needs root. Prints one line of JSON per session and run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Lab } from '../../tests/network/support/lab.js';
import { TwoPages } from './two-pages.js';

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    strategies: { type: 'string', default: 'fresh-2,relay-2,restart-2' },
    browsers: { type: 'string', default: 'cc' },
  },
});

const SETTLE_MS = 3_000;
const IN_FLIGHT_MS = 100;
const PATIENCE_MS = 15_000;

const strategies = Object.fromEntries(flags.strategies.split(',').map((name) => [name, name]));

for (let run = 0; run < Number(flags.runs); run += 1) {
  const lab = await Lab.open({ relay: 'stub' });
  try {
    const pages = await TwoPages.open(lab, flags.browsers, strategies, { iceServers: lab.turn.iceServers });
    await delay(SETTLE_MS);
    const blockedAt = await lab.blockDirectForGood();
    await delay(IN_FLIGHT_MS);
    await pages.forgetReceipts();
    const reports = await pages.reportsWhenFresh(blockedAt, PATIENCE_MS);
    for (const [strategy, report] of reports) {
      console.log(JSON.stringify({ strategy, browsers: flags.browsers, outage: 'blocked', run, ...report }));
    }
  } finally {
    await lab.close();
  }
}
