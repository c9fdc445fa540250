import { readFileSync, writeFileSync } from 'node:fs';
import { FAULTS } from './faults';

/** One run. */
export interface FieldRun extends Outcome {
  fault: string;
  subject: string;
}

export interface Outcome {
  /** From the end of the fault until both ends hear each other, or the longest silence of either where it lasts; null where not within a minute. */
  backMs: number | null;
  /** From the fault until the first of both games is told; null where none is. */
  toldMs: number | null;
  /** Messages older than 500 ms that were delivered after the fault had begun, of the end that got more of them. */
  stale: number;
}

/** By their name in the runs, as the report calls them. */
export const SUBJECTS: Readonly<Record<string, string>> = {
  'holdfast-rollback': 'Holdfast, `rollback`',
  'holdfast-default': 'Holdfast, `default`',
  bare: 'perfect negotiation and `restartIce()`',
  'simple-peer': 'simple-peer 9.11.1',
  peerjs: 'PeerJS 1.5.5',
};

const show = (ms: number) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);

/** Every run, the quickest first. `never`: what is said of those that have none. */
function cell(runs: readonly FieldRun[], figure: 'backMs' | 'toldMs', never: string): string {
  if (runs.length === 0) return '–';
  const figures = runs.flatMap((run) => run[figure] ?? []).sort((one, other) => one - other);
  return [...figures.map(show), ...Array<string>(runs.length - figures.length).fill(never)].join(', ');
}

function table(runs: readonly FieldRun[], cellOf: (own: readonly FieldRun[]) => string): string {
  const rows = FAULTS.map(({ name, title }) => {
    const cells = Object.keys(SUBJECTS).map((subject) =>
      cellOf(runs.filter((run) => run.fault === name && run.subject === subject)),
    );
    return `| ${title} | ${cells.join(' | ')} |`;
  });
  const names = Object.values(SUBJECTS);
  return [`| fault | ${names.join(' | ')} |`, `|---|${'---|'.repeat(names.length)}`, ...rows].join('\n');
}

/** Writes docs/FIELD.md: text and tables from here and the runs, and behind them bench/field/notes.md, which is written by hand. */
export function writeFieldReport(runs: readonly FieldRun[]): void {
  writeFileSync(
    'docs/FIELD.md',
    `# Beside other libraries

Written by \`npm run bench:field\`: the same two Chromiums, network namespaces, faults and sixty messages a second for each; only what keeps the
link differs. Every run is listed.

## Until the link is back

From the end of the fault until both players hear each other again; of a fault that lasts, the longest silence of either. *Never*: not within a minute.

${table(runs, (own) => cell(own, 'backMs', '**never**'))}

## Until the game is told

From the fault until the first of both games hears of trouble.

${table(runs, (own) => cell(own, 'toldMs', 'not told'))}

## Messages past their life

How many were delivered that were older than 500 ms, of the end that got more of them.

${table(runs, (own) => own.map(({ stale }) => stale).join(', ') || '–')}

${readFileSync('bench/field/notes.md', 'utf8')}`,
  );
}
