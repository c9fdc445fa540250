import { type LinkReport, type RecordBody, reportOf } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import {
  BEGAN_MS,
  DIRECT,
  type Entry,
  FAILURE,
  mark,
  moved,
  RELAYED,
  SESSION,
  sample,
  toldOutage,
  written,
} from './written';

const report = (...entries: Entry[]) => reportOf(written(...entries));
const summary = (sinceMs: number, ...entries: Entry[]) => reportOf(written(...entries), sinceMs).summary;
const health = (...entries: Entry[]) => report(...entries).p2p_health_report;

const up = moved('checking.offered', 'connected.steady');
const lost = moved('connected.steady', 'disconnected');
const back = moved('disconnected', 'connected.steady');
const failed = moved('disconnected', 'failed', { context: { failure: FAILURE } });
const told: RecordBody = { kind: 'announcement', announcement: { type: 'lost' } };

const NOTHING: LinkReport = {
  p2p_connection_type: { connection_type: 'unknown', details: null },
  p2p_health_report: { connection_type: 'unknown', latency_ms: null, status: 'reconnecting' },
  summary: {
    p2p_type: 'unknown',
    connection_details: null,
    outages: 0,
    blips: 0,
    attempts: 0,
    lost_ms: 0,
    rtt_ms: null,
  },
  line: 'P2P type: unknown',
};

describe('the report of a link that never existed', () => {
  it('says that nothing is known', () => {
    expect(report()).toEqual(NOTHING);
    expect(report([0, moved('', 'new')])).toEqual(NOTHING);
  });
});

describe('the path in a report', () => {
  const details = {
    localCandidateType: 'relay',
    remoteCandidateType: 'prflx',
    protocol: 'tcp',
    relayProtocol: 'tls',
    timestamp: BEGAN_MS + 60,
  };

  it('is the last one that was found, with its time', () => {
    expect(report([50, { kind: 'path', path: DIRECT }], [60, { kind: 'path', path: RELAYED }])).toEqual({
      ...NOTHING,
      p2p_connection_type: { connection_type: 'relay', details },
      p2p_health_report: { ...NOTHING.p2p_health_report, connection_type: 'relay' },
      summary: { ...NOTHING.summary, p2p_type: 'relay', connection_details: details },
      line: 'P2P type: relay',
    });
  });

  it('remains in the report of a closed link', () => {
    const closed = moved('connected.steady', 'closed', { event: 'close' });
    const entries: Entry[] = [
      [60, { kind: 'path', path: RELAYED }],
      [70, closed],
      [70, { kind: 'path', path: null }],
    ];
    expect(report(...entries)).toEqual(report(...entries.slice(0, 2)));
    expect(report(...entries).summary).toMatchObject({ p2p_type: 'relay', connection_details: details });
  });

  it('is only that of the newest session', () => {
    expect(report([0, SESSION], [50, { kind: 'path', path: DIRECT }], [60, SESSION])).toEqual(NOTHING);
  });

  it('is the server fallback once the link has failed', () => {
    expect(report([60, { kind: 'path', path: RELAYED }], [70, lost], [80, failed])).toMatchObject({
      p2p_connection_type: { connection_type: 'relay', details },
      p2p_health_report: { connection_type: 'socketio_fallback', status: 'reconnecting' },
      summary: { p2p_type: 'socketio_fallback', connection_details: details },
      line: 'P2P type: socketio_fallback',
    });
  });
});

describe('the health in a report', () => {
  it.each([
    ['good', 'healthy'],
    ['unknown', 'healthy'],
    ['warning', 'degraded'],
    ['critical', 'degraded'],
  ] as const)('of a link whose last sample was %s is %s', (status, word) => {
    expect(health([0, up], [10, sample(12, 'good')], [20, sample(34, status)])).toEqual({
      connection_type: 'unknown',
      latency_ms: 34,
      status: word,
    });
  });

  it('is healthy for a link without samples', () => {
    expect(health([0, up])).toEqual({ connection_type: 'unknown', latency_ms: null, status: 'healthy' });
  });

  it('keeps the last measured round trip', () => {
    const silent = health([0, up], [10, sample(12, 'critical')], [20, lost], [30, sample(null)]);
    expect(silent).toEqual({ connection_type: 'unknown', latency_ms: 12, status: 'reconnecting' });
  });

  it('is not changed by other records than transitions and samples', () => {
    const learned: RecordBody = {
      kind: 'event',
      machine: 'connection',
      from: 'outside',
      event: { type: 'peer.learned' },
    };
    const others: Entry[] = [
      [20, learned],
      [30, mark('here')],
    ];
    expect(report([0, up], [10, sample(12, 'warning')], ...others)).toEqual(
      report([0, up], [10, sample(12, 'warning')]),
    );
  });

  it('depends on the connection, not on the outage machine', () => {
    expect(health([0, up], [10, toldOutage('opened', 'none')]).status).toBe('healthy');
  });
});

