import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Chart } from '../machines/chart';
import { rowsOf } from './chart-model';
import { simulatedClock, type TestClock } from './clocks';
import { generatePaths } from './paths';
import { type Coverage, replay } from './replay';
import { outage, SUBJECTS, type Subject } from './subjects';

/** Thousands of lives of a link; the deadline only bounds a hang. */
vi.setConfig({ testTimeout: 900_000 });

/** The machine's delays as timers of the page. */
function fakeTimers(): TestClock {
  vi.useFakeTimers();
  return { name: 'fake timers', advance: (ms) => void vi.advanceTimersByTime(ms) };
}

const CLOCKS = [
  ['SimulatedClock', simulatedClock],
  ['fake timers', fakeTimers],
] as const;

afterEach(() => {
  vi.useRealTimers();
});

it('covers every machine', () => {
  const files = readdirSync(new URL('../../machines', import.meta.url));
  const machines = files.flatMap((file) => /^(.*)\.machine\.ts$/.exec(file)?.[1] ?? []);
  expect(SUBJECTS.map(({ name }) => name).sort()).toEqual(machines.sort());
});

describe.each(SUBJECTS)('the generated paths through the $name machine', (subject) => {
  const paths = generatePaths(subject);
  const rows = rowsOf(subject.chart);
  const leaves = Object.keys(subject.chart.states);

  it.each(CLOCKS)(
    'go where the chart says, reach every state and follow every row, under %s',
    (name, clock) => {
      const found: Coverage = { rows: new Set(), leaves: new Set() };
      const steps = paths.reduce((sum, path) => sum + path.steps.length, 0);
      for (const path of paths) replay(subject, path, clock(), found);

      const missed = (wanted: readonly string[], has: Set<string>) => wanted.filter((each) => !has.has(each));
      expect(missed(rows, found.rows), 'rows of the chart that no path followed').toEqual([]);
      expect(missed(leaves, found.leaves), 'states that no path reached').toEqual([]);
      console.log(
        `${subject.name}, ${name}: ${leaves.length} states, ${rows.length} transitions, ${paths.length} paths of ${steps} steps`,
      );
    },
  );
});

describe('a machine that does not follow its chart', () => {
  const walk = (changed: Subject) => {
    const found: Coverage = { rows: new Set(), leaves: new Set() };
    for (const path of generatePaths(outage)) replay(changed, path, simulatedClock(), found);
  };
  const charted = (rows: Chart['rows']): Subject => {
    const chart = { ...outage.chart, rows };
    return { ...outage, chart, model: () => outage.model(chart) };
  };

  it('fails with the name of the transition that the chart does not declare', () => {
    const rows = outage.chart.rows.filter(({ from, on }) => from !== 'told' || on !== 'up');
    expect(() => walk(charted(rows))).toThrow('told | up: undeclared');
  });

  it('fails with the name of the transition that the machine misses', () => {
    const rows = [...outage.chart.rows, { from: 'told', on: 'opened', to: 'none' }];
    expect(() => walk(charted(rows))).toThrow('told | opened: missed');
  });

  it('fails with what it does when the chart says something else', () => {
    const rows = outage.chart.rows.map((row) =>
      row.from === 'told' && row.on === 'up' ? { ...row, announces: ['lost'] } : row,
    );
    expect(() => walk(charted(rows))).toThrow('told | up: announces should be ["lost"], is ["restored"]');
  });
});
