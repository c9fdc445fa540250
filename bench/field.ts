/**
 * Measures recovery beside other libraries, between real Chromiums in network namespaces, and writes docs/FIELD.md. Needs root.
 *
 *   npm run bench:field                          each fault once for each subject, about half an hour
 *   npm run bench:field -- --runs 3              until there are three of each on file
 *   npm run bench:field -- --faults udp-20 --subjects bare,peerjs
 *   npm run bench:field -- --fresh               forgets all runs on file first
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LAB_NEEDS, Lab } from '../tests/network/support/lab.js';
import type { LabPage } from '../tests/network/support/lab-page.js';
import { bundle } from '../tests/support/page-bundles.js';
import { requires } from '../tests/support/requirements';
import { FAULTS, type Fault } from './field/faults';
import { type FieldRun, type Outcome, SUBJECTS, writeFieldReport } from './field/report';
import { readRuns } from './support/runs-file';

/** Committed, so that the report can be written anew, and measured on, anywhere. */
const RUNS_FILE = 'bench/field-runs.ndjson';
const PEERS = ['a', 'b'] as const;
const PEER_SERVER_PORT = 9000;
const CONNECT_PATIENCE_MS = 60_000;
/** From the end of a fault, or from its beginning where it lasts. */
const PATIENCE_MS = 60_000;
const SETTLED_MS = 3_000;

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '1' },
    faults: { type: 'string', default: FAULTS.map(({ name }) => name).join() },
    subjects: { type: 'string', default: Object.keys(SUBJECTS).join() },
    fresh: { type: 'boolean', default: false },
  },
});
const subjects = flags.subjects.split(',');
const faults = FAULTS.filter(({ name }) => flags.faults.split(',').includes(name));

if (flags.fresh) rmSync(RUNS_FILE, { force: true });
if (!requires(...LAB_NEEDS)) throw new Error('The lab of network namespaces cannot run here.');

const installed = (path: string) => fileURLToPath(new URL(`./field/node_modules/${path}`, import.meta.url));
const PEER_SERVER = installed('peer/dist/bin/peerjs.js');
const scripts = [
  ...['peerjs/dist/peerjs.min.js', 'simple-peer/simplepeer.min.js'].map((path) =>
    readFileSync(installed(path), 'utf8'),
  ),
  await bundle({ entry: 'bench/field/page.ts', format: 'iife' }),
];

for (let round = 1; round <= Number(flags.runs); round += 1)
  for (const fault of faults)
    for (const subject of subjects) {
      const isSame = (run: FieldRun) => run.fault === fault.name && run.subject === subject;
      if (readRuns<FieldRun>(RUNS_FILE).filter(isSame).length >= round) continue;
      process.stdout.write(`[${round}/${flags.runs}] ${fault.title}, ${subject} … `);
      const run: FieldRun = { fault: fault.name, subject, ...(await once(fault, subject)) };
      appendFileSync(RUNS_FILE, `${JSON.stringify(run)}\n`);
      console.log(`back ${run.backMs} ms, told ${run.toldMs} ms, stale ${run.stale}`);
    }
writeFieldReport(readRuns<FieldRun>(RUNS_FILE));

async function once(fault: Fault, subject: string): Promise<Outcome> {
  const lab = await Lab.open();
  try {
    await lab.startBeside(PEER_SERVER, ['--port', String(PEER_SERVER_PORT)], /Started PeerServer/);
    const pages = await Promise.all(PEERS.map((peer) => open(lab, peer)));
    const party = {
      origin: lab.origin,
      peerServer: { host: new URL(lab.origin).hostname, port: PEER_SERVER_PORT },
      game: randomUUID(),
      iceServers: fault.withTurn ? lab.iceServers : lab.iceServers.slice(0, 1),
    };
    await Promise.all(
      PEERS.map((me, index) =>
        pages[index]?.evaluate(([name, given]) => window.field.start(name, given), [
          subject,
          { ...party, me },
        ] as const),
      ),
    );
    if ((await freshAfter(pages, Date.now(), CONNECT_PATIENCE_MS)) === null)
      throw new Error(`${subject} did not connect`);
    await delay(SETTLED_MS);
    const { faultAtMs, healedAtMs } = await fault.play(lab);
    // Of a fault that lasts what was under way, and what an end has not noticed yet, is over by then.
    const backMs = await freshAfter(pages, healedAtMs ?? faultAtMs + SETTLED_MS, PATIENCE_MS);
    const traffic = await Promise.all(
      pages.map((page) => page.evaluate((sinceMs) => window.field.traffic(sinceMs), faultAtMs - 100)),
    );
    const told = await Promise.all(
      pages.map((page) => page.evaluate((sinceMs) => window.field.toldAfter(sinceMs), faultAtMs)),
    );
    const first = Math.min(...told.map((ms) => ms ?? Number.POSITIVE_INFINITY));
    const silenceMs = Math.max(...traffic.map(({ longestSilenceMs }) => longestSilenceMs));
    return {
      backMs: backMs !== null && healedAtMs === null ? silenceMs : backMs,
      toldMs: Number.isFinite(first) ? first : null,
      stale: Math.max(...traffic.map(({ stale }) => stale)),
    };
  } finally {
    await lab.close();
  }
}

async function open(lab: Lab, peer: 'a' | 'b'): Promise<LabPage> {
  const browser = await lab.launch(peer, 'c');
  const page = await browser.newPage();
  await page.goto(`${lab.origin}/blank.html`);
  for (const script of scripts) await page.addScript(script);
  return page;
}

/** Waits until each page heard something that was sent since. @returns the later of both, in ms; null where one never did. */
async function freshAfter(
  pages: readonly LabPage[],
  sinceMs: number,
  patienceMs: number,
): Promise<number | null> {
  const deadlineMs = Math.max(Date.now(), sinceMs) + patienceMs;
  for (;;) {
    const each = await Promise.all(
      pages.map((page) => page.evaluate((since) => window.field.freshAfter(since), sinceMs)),
    );
    if (each.every((ms) => ms !== null)) return Math.max(...each.map(Number));
    if (Date.now() > deadlineMs) return null;
    await delay(50);
  }
}
