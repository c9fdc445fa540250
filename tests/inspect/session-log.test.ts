import {
  CSV_COLUMNS,
  createRecorder,
  outagesOf,
  parseNdjson,
  reportOf,
  toCsv,
  toNdjson,
} from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { pass } from '../contract/players';
import { readFixture, recordsOf } from './fixtures';
import { connectRecorded, ofKind, startRecorded } from './recorded';

describe('the session log', () => {
  it('derives an outage with its cause, its steps and their times', () => {
    expect(outagesOf(recordsOf('outage'))).toEqual([
      {
        seq: expect.any(Number),
        isFirstConnect: false,
        isRetry: false,
        cause: 'life.silent',
        faultAtMs: 5_000,
        suspectedAtMs: expect.closeTo(6_000, -3),
        lostAtMs: expect.closeTo(6_500, -3),
        attempts: expect.arrayContaining([
          expect.objectContaining({ kind: 'rebuild', by: 'us', countedAtMs: expect.any(Number) }),
        ]),
        end: 'restored',
        endedBy: 'link.up',
        endedAtMs: expect.closeTo(25_000, -3),
        reason: null,
        durationMs: expect.closeTo(20_000, -3),
        pathBefore: expect.objectContaining({ connectionType: 'direct' }),
        pathAfter: null,
      },
    ]);
  });

  it('has the steps of an outage in order', () => {
    const [outage] = outagesOf(recordsOf('outage'));
    const attempt = outage?.attempts[0];
    const steps = [
      outage?.faultAtMs,
      outage?.suspectedAtMs,
      outage?.lostAtMs,
      attempt?.startedAtMs,
      attempt?.countedAtMs,
      attempt?.endedAtMs,
    ].map(Number);
    expect(steps).toEqual([...steps].sort((x, y) => x - y));
    expect(attempt?.endedAtMs).toBeLessThanOrEqual(outage?.endedAtMs ?? 0);
  });

  it('derives a failure with its reason', () => {
    expect(outagesOf(recordsOf('failure'))).toMatchObject([
      { cause: 'life.silent', end: 'failed', reason: 'peer-silent', faultAtMs: 5_000 },
    ]);
  });

  it('takes the last sign of life for the fault if no mark names one', async () => {
    const { recorder, world } = await connectRecorded();
    await pass(2_000);
    world.network.cut();
    await pass(4_000);
    const [outage] = outagesOf(recorder.records);
    const silent = ofKind(recorder, 'event').find(({ event }) => event.type === 'life.silent');
    expect(outage).toMatchObject({ cause: 'life.silent', end: null, durationMs: null });
    expect(outage?.faultAtMs).toBeCloseTo((silent?.atMs ?? 0) - (silent?.event.silentForMs ?? 0), 1);
  });

  it('distinguishes a failed first connect from an outage of a link', async () => {
    const { recorder, a } = startRecorded({ connectTimeoutMs: 2_000, maxIceRestarts: 0 });
    void a.manager.connectToPeer('nobody');
    await pass(5_000);
    expect(outagesOf(recorder.records)).toMatchObject([
      { isFirstConnect: true, cause: 'connect.timeout', attempts: [], end: 'failed' },
    ]);
  });

  it('reads back what it exports', () => {
    const text = readFixture('outage');
    const { records, refused } = parseNdjson(text);
    expect(refused).toBe(0);
    expect(toNdjson(records)).toBe(text);
  });

  it('exports a CSV with one line per record and the documented columns', () => {
    const records = recordsOf('failure');
    const lines = toCsv(records).split('\r\n');
    expect(lines[0]).toBe(CSV_COLUMNS.join(','));
    expect(lines.length).toBe(records.length + 2);
    const failed = lines.find((line) => line.includes(',announcement,') && line.includes('failed'));
    expect(failed).toMatch(
      /^sample-failure,\d+,\d+,2026-01-01T00:\d\d:\d\d\.\d\d\dZ,announcement,,failed,,,,peer-silent,/,
    );
  });

  it('quotes CSV cells where needed, and lets no cell be a formula', () => {
    const recorder = createRecorder({ label: 'x' });
    recorder.mark('=1+1, "quoted"');
    expect(recorder.toCsv().split('\r\n')[1]).toContain(`"'=1+1, ""quoted"""`);
  });
});

