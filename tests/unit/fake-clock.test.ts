import { installFakeClock } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

describe('a fake clock', () => {
  const { setTimeout: realTimeout, Date: RealDate } = globalThis;
  let clock: ReturnType<typeof installFakeClock>;
  let heard: string[];
  const say = (what: string) => heard.push(`${what} ${clock.nowMs}`);

  beforeEach(() => {
    clock = installFakeClock();
    heard = [];
  });
  afterEach(() => clock.uninstall());

  it('runs nothing until it advances, and then everything due, in order', async () => {
    setTimeout(say, 20, 'second');
    setTimeout(say, 10, 'first');
    setTimeout(say, 20, 'third');
    setTimeout(say, 31, 'later');
    expect(heard).toEqual([]);
    await clock.advance(30);
    expect(heard).toEqual(['first 10', 'second 20', 'third 20']);
    expect([clock.nowMs, clock.timers]).toEqual([30, 1]);
  });

  it('repeats intervals, and clears both kinds by either function', async () => {
    const interval = setInterval(say, 10, 'tick');
    const timeout = setTimeout(say, 15, 'never');
    clearInterval(timeout);
    await clock.advance(25);
    clearTimeout(interval);
    await clock.advance(100);
    expect(heard).toEqual(['tick 10', 'tick 20']);
    expect(clock.timers).toBe(0);
  });

  it("treats a timer's handle as a number too, and supports Node's methods on it", async () => {
    const timer = setTimeout(say, 10, 'never');
    expect([timer.unref(), timer.ref(), timer.refresh()]).toEqual([timer, timer, timer]);
    expect(timer.hasRef()).toBe(true);
    clearTimeout(Number(timer));
    await clock.advance(10);
    expect(heard).toEqual([]);
  });

  it('runs timers that are set meanwhile, even after promises', async () => {
    const later = async () => {
      await Promise.resolve();
      say('one');
      await new Promise((resolve) => setTimeout(resolve, 10));
      say('two');
      setTimeout(say, 0, 'three');
    };
    void later();
    await clock.advance(30);
    expect(heard).toEqual(['one 0', 'two 10', 'three 11']);
  });

  it('runs timers that are due together in the order in which they were set, however the time got there', async () => {
    setInterval(say, 10, 'every 10');
    setTimeout(say, 20, 'first at 20');
    setTimeout(say, 15, 'at 15');
    setTimeout(say, 20, 'last at 20');
    await clock.advance(20);
    expect(heard).toEqual(['every 10 10', 'at 15 15', 'every 10 20', 'first at 20 20', 'last at 20 20']);
  });

  it('runs nothing for a timer that is not a function, such as the code strings of browsers', async () => {
    Reflect.apply(setTimeout, globalThis, ['say()', 10]);
    await clock.advance(10);
    expect([clock.nowMs, clock.timers]).toEqual([10, 0]);
  });

  it('advances Date and performance with it', async () => {
    const [wallMs, monotonicMs] = [Date.now(), performance.now()];
    await clock.advance(90_000);
    expect([Date.now() - wallMs, performance.now() - monotonicMs]).toEqual([90_000, 90_000]);
    expect(new Date()).toEqual(new Date(Date.now()));
    expect(new Date(0).toISOString()).toBe('1970-01-01T00:00:00.000Z');
    expect(new Date() instanceof RealDate).toBe(true);
    expect(Date()).toBe(new Date().toString());
  });

  it('advances until a condition holds, and returns how long that took', async () => {
    setInterval(say, 10, 'tick');
    expect(await clock.advanceUntil(() => heard.length === 3)).toBe(30);
    expect(await clock.advanceUntil(() => true)).toBe(0);
    await expect(clock.advanceUntil(() => heard.length > 99, 50)).rejects.toThrow(
      'condition not met within 50 ms',
    );
  });

  it('settles promises when there is no setImmediate, as in browsers', async () => {
    clock.uninstall();
    vi.stubGlobal('setImmediate', undefined);
    vi.resetModules();
    const inBrowser = await import('holdfast/testing');
    vi.unstubAllGlobals();
    clock = inBrowser.installFakeClock();
    const later = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      await Promise.resolve();
      say('settled');
    };
    void later();
    await clock.advance(10);
    expect(heard).toEqual(['settled 10']);
  });

  it('throws what a timer throws', async () => {
    setTimeout(() => {
      throw new Error('of the game');
    }, 10);
    await expect(clock.advance(10)).rejects.toThrow('of the game');
  });

  it('can be installed only once, and restores the globals', () => {
    expect(() => installFakeClock()).toThrow('already installed');
    setTimeout(say, 1, 'never');
    clock.uninstall();
    clock.uninstall();
    expect([globalThis.setTimeout, globalThis.Date]).toEqual([realTimeout, RealDate]);
    expect(Object.hasOwn(performance, 'now')).toBe(false);
    installFakeClock().uninstall();
  });
});
