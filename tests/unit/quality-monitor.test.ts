import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordSuccessor } from '../../src/peer/lineage';
import type { RoundTripReport } from '../../src/peer/round-trips';
import {
  ConnectionQualityMonitor,
  type Degradation,
  type QualityChange,
} from '../../src/stats/connection-quality-monitor';
import { reportOf, statsOnly, toReport } from './stats-world';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function startMonitor(
  options: ConstructorParameters<typeof ConnectionQualityMonitor>[1] = {},
  heartbeat?: () => RoundTripReport | null,
) {
  let report = reportOf(null);
  const pc = statsOnly(() => report);
  const monitor = new ConnectionQualityMonitor(pc, options, heartbeat);
  const [changes, degradations]: [QualityChange[], Degradation[]] = [[], []];
  monitor.onQualityChange = (change) => changes.push(change);
  monitor.onDegradation = (degradation) => degradations.push(degradation);
  const setReport = (next: RTCStatsReport) => {
    report = next;
  };
  return {
    monitor,
    pc,
    changes,
    degradations,
    setReport,
    /** One sample each. */
    async sample(...rtts: (number | null)[]) {
      for (const rtt of rtts) {
        setReport(reportOf(rtt));
        await monitor._poll();
      }
      return monitor.status;
    },
  };
}

describe('the thresholds', () => {
  it.each([
    [0, 'good'],
    [150, 'good'],
    [150.5, 'warning'],
    [300, 'warning'],
    [300.5, 'critical'],
  ])('make %s ms %s: strictly above', async (rtt, status) => {
    expect(await startMonitor().sample(rtt)).toBe(status);
  });

  it('are options', async () => {
    expect(await startMonitor({ warningLatency: 20, criticalLatency: 40 }).sample(30)).toBe('warning');
  });
});

describe('the status', () => {
  it('is unknown, and stays so, without a round trip', async () => {
    const world = startMonitor();
    expect(await world.sample(null, null)).toBeNull();
    expect(world.changes).toEqual([]);
    expect(world.monitor.lastStats).toMatchObject({ currentRtt: null, avgRtt: null });
  });

  it('is not changed by a sample without a round trip', async () => {
    expect(await startMonitor().sample(400, null, null, null)).toBe('critical');
  });

  it('needs two of three samples to change', async () => {
    const world = startMonitor();
    expect(await world.sample(20, 400)).toBe('good');
    expect(await world.sample(20, 20)).toBe('good');
    expect(await world.sample(400, 20)).toBe('good');
    expect(await world.sample(400)).toBe('critical');
  });

  it('needs as many to leave the first one', async () => {
    const world = startMonitor();
    expect(await world.sample(400, 20)).toBe('critical');
    expect(await world.sample(20)).toBe('good');
  });

  it('improves only clearly below its threshold', async () => {
    const world = startMonitor();
    expect(await world.sample(151, 149, 136, 140, 149)).toBe('warning');
    expect(await world.sample(134, 134)).toBe('good');
  });

  it('improves by one step, too, only clearly below its threshold', async () => {
    const world = startMonitor();
    expect(await world.sample(301, 299, 271)).toBe('critical');
    expect(await world.sample(269, 269)).toBe('warning');
  });

  it('is reported when it changes and not while it lasts, including recovery', async () => {
    const world = startMonitor();
    await world.sample(20, 20, 200, 200, 200, 20, 20, 20);
    expect(world.changes.map(({ status, rtt }) => [status, rtt])).toEqual([
      ['good', 20],
      ['warning', 200],
      ['good', 20],
    ]);
    const text = 'Round trip of 200 ms, above 150 ms';
    expect(world.degradations).toEqual([{ status: 'warning', rtt: 200, message: text, reason: text }]);
  });

  it('says in words which threshold was passed', async () => {
    const world = startMonitor({ warningLatency: 20, criticalLatency: 40 });
    await world.sample(30.4, 50.6, 50.6);
    expect(world.degradations.map(({ status, message }) => [status, message])).toEqual([
      ['warning', 'Round trip of 30 ms, above 20 ms'],
      ['critical', 'Round trip of 51 ms, above 40 ms'],
    ]);
  });

  it('is reported as degraded when it gets worse, not when it improves by one step', async () => {
    const world = startMonitor();
    expect(await world.sample(400, 400, 200, 100)).toBe('warning');
    expect(world.degradations.map(({ status, rtt }) => [status, rtt])).toEqual([['critical', 400]]);
  });

  it('changes even if nobody listens', async () => {
    const world = startMonitor();
    world.monitor.onQualityChange = world.monitor.onDegradation = null;
    expect(await world.sample(400)).toBe('critical');
  });

  it('may get worse and better by two steps', async () => {
    const world = startMonitor();
    await world.sample(20, 500, 500, 20, 20);
    expect(world.changes.map(({ status }) => status)).toEqual(['good', 'critical', 'good']);
  });
});

