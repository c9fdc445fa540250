import { describe, expect, it } from 'vitest';
import { RoundTrips } from '../../src/peer/round-trips';

describe('round trips', () => {
  it('report nothing before there is anything to report', () => {
    expect(new RoundTrips().report(0)).toEqual({ rttMs: null, jitterMs: null, loss: null });
  });

  it('measure a round trip of 0 as 0', () => {
    const trips = new RoundTrips();
    trips.pong(trips.ping(100), 100);
    expect(trips.report(100)).toEqual({ rttMs: 0, jitterMs: 0, loss: 0 });
  });

  it('report the newest round trip or, if less, the median, and the jitter smoothed as in RFC 3550', () => {
    const trips = new RoundTrips();
    trips.pong(trips.ping(0), 20);
    trips.pong(trips.ping(100), 136);
    expect(trips.report(200)).toEqual({ rttMs: 20, jitterMs: 1, loss: 0 });
    trips.pong(trips.ping(200), 252);
    expect(trips.report(300)).toEqual({ rttMs: 36, jitterMs: 1 + 15 / 16, loss: 0 });
  });

  it.each([
    {
      what: 'our page stalled, then the path became slower',
      rttsMs: [30, 30, 30, 850, 750, 30, 30, 30, 400, 400, 400],
      told: [30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 400],
    },
    {
      what: "the peer's page stalled",
      rttsMs: [30, 30, 30, 530, 430, 330, 230, 130, 30],
      told: [30, 30, 30, 30, 30, 330, 230, 130, 30],
    },
  ])('are reported when $what', ({ rttsMs, told }) => {
    const trips = new RoundTrips();
    const report = (rttMs: number) => {
      trips.pong(trips.ping(0), rttMs);
      return trips.report(0).rttMs;
    };
    expect(rttsMs.map(report)).toEqual(told);
  });

  it('match pongs that arrive out of order, and each ping once', () => {
    const trips = new RoundTrips();
    const [first, second] = [trips.ping(0), trips.ping(10)];
    trips.pong(second, 30);
    trips.pong(first, 40);
    trips.pong(first, 4_000);
    expect(trips.report(0)).toEqual({ rttMs: 20, jitterMs: 20 / 16, loss: 0 });
  });

  it('ignore a pong to a ping that was never sent', () => {
    const trips = new RoundTrips();
    expect([trips.pong(99, 5), trips.report(0).rttMs]).toEqual([false, null]);
  });

  it('count a ping as lost only after a second', () => {
    const trips = new RoundTrips();
    trips.pong(trips.ping(0), 10);
    trips.ping(100);
    expect(trips.report(1_100).loss).toBe(0);
    expect(trips.report(1_101).loss).toBe(0.5);
  });

  it('remember only the last 32 pings', () => {
    const trips = new RoundTrips();
    const [first, second] = [trips.ping(0), trips.ping(0)];
    for (let number = 2; number < 33; number++) trips.ping(1);
    expect([trips.pong(first, 50), trips.pong(second, 50)]).toEqual([false, true]);
    expect(trips.report(10_000).loss).toBe(31 / 32);
  });

  it('excuse pings of an outage, but count earlier losses and late answers', () => {
    const trips = new RoundTrips();
    trips.ping(0);
    trips.pong(trips.ping(10), 20);
    const [, , late] = [trips.ping(100), trips.ping(200), trips.ping(300)];
    trips.ignore(50);
    expect(trips.report(10_000).loss).toBe(1 / 2);
    expect(trips.pong(late, 400)).toBe(true);
    expect(trips.report(10_000).loss).toBe(1 / 3);
  });

  it('count the pings since a moment', () => {
    const trips = new RoundTrips();
    for (const at of [100, 200, 300]) trips.ping(at);
    expect([trips.sentSince(99), trips.sentSince(200), trips.sentSince(300)]).toEqual([3, 1, 0]);
  });
});
