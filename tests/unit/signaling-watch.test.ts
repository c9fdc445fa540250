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
    rest: () => {
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
  it('waits until the newest socket is known, whatever happens to the former one', async () => {
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

  it('reports a socket that is down from the start', () => {
    expect(startWatching({ isUp: false }).told).toEqual([false]);
  });

  it('pings once at the start to learn whether the server supports pings, and then rests', async () => {
    const { world } = startWatching();
    await pass(10_000);
    expect([world.pings, world.reconnects]).toEqual([1, 0]);
  });

  it('pings again whenever the socket comes up, as it may have been down at the start', async () => {
    const { world, set } = startWatching({ isUp: false });
    await set(true);
    expect(world.pings).toBe(1);
  });

  it('restores the pace of reconnecting when the suspicion ends', async () => {
    const { world, watch } = startWatching();
    watch.watch();
    watch.rest();
    expect(world.rests).toBe(1);
  });

  it('pings once on ask() if an answer comes', async () => {
    const { world, watch } = startWatching();
    watch.ask();
    await pass(10_000);
    expect([world.pings, world.reconnects]).toEqual([2, 0]);
  });

  it('keeps trying after a missing answer until one comes, more slowly the longer it takes', async () => {
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

  it('neither reconnects nor leaves a timer if it is stopped after ask()', async () => {
    const { world, watch } = startWatching();
    world.answer = 'silent';
    watch.ask();
    watch.stop();
    await pass(10_000);
    expect([world.reconnects, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('pings every second while the link is suspect, and keeps a socket that answers', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    watch.watch();
    await pass(3_000);
    expect(world.pings).toBe(1 + 4);
    watch.rest();
    await pass(10_000);
    expect([world.pings, world.reconnects]).toEqual([1 + 4, 0]);
  });

  it('pings at once when watch() is called again, and then every second, not more often', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    watch.watch();
    await pass(500);
    watch.watch();
    await pass(3_000);
    expect(world.pings).toBe(1 + 1 + 4);
  });

  it('drops a socket that no longer answers', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    world.answer = 'silent';
    watch.watch();
    await pass(0);
    expect(world.reconnects).toBe(1);
  });

  it('does not ping twice at the same time', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    watch.watch();
    watch.watch();
    expect(world.pings).toBe(1 + 1);
    await pass(0);
    expect(vi.getTimerCount()).toBe(1);
  });

  it('reconnects a socket that is down at once', async () => {
    const { world, watch } = startWatching({ isUp: false });
    watch.watch();
    await pass(0);
    expect(world.reconnects).toBe(1);
  });

  it('ignores a missing answer once the link is up again', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    world.answer = 'silent';
    watch.watch();
    watch.rest();
    await pass(10_000);
    expect([world.pings, world.reconnects, vi.getTimerCount()]).toEqual([2, 0, 0]);
  });

  it('ignores a missing answer after stop()', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    world.answer = 'silent';
    watch.watch();
    watch.stop();
    await pass(10_000);
    expect([world.reconnects, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it('does nothing more if the game closes the link when its socket is dropped', async () => {
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

  it('keeps a socket that has come up since the one that gave no answer', async () => {
    const { world, watch, set } = startWatching();
    world.answer = 'silent';
    watch.watch();
    world.answer = 'alive';
    await Promise.all([set(false), set(true)]);
    expect(world.reconnects).toBe(0);
  });

  it('keeps the socket of a server that does not support pings', async () => {
    const { world, watch } = startWatching();
    await pass(0);
    world.answer = 'unsupported';
    watch.watch();
    await pass(10_000);
    expect([world.pings, world.reconnects]).toEqual([2, 0]);
  });

  it('reports up only once the server knows us again', async () => {
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

  it('reports nothing of a connection that ended before the server knew us', async () => {
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

  it('reports up even if the caller cannot identify', async () => {
    const error = new Error('of a game');
    const { told, errors, set } = startWatching({ reidentify: () => Promise.reject(error) });
    await set(false);
    await set(true);
    expect([told, errors]).toEqual([[false, true], [error]]);
  });

  it('reports up even if the caller never finishes identifying', async () => {
    const { told, set } = startWatching({ reidentify: () => new Promise(() => {}) });
    await set(false);
    await set(true);
    await pass(4_999);
    expect(told).toEqual([false]);
    await pass(1);
    expect(told).toEqual([false, true]);
  });

  it('leaves no timer after stop() while the caller is identifying', async () => {
    const { watch, set } = startWatching({ reidentify: () => new Promise(() => {}) });
    for (const isUp of [false, true, false, true]) await set(isUp);
    watch.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reports nothing of a socket that is known only after stop()', async () => {
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

  it('ends with stop(): no ping, no timer, no listener, and the former pace of reconnecting', async () => {
    const { watch, world, listeners } = startWatching();
    watch.watch();
    watch.stop();
    await pass(10_000);
    expect([world.pings, vi.getTimerCount(), listeners.size, world.rests]).toEqual([2, 0, 0, 1]);
  });
});
