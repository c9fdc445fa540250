import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Browser } from '../../machines';
import { startHeartbeat } from '../../src/peer/heartbeat';
import { fakeLinks } from './fake-links';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A heartbeat of 200 ms that suspects after 1 s, over a link that answers as long as `hear` says so. */
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
    /** The clock runs on while no timer does. */
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

  it('suspects nobody who is heard, whatever is heard', async () => {
    const beat = startBeating();
    for (let second = 0; second < 60; second++) {
      await vi.advanceTimersByTimeAsync(900);
      beat.hear();
    }
    expect(beat.silences).toEqual([]);
  });

  it('tells how long it has been silent, from 1 s on', async () => {
    const beat = startBeating();
    await vi.advanceTimersByTimeAsync(999);
    expect(beat.silences).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(beat.silences).toEqual([1_000]);
  });

  it('suspects nobody whose packets still come, though SCTP holds its messages back', async () => {
    const beat = startBeating();
    beat.links.current.quietMs = 200;
    await vi.advanceTimersByTimeAsync(4_800);
    expect(beat.silences).toEqual([]);
  });

  it('suspects who says nothing for five times the silence, though its browser acknowledges', async () => {
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
        const seq = roundTrips.start(Date.now() - 5_000);
        if (ping % 2 === 0) roundTrips.end(seq, Date.now() - 4_990);
      }
      return beat;
    };

    it('has more patience, and twice as much at most', async () => {
      const beat = startLossy();
      await vi.advanceTimersByTimeAsync(1_800);
      expect(beat.silences).toEqual([]);
      await vi.advanceTimersByTimeAsync(200);
      expect(beat.silences).toEqual([2_000]);
    });

    it('takes packets for life up to twenty times the silence', async () => {
      const beat = startLossy();
      beat.links.current.quietMs = 200;
      await vi.advanceTimersByTimeAsync(19_800);
      expect(beat.silences).toEqual([]);
      await vi.advanceTimersByTimeAsync(200);
      expect(beat.silences).toEqual([20_000]);
    });

    it('learns so as it goes', async () => {
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

    it('holds it against no other link that follows', async () => {
      const beat = startLossy();
      await vi.advanceTimersByTimeAsync(200);
      beat.links.current = fakeLinks(Date.now).links.current;
      await vi.advanceTimersByTimeAsync(1_000);
      expect(beat.silences).toEqual([1_000]);
    });
  });

  it('suspects who is silent where the browser does not tell of packets', async () => {
    const beat = startBeating();
    beat.links.current.pc.getStats = () => Promise.reject(new Error('closed'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(beat.silences).toEqual([1_000]);
  });

  it('has nobody to suspect before there is a connection', async () => {
    const beat = startBeating();
    Object.assign(beat.links, { current: null, probe() {} });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(beat.silences).toEqual([]);
  });

  it('says nothing of a link that was replaced while the browser was asked', async () => {
    const beat = startBeating();
    vi.advanceTimersByTime(1_000);
    beat.links.current = fakeLinks(Date.now).links.current;
    await vi.advanceTimersByTimeAsync(0);
    expect(beat.silences).toEqual([]);
  });

  it('tells nothing that it learns after its stop', async () => {
    const beat = startBeating();
    vi.advanceTimersByTime(1_000);
    beat.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect(beat.silences).toEqual([]);
  });

  it('says nothing of a peer that knows no heartbeat any more', async () => {
    const beat = startBeating();
    await vi.advanceTimersByTimeAsync(800);
    beat.links.current.control.hasHeartbeat = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(beat.silences).toEqual([]);
  });

  it('counts silence only against two questions: a throttled page suspects nobody who answers', async () => {
    const beat = startBeating();
    for (let second = 0; second < 300; second++) {
      // The page is hidden: its timers run once a second, and each pong comes right after its ping.
      beat.sleep(800);
      await vi.advanceTimersByTimeAsync(200);
      beat.hear();
    }
    expect(beat.silences).toEqual([]);
  });

  it('suspects in a throttled page, too, when two questions went unanswered, and not when one did', async () => {
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

  it('wakes and probes after a sleep, and holds it against nobody', async () => {
    const beat = startBeating();
    await vi.advanceTimersByTimeAsync(800);
    beat.sleep(60_000);
    await vi.advanceTimersByTimeAsync(200);
    expect([beat.wakes, beat.silences, beat.links.probes]).toEqual([1, [], 5]);
  });

  it.each([
    [5_000, 0],
    [5_001, 1],
  ])('takes a tick that is %i ms late for a sleep: %i', (lateMs, wakes) => {
    const beat = startBeating();
    vi.advanceTimersByTime(1_000);
    beat.hear();
    beat.sleep(lateMs);
    vi.advanceTimersByTime(200);
    expect(beat.wakes).toBe(wakes);
    vi.advanceTimersByTime(200);
    expect(beat.wakes).toBe(wakes);
  });

  it('stirs the ICE of a silent connection every 5 s, where the browser takes that back', () => {
    const [chromium, firefox] = [startBeating(), startBeating({ browser: 'firefox' })];
    vi.advanceTimersByTime(4_800);
    expect(chromium.links.current.holds).toBe(0);
    vi.advanceTimersByTime(15_200);
    expect([chromium.links.current.holds, firefox.links.current.holds]).toEqual([4, 0]);
  });

  it('leaves the ICE of a connection alone that is heard', () => {
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
