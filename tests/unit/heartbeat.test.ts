import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Browser } from '../../machines';
import { startHeartbeat } from '../../src/peer/heartbeat';
import { fakeLinks } from './fake-links';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A heartbeat of 200 ms that reports silence after 1 s, over a link that is heard only when `hear` says so. */
function startBeating({ browser = 'chromium' }: { browser?: Browser } = {}) {
  let sleptMs = 0;
  const now = () => Date.now() + sleptMs;
  const { links, asLinks } = fakeLinks(now);
  const silences: number[] = [];
  let wakes = 0;
  const stop = startHeartbeat(
    { links: asLinks, heartbeatMs: 200, silenceMs: 1_000, now, browser },
    (fact) => {
      if (fact.type === 'life.silent') silences.push(fact.silentForMs);
      if (fact.type === 'page.resumed' && fact.slept) wakes += 1;
    },
  );
  return {
    links,
    silences,
    stop,
    get wakes() {
      return wakes;
    },
    hear: () => {
      links.current.control.lastHeardAtMs = now();
    },
    /** The clock advances while no timer runs. */
    sleep: (ms: number) => {
      sleptMs += ms;
    },
  };
}

describe('the heartbeat', () => {
  it('pings every 200 ms', () => {
    const beat = startBeating();
    vi.advanceTimersByTime(1_000);
    expect(beat.links.probes).toBe(5);
  });

  it('reports no silence while anything is heard', async () => {
    const beat = startBeating();
    for (let second = 0; second < 60; second++) {
      await vi.advanceTimersByTimeAsync(900);
      beat.hear();
    }
    expect(beat.silences).toEqual([]);
  });

  it('reports how long the link has been silent, from 1 s on', async () => {
    const beat = startBeating();
    await vi.advanceTimersByTimeAsync(999);
    expect(beat.silences).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(beat.silences).toEqual([1_000]);
  });

  it('reports no silence while packets still arrive, even if SCTP holds messages back', async () => {
    const beat = startBeating();
    beat.links.current.quietMs = 200;
    await vi.advanceTimersByTimeAsync(4_800);
    expect(beat.silences).toEqual([]);
  });

  it('reports a peer that says nothing for five times the silence, even if its browser acknowledges', async () => {
    const beat = startBeating();
    beat.links.current.quietMs = 200;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(beat.silences).toEqual([5_000]);
  });

  describe('over a link that loses half of its answers', () => {
    const startLossy = () => {
      const beat = startBeating();
      const { roundTrips } = beat.links.current.control;
      for (let ping = 0; ping < 30; ping++) {
        const seq = roundTrips.ping(Date.now() - 5_000);
        if (ping % 2 === 0) roundTrips.pong(seq, Date.now() - 4_990);
      }
      return beat;
    };

    it('waits longer, but at most twice as long', async () => {
      const beat = startLossy();
      await vi.advanceTimersByTimeAsync(1_800);
      expect(beat.silences).toEqual([]);
      await vi.advanceTimersByTimeAsync(200);
      expect(beat.silences).toEqual([2_000]);
    });

    it('accepts packets as a sign of life up to twenty times the silence', async () => {
      const beat = startLossy();
      beat.links.current.quietMs = 200;
      await vi.advanceTimersByTimeAsync(19_800);
      expect(beat.silences).toEqual([]);
      await vi.advanceTimersByTimeAsync(200);
      expect(beat.silences).toEqual([20_000]);
    });

    it('learns of the loss while it runs', async () => {
      const beat = startBeating();
      for (let tick = 0; tick < 20; tick++) {
        await vi.advanceTimersByTimeAsync(200);
        beat.hear();
      }
      await vi.advanceTimersByTimeAsync(1_800);
      expect(beat.silences).toEqual([]);
      await vi.advanceTimersByTimeAsync(200);
      expect(beat.silences).toEqual([2_000]);
    });

    it('does not apply that to a link that follows', async () => {
      const beat = startLossy();
      await vi.advanceTimersByTimeAsync(200);
      beat.links.current = fakeLinks(Date.now).links.current;
      await vi.advanceTimersByTimeAsync(1_000);
      expect(beat.silences).toEqual([1_000]);
    });
  });

  it('reports silence if the browser does not report packets', async () => {
    const beat = startBeating();
    beat.links.current.pc.getStats = () => Promise.reject(new Error('closed'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(beat.silences).toEqual([1_000]);
  });

  it('reports nothing before there is a connection', async () => {
    const beat = startBeating();
    Object.assign(beat.links, { current: null, probe() {} });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(beat.silences).toEqual([]);
  });

  it('reports nothing about a link that was replaced while the browser was asked', async () => {
    const beat = startBeating();
    vi.advanceTimersByTime(1_000);
    beat.links.current = fakeLinks(Date.now).links.current;
    await vi.advanceTimersByTimeAsync(0);
    expect(beat.silences).toEqual([]);
  });

  it('reports nothing that it learns after its stop', async () => {
    const beat = startBeating();
    vi.advanceTimersByTime(1_000);
    beat.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect(beat.silences).toEqual([]);
  });

  it('reports nothing about a peer that no longer has a heartbeat', async () => {
    const beat = startBeating();
    await vi.advanceTimersByTimeAsync(800);
    beat.links.current.control.hasHeartbeat = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(beat.silences).toEqual([]);
  });

  it('requires two unanswered pings: a throttled page reports no peer that answers', async () => {
    const beat = startBeating();
    for (let second = 0; second < 300; second++) {
      // The page is hidden: its timers run once a second, and each pong comes right after its ping.
      beat.sleep(800);
      await vi.advanceTimersByTimeAsync(200);
      beat.hear();
    }
    expect(beat.silences).toEqual([]);
  });

  it('reports silence in a throttled page after two unanswered pings, but not after one', async () => {
    const beat = startBeating();
    const tick = async () => {
      beat.sleep(800);
      await vi.advanceTimersByTimeAsync(200);
    };
    await tick();
    await tick();
    expect(beat.silences).toEqual([]);
    await tick();
    expect(beat.silences).toEqual([3_000]);
  });

  it('reports waking and probes after a sleep, and reports no silence for it', async () => {
    const beat = startBeating();
    await vi.advanceTimersByTimeAsync(800);
    beat.sleep(60_000);
    await vi.advanceTimersByTimeAsync(200);
    expect([beat.wakes, beat.silences, beat.links.probes]).toEqual([1, [], 5]);
  });

  it.each([
    [5_000, 0],
    [5_001, 1],
  ])('treats a tick that is %i ms late as a sleep: %i', (lateMs, wakes) => {
    const beat = startBeating();
    vi.advanceTimersByTime(1_000);
    beat.hear();
    beat.sleep(lateMs);
    vi.advanceTimersByTime(200);
    expect(beat.wakes).toBe(wakes);
    vi.advanceTimersByTime(200);
    expect(beat.wakes).toBe(wakes);
  });

  it('stirs the ICE of a silent connection every 5 s, if the browser can roll that back', () => {
    const [chromium, firefox] = [startBeating(), startBeating({ browser: 'firefox' })];
    vi.advanceTimersByTime(4_800);
    expect(chromium.links.current.holds).toBe(0);
    vi.advanceTimersByTime(15_200);
    expect([chromium.links.current.holds, firefox.links.current.holds]).toEqual([4, 0]);
  });

  it('does not stir the ICE of a connection that is heard', () => {
    const beat = startBeating();
    for (let second = 0; second < 60; second++) {
      vi.advanceTimersByTime(900);
      beat.hear();
    }
    expect(beat.links.current.holds).toBe(0);
  });

  it('leaves no timer behind', () => {
    const beat = startBeating();
    beat.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
