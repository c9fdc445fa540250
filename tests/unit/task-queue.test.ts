import { describe, expect, it } from 'vitest';
import { TaskQueue } from '../../src/peer/task-queue';

/** A queue whose tasks are noted as they start, and end when the test says so. */
function startTurns() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const queue = new TaskQueue((task) => task());
  return {
    queue,
    begun,
    take: (name: string) =>
      queue.add(() => {
        begun.push(name);
        return new Promise((resolve) => ends.set(name, resolve));
      }),
    async end(name: string) {
      ends.get(name)?.();
      for (let turn = 0; turn < 5; turn += 1) await null;
    },
  };
}

describe('a task queue', () => {
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
    seen.push(queue.isIdle);
    await end('first');
    seen.push(queue.isIdle);
    await end('second');
    expect([...seen, queue.isIdle]).toEqual([true, false, false, true]);
  });
});
