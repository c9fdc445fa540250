/**
 * How fast fresh data flows both ways after an outage, by strategy.
 *   npx tsx bench/discoveries/recovery.ts --outage 40 --runs 5 --strategies restart-1,fresh-2 [--browsers cc|cf|fc|ff]
 * Needs root. One line of JSON per session and run on stdout.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { launchChromium } from '../../tests/network/support/chromium.js';
import { launchFirefox } from '../../tests/network/support/firefox.js';
import { Lab } from '../../tests/network/support/lab.js';
import type { LabBrowser, LabPage } from '../../tests/network/support/lab-page.js';
import type { Peer } from '../../tests/network/support/namespaces.js';

const { values: flags } = parseArgs({
  options: {
    outage: { type: 'string', default: '40' },
    runs: { type: 'string', default: '5' },
    strategies: { type: 'string', default: 'restart-1' },
    browsers: { type: 'string', default: 'cc' },
    /** Sessions per strategy that share one outage. */
    copies: { type: 'string', default: '1' },
    /** Longest wait for fresh data after the heal, in seconds. */
    patience: { type: 'string', default: '8' },
  },
});

const source =
  buildSync({
    entryPoints: [new URL('./recovery-page.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
  }).outputFiles[0]?.text ?? '';

const strategies = Object.fromEntries(
  flags.strategies.split(',').flatMap((strategy) =>
    Array.from({ length: Number(flags.copies) }, (_, copy) => [`${strategy}#${copy}`, strategy] as const),
  ),
);

for (let run = 0; run < Number(flags.runs); run += 1) await measure(run);

async function measure(run: number): Promise<void> {
  const lab = await Lab.open();
  try {
    const [a, b] = await Promise.all([openPage(lab, 'a'), openPage(lab, 'b')]);
    await Promise.all([a.evaluate(startBench, ['a', strategies] as const), b.evaluate(startBench, ['b', strategies] as const)]);
    await delay(500);
    await a.evaluate(() => globalThis.bench.connect(), null);
    await until(async () => (await a.evaluate(() => globalThis.bench.allHeard(), null)) && b.evaluate(() => globalThis.bench.allHeard(), null));
    await delay(3_000);
    await lab.cutPeerToPeerUdp();
    await delay(100);
    for (const page of [a, b]) await page.evaluate(() => globalThis.bench.forgetReceipts(), null);
    // Not a whole number of seconds: the end must not fall in step with the loops.
    const outageMs = Number(flags.outage) * 1000 + Math.random() * 3000;
    await delay(outageMs - 500);
    const before = await a.evaluate(() => globalThis.bench.reports(0), null);
    await delay(400);
    const healedAt = await lab.heal();
    await report(run, outageMs, healedAt, a, b, before);
  } finally {
    await lab.close();
  }
}

async function report(run: number, outageMs: number, healedAt: number, a: LabPage, b: LabPage, before: Awaited<ReturnType<typeof reportsOf>>): Promise<void> {
  const deadline = healedAt + Number(flags.patience) * 1000;
  let [ofA, ofB] = [await reportsOf(a, healedAt), await reportsOf(b, healedAt)];
  const allFresh = (): boolean => [...Object.values(ofA), ...Object.values(ofB)].every((one) => one.firstFreshMs !== null);
  while (!allFresh() && Date.now() < deadline) {
    await delay(250);
    [ofA, ofB] = [await reportsOf(a, healedAt), await reportsOf(b, healedAt)];
  }
  for (const [id, strategy] of Object.entries(strategies)) {
    const [first, second] = [ofA[id], ofB[id]];
    const bothMs = first?.firstFreshMs == null || second?.firstFreshMs == null ? null : Math.max(first.firstFreshMs, second.firstFreshMs);
    const { browsers, outage } = flags;
    console.log(JSON.stringify({ strategy, browsers, outage: Number(outage), run, outageMs: Math.round(outageMs), bothMs, a: first, b: second, before: before[id]?.states }));
  }
}

function reportsOf(page: LabPage, healedAt: number) {
  return page.evaluate((at: number) => globalThis.bench.reports(at), healedAt);
}

function startBench([role, all]: readonly [Peer, Record<string, string>]): void {
  globalThis.bench.start(role, all, {});
}

async function openPage(lab: Lab, peer: Peer): Promise<LabPage> {
  const wanted = flags.browsers[peer === 'a' ? 0 : 1];
  const launch: (options: { namespace: string }) => Promise<LabBrowser> = wanted === 'f' ? launchFirefox : launchChromium;
  const browser = await launch({ namespace: lab.namespaceOf(peer) });
  lab.closeFirst(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`${lab.origin}/blank.html`);
  await page.addScript(source);
  return page;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await delay(50);
}
