/**
 * Sums vitest's JSON reports: `node scripts/sum-reports.mjs fast slow`. Names the skipped and failed tests, and ends with
 * the line `N passed, N failed, N skipped`. A missing report, or a file that did not load, counts as one failure, so that a
 * crashed run does not look successful.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../.vitest-results/', import.meta.url);
const SKIPPED = new Set(['skipped', 'pending', 'todo', 'disabled']);

const totals = { passed: 0, failed: 0, skipped: 0 };

function count(status, title) {
  totals[status] += 1;
  if (status !== 'passed') console.log(`${status.toUpperCase()}: ${title}`);
}

function sumFile({ name, status, assertionResults }) {
  for (const test of assertionResults) {
    const skipped = SKIPPED.has(test.status);
    count(skipped ? 'skipped' : test.status, `${relative(name)} › ${test.fullName}`);
  }
  const explained = assertionResults.some((test) => test.status === 'failed');
  if (status === 'failed' && !explained) count('failed', `${relative(name)} did not load`);
}

function relative(path) {
  return path.replace(fileURLToPath(new URL('../', import.meta.url)), '');
}

for (const name of process.argv.slice(2)) {
  try {
    JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')).testResults.forEach(sumFile);
  } catch (error) {
    count('failed', `no report of the ${name} tests (${error.message})`);
  }
}

console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
if (totals.failed > 0) process.exitCode = 1;
