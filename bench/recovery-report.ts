import { readFileSync } from 'node:fs';
import type { Cell } from '../tests/network/support/cell.js';
import { CELLS } from '../tests/network/support/cells.js';
import type { Figures } from '../tests/network/support/play.js';
import { median } from './support/figures';

const NOTES = new URL('recovery-notes.md', import.meta.url);

export type Run = Figures & { preset: 'default' | 'rollback' };

const show = (ms: number) => {
  if (Number.isNaN(ms)) return '–';
  return Number.isFinite(ms) ? `${Math.round(ms)} ms` : 'never';
};

/** The goal, and whether it was met: by the median, and by the worst run where the goal asks for each. */
function verdictOf({ goalMs, worstMs }: Cell, figures: readonly number[]): string {
  if (goalMs === null) return '';
  const judge = (valueMs: number, limitMs: number) =>
    `${show(limitMs)} ${valueMs <= limitMs ? 'met' : '**missed**'}`;
  const ofMedian = judge(median(figures), goalMs);
  return worstMs === undefined ? ofMedian : `${ofMedian}; each ${judge(Math.max(...figures), worstMs)}`;
}

function row(runs: readonly Run[], preset: Run['preset'], name: string): string | null {
  const cell = CELLS.find((each) => each.name === name);
  const own = runs.filter((run) => run.cell === name && run.preset === preset);
  if (!cell || own.length === 0) return null;
  const { figure } = cell;
  // A run that never came back counts as endless.
  const figures = figure === null ? [] : own.map((run) => run[figure] ?? Number.POSITIVE_INFINITY);
  const notices = own.flatMap((run) => run.noticeMs ?? []);
  const good = own.filter((run) => run.faults.length === 0).length;
  const verdict = preset === 'default' ? '' : verdictOf(cell, figures);
  const spread = figures.length === 0 ? '–' : `${show(Math.min(...figures))} … ${show(Math.max(...figures))}`;
  return `| ${cell.title} | ${cell.browsers} | ${own.length} | ${show(median(figures))} | ${spread} | ${verdict} | ${show(median(notices))} | ${Math.max(...own.map(({ stale }) => stale))} | ${good} of ${own.length} |`;
}

function table(runs: readonly Run[], preset: Run['preset']): string {
  const rows = CELLS.flatMap(({ name }) => row(runs, preset, name) ?? []);
  if (rows.length === 0) return '';
  return `## Preset \`${preset}\`

| fault | browsers | n | median | spread | goal | first notice (median) | stale messages (most) | ended as expected, announcements paired |
|---|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

/** Text and tables from here and the runs, followed by bench/recovery-notes.md, which is written by hand. */
export function recoveryReport(runs: readonly Run[]): string {
  return `# Recovery, measured

\`npm run bench:recovery\` writes this page. Every figure is a run between real browsers in network namespaces, with 60 messages a second each
way unless the game is idle, an RTT below 1 ms, and a shared machine with two cores. Faults (10) and (12) run on loopback, through a
UDP relay; there a run ends as expected if no *lost* fires and nothing is suspected. tests/network/support/cells.ts defines the faults. A duration runs from the
end of the fault to the first fresh message both ways; for a fault without an end it is the longest silence. *First notice*
is the time from the fault to \`disconnected\`. *Stale* counts messages older than 500 ms that were delivered after the cut.
Browsers: c is Chromium, f is Firefox.

${table(runs, 'rollback')}
${table(runs, 'default')}
${readFileSync(NOTES, 'utf8')}`;
}
