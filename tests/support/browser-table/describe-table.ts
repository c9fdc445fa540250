import { describe, expect, it } from 'vitest';
import { FIGURES } from './figures';
import type { AcceptedBrowser } from './laboratory';
import { ROWS } from './rows';
import type { Told } from './stories';
import type { Figure } from './table';

export interface TableOptions {
  readonly name: string;
  readonly browser: AcceptedBrowser;
  /** A real browser on a busy machine is checked for what it reports and in which order, not for its times. */
  readonly hasTimes: boolean;
  readonly told: () => Told;
}

/** The table of what browsers do (docs/TESTING.md). A fake browser passes it, and so does the real one, so that the fake cannot drift. */
export function describeTable({ name, browser, hasTimes, told }: TableOptions): void {
  describe(`${name}, in the table of browser behaviour`, () => {
    for (const { title, story, read, expected } of ROWS.filter((row) => browser in row.expected))
      it(title, () => {
        const { seen, failures } = told();
        if (story in failures) throw failures[story];
        expect(read(seen)).toEqual(expected[browser]);
      });

    for (const { title, read, rangeMs } of hasTimes ? FIGURES : []) {
      const [least, most] = rangeMs[browser] ?? [];
      if (least === undefined || most === undefined) continue;
      it(`takes ${least} to ${most} ms: ${title}`, () => {
        for (const ms of read(told().seen)) {
          expect(ms).toBeGreaterThanOrEqual(least);
          expect(ms).toBeLessThanOrEqual(most);
        }
      });
    }
  });
}

const seconds = (ms: number | null) =>
  ms === null ? 'never' : ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;

/** The figures as measured this time beside their ranges, for updating the table. */
export function printFigures(browser: AcceptedBrowser, { seen, failures }: Told): string {
  const line = ({ title, story, read, rangeMs }: Figure) => {
    const range = rangeMs[browser]?.map(seconds).join(' – ');
    const measured = story in failures ? '?' : read(seen).map(seconds).join(', ');
    return range && `${browser} | ${title} | ${range} | ${measured}`;
  };
  return FIGURES.map(line).filter(Boolean).join('\n');
}
