import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Alarm, Timers } from '../../src/testing/timers';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the timers of a fake world', () => {
  it('are counted from their start until they run, and no longer while they run', () => {
    const timers = new Timers();
    const sizes: number[] = [];
    timers.after(10, () => sizes.push(timers.size));
    timers.after(20, () => sizes.push(timers.size));
    expect(timers.size).toBe(2);
    vi.advanceTimersByTime(9);
    expect(sizes).toEqual([]);
    vi.advanceTimersByTime(11);
    expect(sizes).toEqual([1, 0]);
  });

  it('can be cancelled individually', () => {
    const timers = new Timers();
    const heard: string[] = [];
    const cancel = timers.after(10, () => heard.push('cancelled'));
    timers.after(10, () => heard.push('kept'));
    cancel();
    cancel();
    expect([timers.size, vi.getTimerCount()]).toEqual([1, 1]);
    vi.advanceTimersByTime(10);
    expect(heard).toEqual(['kept']);
  });

  it('can be cleared together', () => {
    const timers = new Timers();
    const heard: string[] = [];
    timers.after(10, () => heard.push('one'));
    timers.after(20, () => heard.push('other'));
    timers.clear();
    expect([timers.size, vi.getTimerCount()]).toEqual([0, 0]);
    vi.advanceTimersByTime(20);
    expect(heard).toEqual([]);
  });

  it('use the scheduler that is passed in', () => {
    const later: { delayMs: number; act: () => void }[] = [];
    const timers = new Timers((delayMs, act) => {
      later.push({ delayMs, act });
      return () => later.splice(0);
    });
    const heard: string[] = [];
    timers.after(7, () => heard.push('run'));
    expect([later.map(({ delayMs }) => delayMs), vi.getTimerCount()]).toEqual([[7], 0]);
    later[0]?.act();
    expect([heard, timers.size]).toEqual([['run'], 0]);
    timers.after(8, () => undefined)();
    expect(later).toEqual([]);
  });
});

describe('an alarm', () => {
  it('is armed once at a time: the first call wins', () => {
    const timers = new Timers();
    const alarm = new Alarm(timers);
    const heard: string[] = [];
    alarm.arm(10, () => heard.push('first'));
    alarm.arm(5, () => heard.push('second'));
    expect(timers.size).toBe(1);
    vi.advanceTimersByTime(100);
    expect(heard).toEqual(['first']);
  });

  it('can be armed again once it went off, even by its own callback', () => {
    const alarm = new Alarm(new Timers());
    const heard: number[] = [];
    const again = () => {
      heard.push(performance.now());
      if (heard.length < 3) alarm.arm(10, again);
    };
    const beganMs = performance.now();
    alarm.arm(10, again);
    vi.advanceTimersByTime(100);
    expect(heard.map((ms) => ms - beganMs)).toEqual([10, 20, 30]);
  });

  it('can be armed again once it was cancelled, and may be cancelled when it is not armed', () => {
    const timers = new Timers();
    const alarm = new Alarm(timers);
    const heard: string[] = [];
    alarm.cancel();
    alarm.arm(10, () => heard.push('first'));
    alarm.cancel();
    expect(timers.size).toBe(0);
    alarm.arm(20, () => heard.push('second'));
    vi.advanceTimersByTime(100);
    expect(heard).toEqual(['second']);
  });
});
