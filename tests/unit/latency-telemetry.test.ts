import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordSuccessor } from '../../src/peer/lineage';
import { LatencyTelemetry } from '../../src/stats/latency-telemetry';
import { reportOf, statsOnly } from './stats-world';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A connection with these round trips, one after the other; null if the browser has none. */
function connectionWith(...rtts: (number | null)[]) {
  const left = [...rtts];
  return statsOnly(() => reportOf(left.shift() ?? null));
}

async function collect(count: number, ...rtts: (number | null)[]) {
  const telemetry = new LatencyTelemetry(connectionWith(...rtts));
  telemetry.start();
  await vi.advanceTimersByTimeAsync(count * 1_000);
  return telemetry;
}

describe('latency telemetry', () => {
  it('has no statistics without samples', () => {
    expect(new LatencyTelemetry(connectionWith()).getStats()).toBeNull();
  });

  it('returns minimum, maximum, mean and median of what it collected', async () => {
    const telemetry = await collect(4, 10, 40, 20, 30);
    expect(telemetry.getStats()).toEqual({
      sampleCount: 4,
      minMs: 10,
      maxMs: 40,
      meanMs: 25,
      medianMs: 25,
      samples: telemetry.getSamples(),
    });
    expect(telemetry.getSamples().map(({ rttMs }) => rttMs)).toEqual([10, 40, 20, 30]);
  });

  it('takes the middle sample of an odd number, sorted as numbers and not as text', async () => {
    expect((await collect(3, 100, 9, 20)).getStats()).toMatchObject({ medianMs: 20 });
  });

  it('counts a round trip of 0, but not an unknown one', async () => {
    expect((await collect(3, 0, null, 8)).getSamples().map(({ rttMs }) => rttMs)).toEqual([0, 8]);
  });

  it('keeps the newest 600', async () => {
    const telemetry = await collect(605, ...Array.from({ length: 605 }, (_, index) => index));
    expect(telemetry.getStats()).toMatchObject({ sampleCount: 600, minMs: 5, maxMs: 604 });
  });

  it('returns copies', async () => {
    const telemetry = await collect(1, 5);
    telemetry.getSamples().length = 0;
    telemetry.getStats()?.samples.splice(0);
    expect(telemetry.getSamples()).toHaveLength(1);
  });

  it('samples at the given interval, and timestamps each sample by the wall clock', async () => {
    const telemetry = new LatencyTelemetry(connectionWith(1, 2), { pollInterval: 250 });
    const beganMs = Date.now();
    telemetry.start();
    await vi.advanceTimersByTimeAsync(500);
    expect(telemetry.getSamples()).toEqual([
      { timestamp: beganMs + 250, rttMs: 1 },
      { timestamp: beganMs + 500, rttMs: 2 },
    ]);
  });

  it('starts once, and leaves no timer after stop()', async () => {
    const telemetry = await collect(0);
    telemetry.start();
    expect(vi.getTimerCount()).toBe(1);
    telemetry.stop();
    telemetry.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps no sample that arrives after stop()', async () => {
    let deliver: (report: RTCStatsReport) => void = () => {};
    const slow = statsOnly(() => new Promise((resolve) => (deliver = resolve)));
    const telemetry = new LatencyTelemetry(slow);
    telemetry.start();
    await vi.advanceTimersByTimeAsync(1_000);
    telemetry.stop();
    deliver(reportOf(5));
    await vi.advanceTimersByTimeAsync(0);
    expect(telemetry.getSamples()).toEqual([]);
  });

  it('follows the connection that replaced its own, and the one after that', async () => {
    const [first, second, third] = [connectionWith(1), connectionWith(2), connectionWith(3)];
    const telemetry = new LatencyTelemetry(first);
    telemetry.start();
    await vi.advanceTimersByTimeAsync(1_000);
    recordSuccessor(first, second);
    await vi.advanceTimersByTimeAsync(1_000);
    recordSuccessor(second, third);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(telemetry.getSamples().map(({ rttMs }) => rttMs)).toEqual([1, 2, 3]);
  });

  it('survives a connection that rejects getStats()', async () => {
    const telemetry = new LatencyTelemetry(statsOnly(() => Promise.reject(new Error('closed'))));
    telemetry.start();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(telemetry.getStats()).toBeNull();
  });
});
