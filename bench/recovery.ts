/**
 * Measures recovery between real browsers and writes docs/RECOVERY.md. Needs root, for network namespaces; cells (10) and (12) do not.
 *
 *   npm run bench:recovery                 a subset, until one run of each is on file
 *   npm run bench:recovery -- --full       every cell, until five runs of each are on file; takes hours. Resumes where it stopped.
 *   npm run bench:recovery -- --cells udp-20-cc,reload-cc --runs 3
 *   npm run bench:recovery -- --fresh      first forgets all runs on file, including those of other cells
 *
 * The repository contains runs on file, so in a fresh clone nothing is due without `--fresh` or a higher `--runs`.
 */
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Cell } from '../tests/network/support/cell.js';
import { CELLS } from '../tests/network/support/cells.js';
import { LAB_NEEDS } from '../tests/network/support/lab.js';
import type { Match } from '../tests/network/support/match.js';
import { stage } from '../tests/network/support/play.js';
import { requires } from '../tests/support/requirements';
import { type Run, recoveryReport } from './recovery-report.js';
import { readRuns } from './support/runs-file';

const SUBSET = ['udp-20-cc', 'udp-40-cc', 'peer-20-cc', 'address-cc', 'blocked-cc', 'turn-cc', 'reload-cc'];
/** Committed, so that the report can be regenerated and extended anywhere. */
const RUNS_FILE = 'bench/recovery-runs.ndjson';

const { values: flags } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    cells: { type: 'string' },
    runs: { type: 'string' },
    preset: { type: 'string', default: 'rollback' },
    /** Forgets earlier runs. */
    fresh: { type: 'boolean', default: false },
    /** Prints the log of both ends of each run. */
    verbose: { type: 'boolean', default: false },
  },
});

const preset = flags.preset === 'default' ? 'default' : 'rollback';
const wanted = flags.cells?.split(',') ?? (flags.full ? CELLS.map(({ name }) => name) : SUBSET);
const runsEach = Number(flags.runs ?? (flags.full ? 5 : 1));

if (flags.fresh) rmSync(RUNS_FILE, { force: true });

const onFile = readRuns<Run>(RUNS_FILE).filter((run) => wanted.includes(run.cell) && run.preset === preset);
const due = CELLS.filter(({ name }) => wanted.includes(name)).flatMap((cell) => {
  const done = onFile.filter((run) => run.cell === cell.name).length;
  return Array.from({ length: Math.max(0, runsEach - done) }, () => cell);
});
if (due.length === 0)
  console.log(`nothing to measure: ${onFile.length} runs are on file; --fresh measures again`);

if (due.some(({ on }) => on === 'lab') && !requires(...LAB_NEEDS))
  throw new Error('The lab of network namespaces cannot run here.');

for (const [index, cell] of due.entries()) {
  process.stdout.write(`[${index + 1}/${due.length}] ${cell.title}, ${cell.browsers}, ${preset} … `);
  const run = await once(cell);
  appendFileSync(RUNS_FILE, `${JSON.stringify(run)}\n`);
  console.log(
    `after heal ${run.afterHealMs} ms, outage ${run.outageMs} ms, notice ${run.noticeMs} ms, stale ${run.stale}, attempts ${run.attempts}`,
    run.faults.length === 0 ? '' : run.faults,
  );
  writeReport();
}
writeReport();

function writeReport(): void {
  writeFileSync('docs/RECOVERY.md', recoveryReport(readRuns<Run>(RUNS_FILE)));
}

async function once(cell: Cell): Promise<Run> {
  const { match, play } = await stage(cell, preset);
  try {
    const figures = await play();
    if (flags.verbose) for (const peer of ['a', 'b'] as const) await printLog(match, peer);
    return { ...figures, preset };
  } finally {
    await match.close();
  }
}

async function printLog(match: Match, peer: 'a' | 'b'): Promise<void> {
  const records = match.has(peer) ? await match.drive(peer, 'records') : [];
  for (const { source, name, detail, wallMs } of records)
    if (source === 'socket' || name === 'state' || name.startsWith('onConnection'))
      console.log('  ', peer, wallMs % 1e6, name, JSON.stringify(detail));
}
