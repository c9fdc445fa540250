import type { PathInfo } from '../stats/path';
import { type Outage, OutageReader } from './outages';
import type { SampleBody, SessionRecord } from './records';

type ConnectionType = 'direct' | 'relay' | 'unknown' | 'socketio_fallback';

/** The members have upstream's names. The game adds `detectedAtFrame`. */
export interface ConnectionDetails {
  localCandidateType: string;
  remoteCandidateType: string;
  protocol: string | null;
  relayProtocol: string | null;
  /** Ms of the wall clock. */
  timestamp: number;
}

/** The contents of upstream's research events about a link. The game adds its ids, frame and episode. */
export interface LinkReport {
  p2p_connection_type: { connection_type: 'direct' | 'relay' | 'unknown'; details: ConnectionDetails | null };
  p2p_health_report: {
    connection_type: ConnectionType;
    /** The last measured round trip, in ms. */
    latency_ms: number | null;
    status: 'healthy' | 'degraded' | 'reconnecting';
  };
  /** For the summary of the episode: what has happened since it began. Durations in ms. A first connect does not count as an outage or as lost time. */
  summary: {
    p2p_type: ConnectionType;
    connection_details: ConnectionDetails | null;
    /** Outages that the game was told of. A recovery out of `failed` counts as part of the outage that failed. */
    outages: number;
    /** Outages that ended before the game was told. */
    blips: number;
    attempts: number;
    /** Sum of all outages from fault to end. Includes recoveries out of `failed`, but not the time spent in `failed`. */
    lost_ms: number;
    rtt_ms: { min: number; median: number; max: number } | null;
  };
  /** The line that a study searches for: `P2P type: direct`. */
  line: string;
}

const detailsOf = (path: PathInfo, timestamp: number): ConnectionDetails => ({
  localCandidateType: path.localCandidateType,
  remoteCandidateType: path.remoteCandidateType,
  protocol: path.localProtocol,
  relayProtocol: path.relayProtocol,
  timestamp,
});

/**
 * Derives a report from the records of one link.
 *
 * @param sinceMs when the episode began, on the recorder's clock (`atMs`). The summary counts from there.
 */
export function reportOf(records: readonly SessionRecord[], sinceMs = 0): LinkReport {
  const reader = new OutageReader();
  let details: ConnectionDetails | null = null;
  let type: 'direct' | 'relay' | 'unknown' = 'unknown';
  let state = 'new';
  let latency_ms: number | null = null;
  let quality: SampleBody['status'] = 'unknown';
  const rtts: number[] = [];
  for (const record of records) {
    reader.take(record);
    if (record.kind === 'session') {
      type = 'unknown';
      details = null;
    } else if (record.kind === 'path') {
      // A closed link has no path, so keep the last known one: it is what the game was played over.
      type = record.path?.connectionType ?? type;
      details = record.path ? detailsOf(record.path, record.wallMs) : details;
    } else if (record.kind === 'transition' && record.machine === 'connection') {
      state = record.to.split('.')[0] ?? '';
    } else if (record.kind === 'sample') {
      quality = record.status;
      latency_ms = record.rttMs ?? latency_ms;
      if (record.rttMs !== null && record.atMs >= sinceMs) rtts.push(record.rttMs);
    }
  }
  // After a failed link the game is played through the server.
  const connection_type = state === 'failed' ? 'socketio_fallback' : type;
  return {
    p2p_connection_type: { connection_type: type, details },
    p2p_health_report: { connection_type, latency_ms, status: healthOf(state, quality) },
    summary: {
      p2p_type: connection_type,
      connection_details: details,
      ...countsOf(reader.outages, sinceMs, records.at(-1)?.atMs ?? 0),
      rtt_ms: spreadOf(rtts),
    },
    line: `P2P type: ${connection_type}`,
  };
}

function healthOf(state: string, quality: SampleBody['status']) {
  if (state !== 'connected') return 'reconnecting';
  return quality === 'warning' || quality === 'critical' ? 'degraded' : 'healthy';
}

function countsOf(outages: readonly Outage[], sinceMs: number, nowMs: number) {
  const recent = outages.filter(({ endedAtMs }) => (endedAtMs ?? nowMs) >= sinceMs);
  const ofLink = recent.filter(({ isFirstConnect }) => !isFirstConnect);
  const begun = ofLink.filter(({ isRetry }) => !isRetry);
  const told = begun.filter(({ lostAtMs, end }) => lostAtMs !== null || end === 'failed');
  const lostMs = ({ faultAtMs, endedAtMs }: Outage) => (endedAtMs ?? nowMs) - Math.max(sinceMs, faultAtMs);
  return {
    outages: told.length,
    blips: begun.length - told.length,
    attempts: recent.reduce((sum, { attempts }) => sum + attempts.length, 0),
    lost_ms: Math.round(ofLink.reduce((sum, outage) => sum + lostMs(outage), 0)),
  };
}

function spreadOf(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  const [below, above] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  if (min === undefined || max === undefined || below === undefined || above === undefined) return null;
  return { min, median: (below + above) / 2, max };
}
