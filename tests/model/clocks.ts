import { SimulatedClock } from 'xstate';

/** Time that passes on demand: a machine uses it as its own clock, or as the timers of the page. */
export interface TestClock {
  readonly name: string;
  readonly clock?: SimulatedClock;
  advance(ms: number): void;
}

export function simulatedClock(): TestClock {
  const clock = new SimulatedClock();
  return { name: 'SimulatedClock', clock, advance: (ms) => clock.increment(ms) };
}
