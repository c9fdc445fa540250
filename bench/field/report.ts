import { readFileSync, writeFileSync } from 'node:fs';
import { FAULTS } from './faults';

/** One run. `backMs`: null where the link was not back within a minute. */
export interface FieldRun {
  fault: string;
  subject: string;
  backMs: number | null;
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

function cell(runs: readonly FieldRun[]): string {
  if (runs.length === 0) return '–';
  const back = runs.flatMap(({ backMs }) => backMs ?? []).sort((one, other) => one - other);
  const never = runs.length - back.length;
  const times = back.map(show).join(', ');
  if (never === 0) return times;
  return `${times && `${times}; `}**never** (${never} of ${runs.length})`;
}

/** Writes docs/FIELD.md: text and table from here and the runs, and behind them bench/field/notes.md, which is written by hand. */
export function writeFieldReport(runs: readonly FieldRun[]): void {
  const row = ({ name, title }: (typeof FAULTS)[number]) => {
    const cells = Object.keys(SUBJECTS).map((subject) =>
      cell(runs.filter((run) => run.fault === name && run.subject === subject)),
    );
    return `| ${title} | ${cells.join(' | ')} |`;
  };
  writeFileSync(
    'docs/FIELD.md',
    `# Beside other libraries

Written by \`npm run bench:field\`: the same two Chromiums, network namespaces, faults and sixty messages a second for each; only what keeps the
link differs. Every run is listed. For a fault that ends it is the time from its end until both players hear each other again, for one that lasts the
longest silence of either. *Never*: not within a minute of it.

| fault | ${Object.values(SUBJECTS).join(' | ')} |
|---|${'---|'.repeat(Object.keys(SUBJECTS).length)}
${FAULTS.map(row).join('\n')}

${readFileSync('bench/field/notes.md', 'utf8')}`,
  );
}
