import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeTarget, type RunTask } from '../../src/testing/fake-target';

class Bell extends FakeTarget {
  onring: unknown = null;
  ring(members?: object): void {
    this.fire('ring', members);
  }
}

describe('a fake event target', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('calls its on… property with the event, and then its listeners', () => {
    const bell = new Bell();
    const heard: unknown[] = [];
    bell.addEventListener('ring', (event) =>
      heard.push(['listener', event.type, Reflect.get(event, 'times')]),
    );
    bell.onring = function (this: unknown, event: Event) {
      heard.push(['property', event.type, Reflect.get(event, 'times'), this === bell]);
    };
    bell.ring({ times: 2 });
    expect(heard).toEqual([
      ['property', 'ring', 2, true],
      ['listener', 'ring', 2],
    ]);
  });

  it('reports what its on… property throws as uncaught, and still calls its listeners', () => {
    const reported: (() => void)[] = [];
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((report) => void reported.push(report));
    const bell = new Bell();
    let rings = 0;
    bell.addEventListener('ring', () => {
      rings += 1;
    });
    bell.ring();
    expect(reported).toEqual([]);
    bell.onring = () => {
      throw new Error('of the game');
    };
    bell.ring();
    expect(rings).toBe(2);
    expect(reported).toHaveLength(1);
    expect(reported[0]).toThrow('of the game');
  });

  it('dispatches no event without a listener', () => {
    const bell = new Bell();
    const dispatch = vi.spyOn(bell, 'dispatchEvent');
    bell.ring();
    expect(dispatch).not.toHaveBeenCalled();
  });

  it('fires in a task of its page, which may be asleep', () => {
    const tasks: (() => void)[] = [];
    const run: RunTask = (task) => void tasks.push(task);
    const bell = new Bell(run);
    let rings = 0;
    bell.onring = () => {
      rings += 1;
    };
    bell.ring();
    expect(rings).toBe(0);
    for (const task of tasks) task();
    expect(rings).toBe(1);
  });
});
