import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/peer/turns';

/** Turns whose tasks are recorded when they start, and end when the test says so. */
function startTurns() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const turns = new Turns((task) => task());
  return {
    turns,
    begun,
    take: (name: string) =>
      turns.take(() => {
        begun.push(name);
        return new Promise((resolve) => ends.set(name, resolve));
      }),
    async end(name: string) {
      ends.get(name)?.();
      for (let turn = 0; turn < 5; turn += 1) await null;
    },
  };
}

describe('turns', () => {
  it('start at once when no task is under way, even after others have ended', async () => {
    const { begun, take, end } = startTurns();
    take('first');
    expect(begun).toEqual(['first']);
    await end('first');
    take('second');
    expect(begun).toEqual(['first', 'second']);
  });

  it('run one at a time, in the order in which they were requested', async () => {
    const { begun, take, end } = startTurns();
    take('first');
    take('second');
    await end('first');
    take('third');
    expect(begun).toEqual(['first', 'second']);
    await end('second');
    expect(begun).toEqual(['first', 'second', 'third']);
  });

  it('are idle only when none is running or waiting', async () => {
    const { turns, take, end } = startTurns();
    const seen = [turns.isIdle];
    take('first');
    take('second');
    seen.push(turns.isIdle);
    await end('first');
    seen.push(turns.isIdle);
    await end('second');
    expect([...seen, turns.isIdle]).toEqual([true, false, false, true]);
  });
});
