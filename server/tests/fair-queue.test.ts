import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FairQueue, type QueuedClient, type Rank } from '../src/fair-queue';

describe('the fair queue', () => {
  const worker = (
    log: string[],
    name: string,
    pieces: number,
    rank: Rank = 'burst',
    bytes = 0,
  ): QueuedClient => ({
    rank,
    get isWaiting() {
      return pieces > 0;
    },
    next() {
      log.push(name);
      pieces -= 1;
      return bytes;
    },
  });

  it('takes turns, and serves bursts before floods', async () => {
    const fairQueue = new FairQueue();
    const log: string[] = [];
    fairQueue.add(worker(log, 'flood', 2, 'busy'));
    fairQueue.add(worker(log, 'a', 2));
    fairQueue.add(worker(log, 'b', 2));
    while (log.length < 6) await turn();
    expect(log).toEqual(['a', 'b', 'a', 'b', 'flood', 'flood']);
  });

  it('serves a busy client before a hostile one, even if that came first', async () => {
    const fairQueue = new FairQueue();
    const log: string[] = [];
    fairQueue.add(worker(log, 'hostile', 1, 'hostile'));
    fairQueue.add(worker(log, 'busy', 2, 'busy'));
    while (log.length < 3) await turn();
    expect(log).toEqual(['busy', 'busy', 'hostile']);
  });

  it('serves a hostile client little by little, and better ones in between', async () => {
    const fairQueue = new FairQueue();
    const log: string[] = [];
    fairQueue.add(worker(log, 'hostile', 1_000, 'hostile', 4_096));
    while (log.length === 0) await turn();
    const before = log.length;
    expect(before).toBeLessThanOrEqual(8);
    const busy = 5;
    for (let number = 0; number < busy; number++) fairQueue.add(worker(log, 'busy', 1, 'busy'));
    while (log.length < before + busy) await turn();
    expect(log.slice(before)).toEqual(Array(busy).fill('busy'));
    fairQueue.stop();
  });

  it('leaves a client that asks again in its place', async () => {
    const fairQueue = new FairQueue();
    const log: string[] = [];
    const [a, b] = [worker(log, 'a', 1), worker(log, 'b', 1)];
    for (const each of [a, b, a]) fairQueue.add(each);
    while (log.length < 2) await turn();
    expect(log).toEqual(['a', 'b']);
  });

  it('does nothing more once it is stopped', async () => {
    const fairQueue = new FairQueue();
    const log: string[] = [];
    fairQueue.add(worker(log, 'a', 1));
    fairQueue.stop();
    await turn();
    await turn();
    expect(log).toEqual([]);
  });
});

describe('the share of a core that the fair queue leaves to everybody else', () => {
  afterEach(() => void vi.restoreAllMocks().unstubAllGlobals());

  /** A queue on a clock that only its work and its waiting advance. */
  function startQueue() {
    let nowMs = 0;
    let begin: (() => void) | undefined;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    vi.stubGlobal('setImmediate', (slice: () => void) => {
      begin = slice;
    });
    vi.stubGlobal('setTimeout', (slice: () => void, ms: number) => {
      begin = () => {
        nowMs += ms;
        slice();
      };
    });
    return {
      fairQueue: new FairQueue(),
      nowMs: () => nowMs,
      work: (ms: number) => {
        nowMs += ms;
      },
      /** Waits for the next slice to start and end. */
      slice: async () => {
        const slice = begin;
        begin = undefined;
        slice?.();
        while (begin === undefined) await new Promise<void>((resolve) => process.nextTick(resolve));
      },
    };
  }

  /** A second in which somebody always has a piece, which costs that much. */
  async function second(rank: Rank, piece: { ms: number; bytes: number }) {
    const { fairQueue, nowMs, work, slice } = startQueue();
    const done = { ms: 0, bytes: 0 };
    const next = () => {
      work(piece.ms);
      done.ms += piece.ms;
      done.bytes += piece.bytes;
      return piece.bytes;
    };
    fairQueue.add({ rank, isWaiting: true, next });
    while (nowMs() < 1_000) await slice();
    return { core: done.ms / nowMs(), bytesPerMs: done.bytes / nowMs() };
  }

  it('is the same after a slice of a hostile client: a burst waits twice as long as that slice took', async () => {
    const { fairQueue, nowMs, work, slice } = startQueue();
    const next = () => {
      work(5);
      return 1;
    };
    fairQueue.add({ rank: 'hostile', isWaiting: true, next });
    await slice();
    const servedAtMs: number[] = [];
    fairQueue.add({ rank: 'burst', isWaiting: true, next: () => servedAtMs.push(nowMs()) });
    await slice();
    expect(servedAtMs[0]).toBe(15);
  });

  it.each<[what: string, rank: Rank, share: number]>([
    ['a third', 'burst', 1 / 3],
    ['a third', 'busy', 1 / 3],
    ['a tenth', 'hostile', 1 / 10],
  ])('is all of it except %s while clients of the rank %s wait', async (_, rank, share) => {
    for (const ms of [0.25, 5]) expect((await second(rank, { ms, bytes: 1 })).core).toBeCloseTo(share, 2);
  });

  it.each<[rank: Rank, most: number]>([
    ['burst', 16_000],
    ['busy', 8_000],
    ['hostile', 2_000],
  ])('limits clients of the rank %s to %i bytes a millisecond', async (rank, most) => {
    expect((await second(rank, { ms: 0, bytes: 4_096 })).bytesPerMs / most).toBeCloseTo(1, 1);
  });
});
