import { type Chart, connectionChart, type Row } from '../../machines/chart';
import { linesOfChart } from '../../machines/edges';
import { outageChart } from '../../machines/outage-chart';
import { type Census, SIGHTS } from './census';
import type { Run } from './run';

const CHARTS = { connection: connectionChart, outage: outageChart };

interface CountedRow {
  name: string;
  count: number;
  /** Its lines that were never taken; a row has one for each state that it leaves and each of its events. */
  missed: string[];
  lines: number;
}

const nameOf = ({ from, on, guard, to }: Row) =>
  `${[from].flat().join(', ')} | ${[on].flat().join(', ')}${guard ? ` [${guard}]` : ''} → ${to ?? 'stays'}`;

function countRow(which: keyof typeof CHARTS, chart: Chart, row: Row, { rows }: Census): CountedRow {
  const lines = linesOfChart({ ...chart, rows: [row] }).map((line) => `${which}: ${line}`);
  const counts = lines.map((line) => rows.get(line) ?? 0);
  return {
    name: `${which}: ${nameOf(row)}`,
    count: counts.reduce((sum, each) => sum + each, 0),
    missed: lines.filter((line) => !rows.has(line)),
    lines: lines.length,
  };
}

/** How often each row of the two charts was taken. */
const countRows = (census: Census): CountedRow[] =>
  (['connection', 'outage'] as const).flatMap((which) => {
    const chart = CHARTS[which];
    return chart.rows.map((row) => countRow(which, chart, row, census));
  });

/** What has to occur in a run and never did. */
export function unseen(census: Census): string[] {
  const rows = countRows(census).filter(({ count }) => count === 0);
  const sights = SIGHTS.filter((sight) => !census.sights.has(sight));
  return [...rows.map(({ name }) => name), ...sights];
}

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

/** The counts of a run, as they are printed. */
export function toReport({ census, played, cpuMs }: Run): string {
  const verdicts = played.map(({ verdictTookMs }) => verdictTookMs).sort((a, b) => a - b);
  const lasted = played.reduce((sum, { lastedMs }) => sum + lastedMs, 0);
  const rows = countRows(census);
  const lines = rows.reduce((sum, row) => sum + row.lines, 0);
  const missed = rows.flatMap((row) => row.missed);
  return [
    `${played.length} worlds, ${seconds(lasted)} of their time in ${seconds(cpuMs)} of one core`,
    `verdict after the network was whole: median ${seconds(percentile(verdicts, 0.5))}, 99th percentile ${seconds(percentile(verdicts, 0.99))}`,
    ...SIGHTS.map((sight) => `${String(census.sights.get(sight) ?? 0).padStart(9)}  ${sight}`),
    `rows of the charts, ${lines - missed.length} of ${lines} of their lines taken:`,
    ...rows.map(({ name, count }) => `${String(count).padStart(9)}  ${name}`),
  ].join('\n');
}
