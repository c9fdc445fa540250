// Mutation score by folder: `npm run test:mutation`, or `npm run test:mutation -- src/peer` for some folders, or `-- --report` for
// the scores only. Each batch of files saves its results in reports/mutation, so that the run after an interruption or a change only
// tests what is new.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** Percentage of killed mutants. */
const GOAL = 85;
const REPORTS = 'reports/mutation';
/** Each batch costs a dry run of half a minute; an interrupted run loses one batch. */
const LINES_OF_A_BATCH = 250;

const FOLDERS = [
  'machines',
  'src/signaling',
  'src/stats',
  'src/environment',
  'src/log',
  'src/controller',
  'src/peer',
  'src',
  'src/inspect',
  'src/testing',
];

/** The files of a folder including its subfolders, except for `src`, whose subfolders have their own lines. */
function filesOf(folder) {
  const recursive = folder !== 'src';
  const names = readdirSync(folder, { recursive }).filter((name) => name.endsWith('.ts'));
  return names.map((name) => `${folder}/${name}`).sort();
}

const linesOf = (file) => readFileSync(file, 'utf8').split('\n').length;
const reportOf = ([first]) => `${REPORTS}/${first.replaceAll('/', '-')}.json`;

function batchesOf(folder) {
  const batches = [];
  let room = 0;
  for (const file of filesOf(folder)) {
    const lines = linesOf(file);
    if (batches.length === 0 || lines > room) {
      batches.push([]);
      room = LINES_OF_A_BATCH;
    }
    batches.at(-1).push(file);
    room -= lines;
  }
  return batches;
}

function mutate(folder, batch) {
  console.log(`\n===== mutants of ${batch.join(', ')}`);
  const args = ['stryker', 'run', '--incrementalFile', reportOf(batch), '--mutate', batch.join(',')];
  const env = { ...process.env, MUTATED: folder };
  return spawnSync('npx', args, { stdio: 'inherit', env }).status === 0;
}

const NAMES = { Killed: 'killed', Timeout: 'timedOut', Survived: 'survived', NoCoverage: 'uncovered' };
const none = () => ({ killed: 0, timedOut: 0, survived: 0, uncovered: 0, invalid: 0 });

function countsOf(folder) {
  const counts = none();
  for (const batch of batchesOf(folder).filter((each) => existsSync(reportOf(each)))) {
    const { files } = JSON.parse(readFileSync(reportOf(batch), 'utf8'));
    // Stryker keeps results for files that now belong to another batch.
    for (const file of batch)
      for (const { status } of files[file]?.mutants ?? []) counts[NAMES[status] ?? 'invalid'] += 1;
  }
  return counts;
}

const judgedOf = ({ killed, timedOut, survived, uncovered }) => killed + timedOut + survived + uncovered;
const scoreOf = (counts) => (100 * (counts.killed + counts.timedOut)) / judgedOf(counts);

const line = (name, counts) =>
  [
    name.padEnd(20),
    ...Object.values(counts).map((count) => String(count).padStart(9)),
    scoreOf(counts).toFixed(1).padStart(7),
  ].join(' ');

const { positionals, values } = parseArgs({
  options: { report: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((folder) => !FOLDERS.includes(folder));
if (unknown.length > 0)
  throw new Error(`no such folder: ${unknown.join(', ')}; known: ${FOLDERS.join(', ')}`);

mkdirSync(REPORTS, { recursive: true });
const wanted = positionals.length > 0 ? positionals : FOLDERS;
const batches = values.report
  ? []
  : wanted.flatMap((folder) => batchesOf(folder).map((batch) => [folder, batch]));
const broken = batches
  .filter(([folder, batch]) => !mutate(folder, batch))
  .map(([, batch]) => batch.join(', '));

const known = FOLDERS.map((folder) => [folder, countsOf(folder)]).filter(
  ([, counts]) => judgedOf(counts) > 0,
);
const all = none();
for (const [, counts] of known) for (const name of Object.keys(all)) all[name] += counts[name];
console.log(`\n${'mutants of'.padEnd(20)}    killed  timedOut  survived uncovered   invalid   score`);
for (const [folder, counts] of known) console.log(line(folder, counts));
console.log(line('all', all));
const low = known.filter(([, counts]) => scoreOf(counts) < GOAL).map(([folder]) => folder);
if (low.length > 0) console.error(`below ${GOAL} %: ${low.join(', ')}`);
for (const batch of broken) console.error(`Stryker failed on: ${batch}`);
process.exitCode = scoreOf(all) < GOAL || broken.length > 0 ? 1 : 0;