describe('the summary in a report', () => {
  it('has minimum, median and maximum of the measured round trips', () => {
    const rtts = [30, 100, null, 9, 20, 4];
    const samples = rtts.map((rttMs, index): Entry => [index, sample(rttMs)]);
    expect(summary(0, ...samples).rtt_ms).toEqual({ min: 4, median: 20, max: 100 });
    expect(summary(0, [0, sample(7)]).rtt_ms).toEqual({ min: 7, median: 7, max: 7 });
    expect(summary(0, [0, sample(8)], [1, sample(7)]).rtt_ms).toEqual({ min: 7, median: 7.5, max: 8 });
    expect(summary(0, [0, sample(null)]).rtt_ms).toBeNull();
  });

  it('counts only the round trips of the episode, including its first moment', () => {
    const samples: Entry[] = [
      [99, sample(1)],
      [100, sample(2)],
      [101, sample(3)],
    ];
    expect(summary(100, ...samples).rtt_ms).toEqual({ min: 2, median: 2.5, max: 3 });
  });

  const ONE = { ...NOTHING.summary, outages: 1, lost_ms: 500 };

  it('distinguishes outages that were announced to the game from blips', () => {
    expect(summary(0, [1_000, lost], [1_100, told], [1_500, back])).toEqual(ONE);
    expect(summary(0, [1_000, lost], [1_500, back])).toEqual({ ...ONE, outages: 0, blips: 1 });
    expect(summary(0, [1_000, lost], [1_500, failed])).toEqual({ ...ONE, p2p_type: 'socketio_fallback' });
  });

  it('counts a recovery out of `failed` as neither outage nor blip, but its time as lost', () => {
    const again = moved('failed', 'restarting.attempting.offered', { event: 'restart' });
    const refused = moved('restarting.attempting.offered', 'failed', { context: { failure: FAILURE } });
    const up = moved('restarting.attempting.offered', 'connected.steady');
    const entries: Entry[] = [
      [1_000, lost],
      [1_100, told],
      [1_500, failed],
      [2_000, again],
      [2_100, refused],
      [3_000, again],
      [3_050, up],
    ];
    expect(summary(0, ...entries)).toEqual({ ...ONE, attempts: 2, lost_ms: 650 });
  });

  it('counts no first connect as an outage or a blip: there was no link to lose', () => {
    const late = moved('checking.offered', 'restarting.attempting.offered');
    const up = moved('restarting.attempting.offered', 'connected.steady');
    const never = moved('checking.offered', 'failed', { context: { failure: FAILURE } });
    expect(summary(0, [1_000, late], [2_000, up])).toEqual({ ...NOTHING.summary, attempts: 1 });
    expect(summary(0, [1_000, never])).toEqual({ ...NOTHING.summary, p2p_type: 'socketio_fallback' });
  });

  it('sums outages, attempts and lost time, to the ms', () => {
    const attempt = moved('disconnected', 'restarting.attempting.offered');
    const restored = moved('restarting.attempting.offered', 'connected.steady');
    const entries: Entry[] = [
      [1_000, lost],
      [1_100, told],
      [1_200, attempt],
      [1_500.4, restored],
      [2_000, lost],
      [2_100, told],
      [2_200, attempt],
      [2_700.3, restored],
      [3_000, lost],
      [3_050, back],
    ];
    expect(summary(0, ...entries)).toEqual({
      ...NOTHING.summary,
      outages: 2,
      blips: 1,
      attempts: 2,
      lost_ms: 1_251,
    });
  });

  it('counts an outage that still lasts up to the last record', () => {
    const lasting: Entry[] = [
      [1_000, lost],
      [1_100, told],
      [1_500, sample(null)],
    ];
    expect(summary(0, ...lasting)).toEqual(ONE);
    expect(summary(1_400, ...lasting)).toEqual({ ...ONE, lost_ms: 100 });
  });

  it('counts only the part of an outage within the episode', () => {
    const entries: Entry[] = [
      [1_000, lost],
      [1_100, told],
      [1_500, back],
    ];
    expect(summary(1_400, ...entries)).toEqual({ ...ONE, lost_ms: 100 });
    expect(summary(1_500, ...entries)).toEqual({ ...ONE, lost_ms: 0 });
    expect(summary(1_501, ...entries)).toEqual(NOTHING.summary);
    expect(summary(1_501, ...entries, [2_000, mark('later')])).toEqual(NOTHING.summary);
  });
});
