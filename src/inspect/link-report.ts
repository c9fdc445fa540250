import type { PathInfo } from '../stats/path';
import { type Outage, OutageReader } from './outages';
import type { SampleBody, SessionRecord } from './records';

type ConnectionType = 'direct' | 'relay' | 'unknown' | 'socketio_fallback';

/** As upstream names the members; the game adds `detectedAtFrame`. */
export interface ConnectionDetails {
  localCandidateType: string;
  remoteCandidateType: string;
  protocol: string | null;
  relayProtocol: string | null;
  /** Ms of the wall clock. */
  timestamp: number;
}

/** What the research events of upstream want to know of a link; the game adds its ids, frame and episode. */
export interface LinkReport {
  p2p_connection_type: { connection_type: 'direct' | 'relay' | 'unknown'; details: ConnectionDetails | null };
  p2p_health_report: {
    connection_type: ConnectionType;
    /** The last round trip that was measured, in ms. */
    latency_ms: number | null;
    status: 'healthy' | 'degraded' | 'reconnecting';
  };
  /** For the episode's summary: what happened since it began. Durations in ms. A first connect is no outage, and loses no time. */
  summary: {
    p2p_type: ConnectionType;
    connection_details: ConnectionDetails | null;
    /** Those that the game was told of; a recovery out of `failed` belongs to the one that failed. */
    outages: number;
    /** Blips that healed before the game was told. */
    blips: number;
    attempts: number;
    /** From each fault to its end, recoveries out of `failed` included; not while the link rests in `failed`. */
    lost_ms: number;
    rtt_ms: { min: number; median: number; max: number } | null;
  };
  /** The words that a study greps for: `P2P type: direct`. */
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
 * Reads a report off the records of one link.
 *
 * @param sinceMs where the episode began, on the recorder's clock (`atMs`); the summary counts from there.
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
      // The path of a link that was closed is not known any more; what it was played over is.
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
  // A link that was given up is played through the server.
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