describe('the round trip', () => {
  it('is 0 if the browser reports 0, not the average of a lifetime', async () => {
    const world = startMonitor();
    world.setReport(reportOf(0, { totalRoundTripTime: 9, responsesReceived: 10 }));
    await world.monitor._poll();
    expect(world.changes).toMatchObject([{ status: 'good', rtt: 0, currentRtt: 0, avgRtt: 900 }]);
  });

  it('is the average if the browser reports no other', async () => {
    const world = startMonitor();
    world.setReport(reportOf(null, { totalRoundTripTime: 2, responsesReceived: 10 }));
    await world.monitor._poll();
    expect(world.changes).toMatchObject([{ status: 'warning', rtt: 200, currentRtt: null }]);
  });

  it.each([
    ['a sum without a count', { totalRoundTripTime: 2 }],
    ['a sum of no answers', { totalRoundTripTime: 2, responsesReceived: 0 }],
    ['a count without a sum', { responsesReceived: 10 }],
  ])('has no average if the browser reports %s', async (_, pair) => {
    const world = startMonitor();
    world.setReport(reportOf(null, pair));
    await world.monitor._poll();
    expect([world.monitor.lastStats?.avgRtt, world.monitor.status]).toEqual([null, null]);
  });

  it('is that of the heartbeat if there is one, because stats are frozen or old', async () => {
    const world = startMonitor({}, () => ({ rttMs: 320, jitterMs: 4, loss: 0.25 }));
    expect(await world.sample(5)).toBe('critical');
    expect(world.changes).toMatchObject([{ rtt: 320, jitter: 4, loss: 0.25 }]);
  });

  it('is 0 if the heartbeat reports 0', async () => {
    const world = startMonitor({}, () => ({ rttMs: 0, jitterMs: 0, loss: 0 }));
    await world.sample(400);
    expect(world.changes).toMatchObject([{ status: 'good', rtt: 0, currentRtt: 0 }]);
  });
});

describe('a sample', () => {
  it('has the metrics that upstream has', async () => {
    const world = startMonitor();
    world.setReport(
      reportOf(12, {
        totalRoundTripTime: 0.1,
        responsesReceived: 5,
        bytesSent: 1,
        bytesReceived: 2,
        packetsSent: 3,
        packetsReceived: 4,
        availableOutgoingBitrate: 5_000,
        timestamp: 77,
      }),
    );
    await world.monitor._poll();
    expect(world.monitor.lastStats).toEqual({
      currentRtt: 12,
      avgRtt: 20,
      jitter: null,
      loss: null,
      bytesSent: 1,
      bytesReceived: 2,
      packetsSent: 3,
      packetsReceived: 4,
      state: 'succeeded',
      availableOutgoingBitrate: 5_000,
      timestamp: 77,
    });
  });

  it('has null for what the browser does not report, and a wall-clock timestamp then', async () => {
    const world = startMonitor();
    world.setReport(reportOf(12, { state: undefined }));
    await world.monitor._poll();
    expect(world.monitor.lastStats).toMatchObject({
      state: null,
      availableOutgoingBitrate: null,
      timestamp: Date.now(),
    });
  });

  it('is missing without a pair, or if the connection rejects getStats()', async () => {
    const world = startMonitor();
    world.setReport(toReport());
    await world.monitor._poll();
    expect(world.monitor.lastStats).toBeNull();
    expect(world.monitor._extractQualityMetrics(toReport())).toBeNull();
    const broken = new ConnectionQualityMonitor(statsOnly(() => Promise.reject(new Error('closed'))));
    await expect(broken._poll()).resolves.toBeUndefined();
  });
});

describe('the polling', () => {
  it('samples every 2 s, whether started once or twice', async () => {
    const world = startMonitor();
    const poll = vi.spyOn(world.monitor, '_poll');
    world.monitor.start();
    world.monitor.start();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(poll).toHaveBeenCalledTimes(3);
    world.monitor.stop();
    expect([world.monitor.intervalId, vi.getTimerCount()]).toEqual([null, 0]);
  });

  it('samples at the given interval', async () => {
    const world = startMonitor({ pollInterval: 500 });
    const poll = vi.spyOn(world.monitor, '_poll');
    world.monitor.start();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(poll).toHaveBeenCalledTimes(4);
    world.monitor.stop();
  });

  it('reports nothing that arrives after stop()', async () => {
    let deliver: (report: RTCStatsReport) => void = () => {};
    const monitor = new ConnectionQualityMonitor(
      statsOnly(() => new Promise((resolve) => (deliver = resolve))),
    );
    monitor.onQualityChange = () => expect.unreachable('told after stop()');
    monitor.start();
    const sample = monitor._poll();
    await vi.advanceTimersByTimeAsync(0);
    monitor.stop();
    deliver(reportOf(400));
    await sample;
    expect(monitor.lastStats).toBeNull();
  });

  it('continues with the connection that replaced its own', async () => {
    const world = startMonitor();
    recordSuccessor(
      world.pc,
      statsOnly(() => reportOf(200)),
    );
    await world.monitor._poll();
    expect(world.monitor.status).toBe('warning');
  });
});
