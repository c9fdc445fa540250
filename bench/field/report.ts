import { readFileSync, writeFileSync } from 'node:fs';
import { FAULTS } from './faults';
import type { Browsers } from './scene';

/** What is played: a fault between two browsers, by a subject. */
interface FieldCell {
  fault: string;
  browsers: Browsers;
  subject: string;
}

/** One run. */
export interface FieldRun extends FieldCell, Outcome {
  /** Load average of the machine's last minute as the run ended; runs of old do not say. */
  load?: number;
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

/** As the report calls them, A's first. */
export const PAIRS: readonly { browsers: Browsers; title: string }[] = [
  { browsers: 'cc', title: 'Chromium and Chromium' },
  { browsers: 'cf', title: 'Chromium and Firefox' },
  { browsers: 'ff', title: 'Firefox and Firefox' },
];

export const isOf = (run: FieldRun, { fault, browsers, subject }: FieldCell) =>
  run.fault === fault && run.browsers === browsers && run.subject === subject;

/** Seconds, for many figures are to stand in a row. */
const show = (ms: number) => (ms / 1_000).toFixed(ms < 995 ? 2 : 1);

/** Every run, the quickest first. `never`: what is said of those that have none. */
function inOrder(runs: readonly FieldRun[], figure: 'backMs' | 'toldMs', never: string): string[] {
  const figures = runs.flatMap((run) => run[figure] ?? []).sort((one, other) => one - other);
  return [...figures.map(show), ...Array<string>(runs.length - figures.length).fill(never)];
}

function table(
  runs: readonly FieldRun[],
  browsers: Browsers,
  shown: (own: readonly FieldRun[]) => string[],
): string {
  const rows = FAULTS.filter((fault) => fault.browsers.includes(browsers)).map(({ name, title }) => {
    const cells = Object.keys(SUBJECTS).map((subject) => {
      const own = runs.filter((run) => isOf(run, { fault: name, browsers, subject }));
      return shown(own).join(' · ') || '–';
    });
    return `| ${title} | ${cells.join(' | ')} |`;
  });
  const names = Object.values(SUBJECTS);
  return [`| fault | ${names.join(' | ')} |`, `|---|${'---|'.repeat(names.length)}`, ...rows].join('\n');
}

/** One table for each pair of browsers. */
function tables(runs: readonly FieldRun[], shown: (own: readonly FieldRun[]) => string[]): string {
  return PAIRS.map(({ browsers, title }) => `### ${title}\n\n${table(runs, browsers, shown)}`).join('\n\n');
}

/** How busy the machine was. */
function burden(runs: readonly FieldRun[]): string {
  const loads = runs.flatMap(({ load }) => load ?? []).sort((one, other) => one - other);
  const [least, median, most] = [0, Math.floor(loads.length / 2), loads.length - 1].map((at) => loads[at]);
  return `${loads.length} of the ${runs.length} runs say how busy the two cores were: a load average of ${least} to ${most}, ${median} in the middle.`;
}

/** Writes docs/FIELD.md: text and tables from here and the runs, followed by bench/field/notes.md, which is written by hand. */
export function writeFieldReport(runs: readonly FieldRun[]): void {
  writeFileSync(
    'docs/FIELD.md',
    `# Beside other libraries

\`npm run bench:field\` writes this page. All have the same two browsers, network namespaces and faults, and send sixty messages a second; only what keeps the
link differs. Every run is listed. In the pair Chromium and Firefox, Chromium's address changes, and Firefox reloads.
${burden(runs)}

## Until the link is back

Seconds from the end of the fault until both players hear each other again. For a fault that lasts: the longest silence of either player. For a page that comes
back: from when it starts to join. *Never*: not within a minute.

${tables(runs, (own) => inOrder(own, 'backMs', '**never**'))}

## Until the game is told

Seconds from the fault until the first of the two games learns of trouble. *Not told*: not before the link was back.

${tables(runs, (own) => inOrder(own, 'toldMs', 'not told'))}

## Messages past their life

How many delivered messages were older than 500 ms, at the end that got more of them.

${tables(runs, (own) => own.map(({ stale }) => String(stale)))}

${readFileSync('bench/field/notes.md', 'utf8')}`,
  );
}
