import { describe, expect, it } from 'vitest';
import { Turns } from '../../src/peer/turns';

/** Turns whose tasks are noted as they begin, and end when they are told to. */
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
  it('begin at once where no task is under way, also once all have ended', async () => {
    const { begun, take, end } = startTurns();
    take('first');
    expect(begun).toEqual(['first']);
    await end('first');
    take('second');
    expect(begun).toEqual(['first', 'second']);
  });

  it('are taken one at a time, in the order in which they were asked for', async () => {
    const { begun, take, end } = startTurns();
    take('first');
    take('second');
    await end('first');
    take('third');
    expect(begun).toEqual(['first', 'second']);
    await end('second');
    expect(begun).toEqual(['first', 'second', 'third']);
  });

  it('are idle only when none is under way or waits', async () => {
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
