// Mutation score, folder by folder: `npm run test:mutation`, or `npm run test:mutation -- src/peer` for some of them. Each folder
// remembers what it found in reports/mutation, so that a run that was broken off, or one after a change, only tests what is new.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';

/** Killed mutants in a hundred. */
const GOAL = 85;
const REPORTS = 'reports/mutation';

/** What holds types or names alone has nothing to mutate. */
const FOLDERS = {
  machines: ['machines/**/*.ts', '!machines/index.ts'],
  'src/signaling': ['src/signaling/**/*.ts'],
  'src/stats': ['src/stats/**/*.ts'],
  'src/environment': ['src/environment/**/*.ts', 'src/log/**/*.ts', 'src/emitter.ts'],
  'src/controller': ['src/controller/**/*.ts'],
  'src/webrtc-manager': ['src/webrtc-manager.ts', 'src/webrtc-manager/**/*.ts'],
  'src/peer': ['src/peer/**/*.ts'],
};

const reportOf = (folder) => `${REPORTS}/${folder.replace('/', '-')}.json`;

function mutate(folder) {
  console.log(`\n===== mutants of ${folder}`);
  const args = [
    'stryker',
    'run',
    '--incrementalFile',
    reportOf(folder),
    '--mutate',
    FOLDERS[folder].join(','),
  ];
  const env = { ...process.env, MUTATED: folder };
  return spawnSync('npx', args, { stdio: 'inherit', env }).status === 0;
}

function countsOf(folder) {
  if (!existsSync(reportOf(folder))) return null;
  const { files } = JSON.parse(readFileSync(reportOf(folder), 'utf8'));
  const counts = { killed: 0, timedOut: 0, survived: 0, uncovered: 0, invalid: 0 };
  const names = { Killed: 'killed', Timeout: 'timedOut', Survived: 'survived', NoCoverage: 'uncovered' };
  for (const { mutants } of Object.values(files))
    for (const { status } of mutants) counts[names[status] ?? 'invalid'] += 1;
  return counts;
}

const scoreOf = ({ killed, timedOut, survived, uncovered }) =>
  (100 * (killed + timedOut)) / (killed + timedOut + survived + uncovered);

const line = (name, counts) =>
  [
    name.padEnd(20),
    ...Object.values(counts).map((count) => String(count).padStart(9)),
    scoreOf(counts).toFixed(1).padStart(7),
  ].join(' ');

const wanted = process.argv.slice(2);
const unknown = wanted.filter((folder) => !(folder in FOLDERS));
if (unknown.length > 0)
  throw new Error(`no such folder: ${unknown.join(', ')}; known: ${Object.keys(FOLDERS).join(', ')}`);

mkdirSync(REPORTS, { recursive: true });
const broken = Object.keys(FOLDERS).filter(
  (folder) => (wanted.length === 0 || wanted.includes(folder)) && !mutate(folder),
);

const known = Object.keys(FOLDERS).flatMap((folder) => {
  const counts = countsOf(folder);
  return counts ? [[folder, counts]] : [];
});
const all = { killed: 0, timedOut: 0, survived: 0, uncovered: 0, invalid: 0 };
for (const [, counts] of known) for (const name of Object.keys(all)) all[name] += counts[name];
console.log(`\n${'mutants of'.padEnd(20)}    killed  timedOut  survived uncovered   invalid   score`);
for (const [folder, counts] of known) console.log(line(folder, counts));
console.log(line('all', all));
const low = known.filter(([, counts]) => scoreOf(counts) < GOAL).map(([folder]) => folder);
if (low.length > 0) console.error(`below ${GOAL} %: ${low.join(', ')}`);
if (broken.length > 0) console.error(`Stryker failed on: ${broken.join(', ')}`);
process.exitCode = scoreOf(all) < GOAL || broken.length > 0 ? 1 : 0;
