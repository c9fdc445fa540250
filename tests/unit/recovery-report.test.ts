import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Run, recoveryReport } from '../../bench/recovery-report';
import { readRuns } from '../../bench/support/runs-file';
import { root } from '../support/root';

const RUN: Run = {
  cell: 'udp-20-cc',
  preset: 'rollback',
  noticeMs: 800,
  afterHealMs: 40,
  outageMs: 20_040,
  silenceMs: 20_040,
  stale: 0,
  states: { a: 'connected', b: 'connected' },
  attempts: 1,
  faults: [],
};

/** The columns of the single row that the runs make, starting with `n`. */
function rowOf(runs: readonly Partial<Run>[]): (string | undefined)[] {
  const rows = recoveryReport(runs.map((run) => ({ ...RUN, ...run }))).split('\n');
  const row = rows.find((line) => line.startsWith('| (1) peer-to-peer UDP dropped for 20 s |')) ?? '';
  return row
    .split('|')
    .slice(3, -1)
    .map((column) => column.trim());
}

describe('docs/RECOVERY.md', () => {
  it('matches the runs on file', async () => {
    const runs = readRuns<Run>(join(root, 'bench/recovery-runs.ndjson'));
    expect(await readFile(join(root, 'docs/RECOVERY.md'), 'utf8')).toBe(recoveryReport(runs));
  });

  it('has the median of the runs, the minimum and the maximum, beside the goals', () => {
    const runs = [
      { afterHealMs: 300, stale: 1 },
      { afterHealMs: 40, stale: 3, noticeMs: null, faults: ['a was told lost twice'] },
      { afterHealMs: 60, noticeMs: 900 },
    ];
    const goals = '150 ms met; each 250 ms **missed**';
    expect(rowOf(runs)).toEqual(['3', '60 ms', '40 ms … 300 ms', goals, '850 ms', '3', '2 of 3']);
  });

  it('has the mean of the two middle runs if their number is even', () => {
    const runs = [{ afterHealMs: 100 }, { afterHealMs: 240, noticeMs: 900 }];
    expect(rowOf(runs).slice(1, 5)).toEqual([
      '170 ms',
      '100 ms … 240 ms',
      '150 ms **missed**; each 250 ms met',
      '850 ms',
    ]);
  });

  it('counts a run that never came back as endless', () => {
    const never = { afterHealMs: null };
    const missed = '150 ms **missed**; each 250 ms **missed**';
    expect(rowOf([{}, never]).slice(0, 4)).toEqual(['2', 'never', '40 ms … never', missed]);
    expect(rowOf([{}, {}, never]).slice(0, 4)).toEqual([
      '3',
      '40 ms',
      '40 ms … never',
      '150 ms met; each 250 ms **missed**',
    ]);
  });
});