describe('a log that has dropped its oldest records', () => {
  it('still has the path that was found when the link started', async () => {
    const { recorder } = await connectRecorded({}, { maxRecords: 100 });
    await pass(120_000);
    expect(recorder.dropped).toBeGreaterThan(50);
    expect(reportOf(recorder.records).line).toBe('P2P type: direct');
  });

  it('still has when the outage under way started, why, and when it was announced', async () => {
    const { recorder, world } = await connectRecorded({}, { maxRecords: 100 });
    await pass(5_000);
    recorder.mark('fault: cut off');
    world.cutOff();
    await pass(10_000);
    const [whole] = outagesOf(recorder.records);
    await pass(60_000);
    expect(recorder.records.at(-1)?.seq).toBeGreaterThan(200);
    const [outage] = outagesOf(recorder.records);
    expect(outage).toEqual({ ...whole, pathBefore: expect.objectContaining({ connectionType: 'direct' }) });
    expect(outage).toMatchObject({ cause: 'life.silent', lostAtMs: expect.any(Number), end: null });
  });
});

describe('the report of a link', () => {
  it('has what the research events need', async () => {
    const { recorder } = await connectRecorded();
    await pass(6_000);
    const details = {
      localCandidateType: 'host',
      remoteCandidateType: 'host',
      protocol: 'udp',
      relayProtocol: null,
      timestamp: expect.any(Number),
    };
    expect(reportOf(recorder.records)).toEqual({
      p2p_connection_type: { connection_type: 'direct', details },
      p2p_health_report: { connection_type: 'direct', latency_ms: expect.any(Number), status: 'healthy' },
      summary: {
        p2p_type: 'direct',
        connection_details: details,
        outages: 0,
        blips: 0,
        attempts: 0,
        lost_ms: 0,
        rtt_ms: { min: expect.any(Number), median: expect.any(Number), max: expect.any(Number) },
      },
      line: 'P2P type: direct',
    });
  });

  it('counts only the outages of the episode', () => {
    const records = recordsOf('outage');
    const [outage] = outagesOf(records);
    const whole = reportOf(records);
    expect(whole.summary).toMatchObject({
      outages: 1,
      blips: 0,
      lost_ms: Math.round(outage?.durationMs ?? 0),
    });
    expect(whole.summary.attempts).toBe(outage?.attempts.length);
    expect(reportOf(records, (outage?.endedAtMs ?? 0) + 1).summary).toMatchObject({ outages: 0, lost_ms: 0 });
  });

  it('says `reconnecting` in an outage, and names the fallback once the link has failed', () => {
    const records = recordsOf('failure');
    const lost = records.findIndex((record) => record.kind === 'transition' && record.to === 'disconnected');
    expect(reportOf(records.slice(0, lost + 1)).p2p_health_report.status).toBe('reconnecting');
    expect(reportOf(records)).toMatchObject({
      p2p_connection_type: { connection_type: 'direct' },
      p2p_health_report: { connection_type: 'socketio_fallback' },
      line: 'P2P type: socketio_fallback',
    });
  });

  it('names the path on which a link was played, even after it was closed', async () => {
    const { recorder, a } = await connectRecorded();
    await pass(3_000);
    a.manager.close();
    expect(reportOf(recorder.records)).toMatchObject({
      summary: { p2p_type: 'direct', connection_details: { localCandidateType: 'host' } },
      line: 'P2P type: direct',
    });
  });

  it('of a link that never existed is unknown', () => {
    expect(reportOf([]).line).toBe('P2P type: unknown');
  });
});
