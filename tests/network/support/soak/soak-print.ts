import type { SoakResult } from './soak.js';
import { heapGrowthBytes, outageFaultsOf, type Reading } from './soak-judge.js';

const ROWS = 10;

export const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

const COLUMNS: readonly [title: string, cell: (reading: Reading) => string | number][] = [
  ['faults so far', ({ round }) => round],
  ['heap after gc', ({ heapBytes }) => mebibytes(heapBytes)],
  ['connections open', ({ open }) => open],
  ['made so far', ({ made }) => made],
  ['not collected', ({ connections }) => connections],
  ['event listeners', ({ eventListeners }) => eventListeners],
  ['of them added by script', ({ listeners }) => listeners],
  ['`on…` handlers', ({ handlers }) => handlers],
  ['on the socket', ({ onSockets }) => onSockets],
  ['timeouts', ({ timeouts }) => timeouts],
  ['intervals', ({ intervals }) => intervals],
];

/** The result as a readable table. */
export function printSoak({ seed, faults, diaries, violations }: SoakResult): string {
  const isShown = (_: Reading, index: number, all: readonly Reading[]) =>
    index % Math.ceil(all.length / ROWS) === 0 || index === all.length - 1;
  const rows = diaries.flatMap(({ readings }, page) =>
    readings.filter(isShown).map((reading) => [page + 1, ...COLUMNS.map(([, cell]) => cell(reading))]),
  );
  const growth = diaries.map(({ readings }) => {
    const bytes = heapGrowthBytes(readings);
    return bytes === null ? 'too short to tell' : `${Math.round(bytes / 1_024)} KiB`;
  });
  const outages = diaries.map((diary) => diary.outages);
  const unpaired = outages.map((own) => outageFaultsOf(own).length);
  return [
    `seed ${seed}; faults: ${[...faults].map(([kind, times]) => `${kind} ×${times}`).join(', ')}`,
    '',
    `| page | ${COLUMNS.map(([title]) => title).join(' | ')} |`,
    `|${'---|'.repeat(COLUMNS.length + 1)}`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
    `outages in the log: ${outages.map(({ length }) => length).join(' and ')}; not paired: ${unpaired.join(' and ')}`,
    `heap, middle of the last third less that of the first: ${growth.join(' and ')}`,
    violations.length === 0 ? 'no invariant was violated' : ['VIOLATED:', ...violations].join('\n  '),
  ].join('\n');
}
