/**
 * Measures recovery beside other libraries, between real browsers in network namespaces, and writes docs/FIELD.md. Needs root.
 *
 *   npm run bench:field -- --runs 3              measures until three runs of each fault are on file, for each pair of browsers and each library
 *   npm run bench:field -- --faults reload --browsers ff --subjects bare,peerjs --runs 4
 *   npm run bench:field -- --fresh               forgets all runs on file first; a round then takes more than an hour
 *
 * The repository contains runs on file, so in a fresh clone nothing is due without `--fresh` or a higher `--runs`.
 */
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LAB_NEEDS, Lab } from '../tests/network/support/lab.js';
import { bundle } from '../tests/support/page-bundles.js';
import { requires } from '../tests/support/requirements';
import { FAULTS, type Fault } from './field/faults';
import { type FieldRun, isOf, type Outcome, PAIRS, SUBJECTS, writeFieldReport } from './field/report';
import { type Browsers, PEERS, Scene } from './field/scene';
import { readRuns } from './support/runs-file';

/** Committed, so that the report can be regenerated and extended anywhere. */
const RUNS_FILE = 'bench/field-runs.ndjson';
const PEER_SERVER_PORT = 9000;
const CONNECT_PATIENCE_MS = 60_000;
/** From the end of a fault, or from its start if it lasts. */
const PATIENCE_MS = 60_000;
const SETTLED_MS = 3_000;

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '1' },
    faults: { type: 'string', default: FAULTS.map(({ name }) => name).join() },
    browsers: { type: 'string', default: PAIRS.map(({ browsers }) => browsers).join() },
    subjects: { type: 'string', default: Object.keys(SUBJECTS).join() },
    fresh: { type: 'boolean', default: false },
  },
});
const subjects = flags.subjects.split(',');
const cells = FAULTS.filter(({ name }) => flags.faults.split(',').includes(name)).flatMap((fault) =>
  fault.browsers
    .filter((browsers) => flags.browsers.split(',').includes(browsers))
    .flatMap((browsers) => subjects.map((subject) => ({ fault, browsers, subject }))),
);

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
  for (const { fault, browsers, subject } of cells) {
    const cell = { fault: fault.name, browsers, subject };
    if (readRuns<FieldRun>(RUNS_FILE).filter((run) => isOf(run, cell)).length >= round) continue;
    process.stdout.write(`[${round}/${flags.runs}] ${fault.title}, ${browsers}, ${subject} … `);
    const outcome = await once(fault, browsers, subject);
    const run: FieldRun = { ...cell, ...outcome, load: Number(loadavg()[0]?.toFixed(1)) };
    appendFileSync(RUNS_FILE, `${JSON.stringify(run)}\n`);
    console.log(`back ${run.backMs} ms, told ${run.toldMs} ms, stale ${run.stale}`);
  }
writeFieldReport(readRuns<FieldRun>(RUNS_FILE));

async function once(fault: Fault, browsers: Browsers, subject: string): Promise<Outcome> {
  const lab = await Lab.open();
  try {
    await lab.startBeside(PEER_SERVER, ['--port', String(PEER_SERVER_PORT)], /Started PeerServer/);
    const party = {
      origin: lab.origin,
      peerServer: { host: new URL(lab.origin).hostname, port: PEER_SERVER_PORT },
      iceServers: fault.withTurn ? lab.iceServers : lab.iceServers.slice(0, 1),
    };
    const scene = new Scene(lab, { subject, browsers, party, scripts });
    await Promise.all(PEERS.map((peer) => scene.enter(peer)));
    if ((await freshAfter(scene, Date.now(), CONNECT_PATIENCE_MS)) === null)
      throw new Error(`${subject} did not connect`);
    await delay(SETTLED_MS);
    const { faultAtMs, healedAtMs } = await fault.play(scene);
    // By then a lasting fault has been noticed by both ends, and everything in flight has arrived.
    const backMs = await freshAfter(scene, healedAtMs ?? faultAtMs + SETTLED_MS, PATIENCE_MS);
    const traffic = await scene.ask((sinceMs) => window.field.traffic(sinceMs), faultAtMs - 100);
    const told = await scene.ask((sinceMs) => window.field.toldAfter(sinceMs), faultAtMs);
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

/** Waits until each page has received something sent since. @returns the later of both times, in ms; null if one never did. */
async function freshAfter(scene: Scene, sinceMs: number, patienceMs: number): Promise<number | null> {
  const deadlineMs = Math.max(Date.now(), sinceMs) + patienceMs;
  for (;;) {
    const each = await scene.ask((since) => window.field.freshAfter(since), sinceMs);
    if (each.every((ms) => ms !== null)) return Math.max(...each.map(Number));
    if (Date.now() > deadlineMs) return null;
    await delay(50);
  }
}
