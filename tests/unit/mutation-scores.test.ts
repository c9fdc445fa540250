import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { root } from '../support/root';

type Statuses = Readonly<Record<string, readonly string[]>>;

/** The output for a tree with these files, of so many lines each, and these reports. */
function scoresOf(files: Readonly<Record<string, number>>, reports: Readonly<Record<string, Statuses>>) {
  const tree = mkdtempSync(join(tmpdir(), 'holdfast-scores-'));
  onTestFinished(() => rmSync(tree, { recursive: true }));
  const write = (path: string, text: string) => {
    mkdirSync(join(tree, dirname(path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  };
  for (const folder of [
    'signaling',
    'stats',
    'environment',
    'log',
    'controller',
    'peer',
    'inspect',
    'testing',
  ])
    mkdirSync(join(tree, 'src', folder), { recursive: true });
  mkdirSync(join(tree, 'machines'));
  for (const [path, lines] of Object.entries(files)) write(path, '\n'.repeat(lines - 1));
  for (const [name, statuses] of Object.entries(reports)) {
    const mutants = Object.entries(statuses).map(([path, each]) => [
      path,
      { mutants: each.map((status) => ({ status })) },
    ]);
    write(`reports/mutation/${name}.json`, JSON.stringify({ files: Object.fromEntries(mutants) }));
  }
  const script = join(root, 'scripts/mutation.mjs');
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, '--report'], {
    cwd: tree,
    encoding: 'utf8',
  });
  const [, ...lines] = stdout.trim().split('\n');
  return { lines: lines.map((line) => line.trim().split(/ +/).join(' ')), said: stderr, status };
}

describe('the mutation scores', () => {
  it('count killed and timed-out mutants as killed, of all that are valid programs', () => {
    const statuses = ['Killed', 'Killed', 'Timeout', 'Survived', 'NoCoverage', 'CompileError', 'Ignored'];
    const { lines, said, status } = scoresOf(
      { 'src/peer/link.ts': 9, 'src/stats/path.ts': 9 },
      {
        'src-peer-link.ts': { 'src/peer/link.ts': statuses },
        'src-stats-path.ts': { 'src/stats/path.ts': ['Killed'] },
      },
    );
    expect(lines).toEqual(['src/stats 1 0 0 0 0 100.0', 'src/peer 2 1 1 1 2 60.0', 'all 3 1 1 1 2 66.7']);
    expect([said, status]).toEqual(['below 85 %: src/peer\n', 1]);
  });

  it('count a mutant once if a grown batch leaves a file to the next one but remembers its mutants', () => {
    const { lines } = scoresOf(
      { 'src/peer/link.ts': 200, 'src/peer/race.ts': 200 },
      {
        'src-peer-link.ts': { 'src/peer/link.ts': ['Killed'], 'src/peer/race.ts': ['Survived'] },
        'src-peer-race.ts': { 'src/peer/race.ts': ['Killed'] },
      },
    );
    expect(lines).toEqual(['src/peer 2 0 0 0 0 100.0', 'all 2 0 0 0 0 100.0']);
  });
});
