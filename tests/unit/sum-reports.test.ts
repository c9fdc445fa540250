import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { root } from '../support/root';

/** The output for these reports, or for a missing one if there are none. */
function sumOf(reports: Readonly<Record<string, string>>) {
  const tree = mkdtempSync(join(tmpdir(), 'holdfast-sum-'));
  onTestFinished(() => rmSync(tree, { recursive: true }));
  for (const folder of ['scripts', '.vitest-results']) mkdirSync(join(tree, folder));
  const script = join(tree, 'scripts', 'sum-reports.mjs');
  copyFileSync(join(root, 'scripts/sum-reports.mjs'), script);
  for (const [name, text] of Object.entries(reports))
    writeFileSync(join(tree, '.vitest-results', `${name}.json`), text);
  const names = Object.keys(reports);
  const args = [script, ...(names.length === 0 ? ['missing'] : names)];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { lines: stdout.trimEnd().split('\n'), status };
}

/** A report of one file, with tests of these statuses. */
const report = (status: string, ...statuses: string[]): string =>
  JSON.stringify({
    testResults: [
      {
        name: 'a.test.ts',
        status,
        assertionResults: statuses.map((each) => ({ fullName: each, status: each })),
      },
    ],
  });

describe('the sum of the reports', () => {
  it('ends in one line, after the names of skipped and failed tests', () => {
    const fast = report('failed', 'passed', 'passed', 'failed');
    const slow = report('passed', 'passed', 'skipped', 'pending', 'todo', 'disabled');
    expect(sumOf({ fast, slow })).toEqual({
      lines: [
        'FAILED: a.test.ts › failed',
        ...['skipped', 'pending', 'todo', 'disabled'].map((name) => `SKIPPED: a.test.ts › ${name}`),
        '3 passed, 1 failed, 4 skipped',
      ],
      status: 1,
    });
  });

  it('succeeds if nothing failed', () => {
    expect(sumOf({ fast: report('passed', 'passed') })).toEqual({
      lines: ['1 passed, 0 failed, 0 skipped'],
      status: 0,
    });
  });

  it.each([
    ['a file that did not load', { fast: report('failed') }, 0, 'FAILED: a.test.ts did not load'],
    ['a file that fails outside its tests', { fast: report('failed', 'passed') }, 1, 'did not load'],
    ['a truncated report', { fast: '{"testResults":[' }, 0, 'FAILED: no report of the fast tests'],
    ['a missing report', {}, 0, 'FAILED: no report of the missing tests'],
  ])('counts %s as failed', (_what, reports, passed, says) => {
    const { lines, status } = sumOf(reports);
    expect(lines).toEqual([expect.stringContaining(says), `${passed} passed, 1 failed, 0 skipped`]);
    expect(status).toBe(1);
  });
});
