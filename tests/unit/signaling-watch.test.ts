import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { consoleLogger } from '../../src/log/logger';
import { watchSignaling } from '../../src/signaling/signaling-watch';
import type { SignalingTransport } from '../../src/signaling/transport';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Answer = Awaited<ReturnType<SignalingTransport['ping']>>;

function startWatching({
  isUp = true,
  reidentify = () => {},
}: {
  isUp?: boolean;
  reidentify?: () => unknown;
} = {}) {
  const listeners = new Set<(isUp: boolean) => void>();
  const told: boolean[] = [];
  const world = { answer: 'alive' as Answer, pings: 0, reconnects: 0, rests: 0, isUp, onReconnect: () => {} };
  const transport: SignalingTransport = {
    get isUp() {
      return world.isUp;
    },
    send: async () => 'relayed',
    ping: async () => {
      if (!world.isUp) return 'silent';
      world.pings += 1;
      return world.isUp ? world.answer : 'silent';
    },
    reconnect: () => {
      world.reconnects += 1;
      world.onReconnect();
    },
    restorePace: () => {
      world.rests += 1;
    },
    onSignal: () => () => {},
    onUpChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    dispose: () => {},
  };
  const errors: unknown[] = [];
  const watch = watchSignaling(transport, {
    reidentify,
    providerTimeoutMs: 5_000,
    logger: { ...consoleLogger('silent'), warn: (...line) => errors.push(line.at(-1)) },
    onChange: (up) => told.push(up),
  });
  const set = async (up: boolean) => {
    world.isUp = up;
    for (const listener of listeners) listener(up);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { watch, told, errors, world, set, listeners };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('the watch over signaling', () => {
  it('waits for the newest socket to be known: that the one before is says nothing', async () => {
    const seats: (() => void)[] = [];
    const { told, set } = startWatching({
      reidentify: () => new Promise<void>((known) => seats.push(known)),
    });
    for (const isUp of [false, true, false, true]) await set(isUp);
    seats[0]?.();
    await pass(0);
    expect(told).toEqual([false, false]);
    seats[1]?.();
    await pass(0);
    expect(told).toEqual([false, false, true]);
  });

  it('says so where the socket is down from the start', () => {
    expect(startWatching({ isUp: false }).told).toEqual([false]);
  });

  it('asks once at the start, to learn whether the server knows pings, and then rests', async () => {
    const { world } = startWatching();
    await pass(10_000);
    expect([world.pings, world.reconnects]).toEqual([1, 0]);
  });

  it('asks again whenever the socket comes up, as it may have been down at the start', async () => {
    const { world, set } = startWatching({ isUp: false });
    await set(true);
    expect(world.pings).toBe(1);
  });

  it('ends the hurry with the suspicion', async () => {
    const { world, watch } = startWatching();
    watch.watch();
    watch.rest();
    expect(world.rests).toBe(1);
  });

  it('asks once when it is told to, where an answer comes', async () => {
    const { world, watch } = startWatching();
    watch.ask();
    await pass(10_000);
    expect([world.pings, world.reconnects]).toEqual([2, 0]);
  });

  it('goes on with a socket that gave no answer until one comes: one that is missed longer is hurried less', async () => {
    const { world, watch, set } = startWatching();
    world.answer = 'silent';
    world.onReconnect = () => {
      world.isUp = false;
    };
    watch.ask();
    await pass(3_500);
    expect([world.pings, world.reconnects]).toEqual([2, 4]);
    world.answer = 'alive';
    await set(true);
    await pass(10_000);
    expect([world.pings, world.reconnects, vi.getTimerCount()]).toEqual([4, 4, 0]);
  });

  it('asks no more after stop()', async () => {
    const { world, watch } = startWatching();
    world.answer = 'silent';
    watch.ask();
    watch.stop();
    await pass(10_000);
    expect([world.reconnects, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('asks every second while the link is suspect, and leaves a socket that answers alone', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    watch.watch();
    await pass(3_000);
    expect(world.pings).toBe(1 + 4);
    watch.rest();
    await pass(10_000);
    expect([world.pings, world.reconnects]).toEqual([1 + 4, 0]);
  });

  it('asks at once when it is told to again, and from then on every second: no more often', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    watch.watch();
    await pass(500);
    watch.watch();
    await pass(3_000);
    expect(world.pings).toBe(1 + 1 + 4);
  });

  it('drops a socket that answers no more', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    world.answer = 'silent';
    watch.watch();
    await pass(0);
    expect(world.reconnects).toBe(1);
  });

  it('is not asked twice at a time', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    watch.watch();
    watch.watch();
    expect(world.pings).toBe(1 + 1);
    await pass(0);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('has a socket that is down come back at once', async () => {
    const { world, watch } = startWatching({ isUp: false });
    watch.watch();
    await pass(0);
    expect(world.reconnects).toBe(1);
  });

  it('does nothing about an answer that comes when the link is up again', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    world.answer = 'silent';
    watch.watch();
    watch.rest();
    await pass(10_000);
    expect([world.pings, world.reconnects, vi.getTimerCount()]).toEqual([2, 0, 0]);
  });

  it('does nothing about an answer that comes after stop()', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    world.answer = 'silent';
    watch.watch();
    watch.stop();
    await pass(10_000);
    expect([world.reconnects, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('does nothing more where the game closes the link as it hears that its socket was dropped', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    world.answer = 'silent';
    world.onReconnect = watch.stop;
    watch.watch();
    await pass(0);
    expect(vi.getTimerCount()).toBe(0);
    await pass(10_000);
    expect([world.pings, world.reconnects]).toEqual([2, 1]);
  });

  it('leaves a socket alone that has come since the one that gave no answer', async () => {
    const { world, watch, set } = startWatching();
    world.answer = 'silent';
    watch.watch();
    world.answer = 'alive';
    await Promise.all([set(false), set(true)]);
    expect(world.reconnects).toBe(0);
  });

  it('leaves a server alone that knows no pings', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    world.answer = 'unsupported';
    watch.watch();
    await pass(10_000);
    expect([world.pings, world.reconnects]).toEqual([2, 0]);
  });

  it('says up only once the server knows us again', async () => {
    let isKnown: () => void = () => {};
    const { told, set } = startWatching({
      reidentify: () => new Promise<void>((resolve) => (isKnown = resolve)),
    });
    await set(false);
    await set(true);
    expect(told).toEqual([false]);
    isKnown();
    await pass(0);
    expect(told).toEqual([false, true]);
  });

  it('says nothing of an up that has ended before the server knew us', async () => {
    let isKnown: () => void = () => {};
    const { told, set } = startWatching({
      reidentify: () => new Promise<void>((resolve) => (isKnown = resolve)),
    });
    await set(false);
    await set(true);
    await set(false);
    isKnown();
    await pass(0);
    expect(told).not.toContain(true);
  });

  it('comes up also where the caller cannot identify', async () => {
    const error = new Error('of a game');
    const { told, errors, set } = startWatching({ reidentify: () => Promise.reject(error) });
    await set(false);
    await set(true);
    expect([told, errors]).toEqual([[false, true], [error]]);
  });

  it('comes up also where the caller never says that it has identified', async () => {
    const { told, set } = startWatching({ reidentify: () => new Promise(() => {}) });
    await set(false);
    await set(true);
    await pass(4_999);
    expect(told).toEqual([false]);
    await pass(1);
    expect(told).toEqual([false, true]);
  });

  it('waits for nobody after stop()', async () => {
    const { watch, set } = startWatching({ reidentify: () => new Promise(() => {}) });
    for (const isUp of [false, true, false, true]) await set(isUp);
    watch.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says nothing of a socket that is known only after stop()', async () => {
    let isKnown: () => void = () => {};
    const { watch, told, world, set } = startWatching({
      reidentify: () => new Promise<void>((resolve) => (isKnown = resolve)),
    });
    await set(false);
    await set(true);
    watch.stop();
    isKnown();
    await pass(0);
    expect([told, world.pings]).toEqual([[false], 1]);
  });

  it('ends with stop(): no ping, no timer, no listener, no hurry', async () => {
    const { watch, world, listeners } = startWatching();
    watch.watch();
    watch.stop();
    await pass(10_000);
    expect([world.pings, vi.getTimerCount(), listeners.size, world.rests]).toEqual([2, 0, 0, 1]);
  });
});
