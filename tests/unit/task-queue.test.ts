import { describe, expect, it } from 'vitest';
import { TaskQueue } from '../../src/peer/task-queue';

/** Turns whose tasks are recorded when they start, and end when the test says so. */
function startQueue() {
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

describe('turns', () => {
  it('start at once when no task is under way, even after others have ended', async () => {
    const { begun, take, end } = startQueue();
    take('first');
    expect(begun).toEqual(['first']);
    await end('first');
    take('second');
    expect(begun).toEqual(['first', 'second']);
  });

  it('run one at a time, in the order in which they were requested', async () => {
    const { begun, take, end } = startQueue();
    take('first');
    take('second');
    await end('first');
    take('third');
    expect(begun).toEqual(['first', 'second']);
    await end('second');
    expect(begun).toEqual(['first', 'second', 'third']);
  });

  it('are idle only when none is running or waiting', async () => {
    const { queue, take, end } = startQueue();
    const seen = [queue.isIdle];
    take('first');
    take('second');
    seen.push(queue.isIdle);
    await end('first');
    seen.push(queue.isIdle);
    await end('second');
    expect([...seen, queue.isIdle]).toEqual([true, false, false, true]);
  });
});
