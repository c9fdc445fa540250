import { newestOf } from '../peer/lineage';
import type { RoundTripReport } from '../peer/round-trips';
import { count, selectedPair, text } from './path';

export type QualityStatus = 'good' | 'warning' | 'critical';

/** One sample. RTT and jitter in ms, loss as a share in [0, 1]; null where nothing was measured (0 is a number). */
export interface QualityMetrics {
  /** Of the heartbeat; towards an upstream peer the stats' `currentRoundTripTime`. */
  currentRtt: number | null;
  /** Mean over the life of the candidate pair, from the stats. */
  avgRtt: number | null;
  /** Of the heartbeat; null towards an upstream peer. */
  jitter: number | null;
  /** Of the heartbeat's pings, which SCTP repeats for 250 ms: less than the packets' (docs/RECORDS.md). Null towards an upstream peer. */
  loss: number | null;
  /** On the candidate pair; 0 where the browser does not tell. */
  bytesSent: number;
  bytesReceived: number;
  packetsSent: number;
  packetsReceived: number;
  /** The candidate pair's: `succeeded` where it works. */
  state: string | null;
  /** In bit/s, where the browser estimates it. */
  availableOutgoingBitrate: number | null;
  /** Wall clock, ms. */
  timestamp: number;
}

/** A threshold was passed for the worse. */
export interface Degradation {
  /** Above which threshold. */
  status: 'warning' | 'critical';
  /** In ms. */
  rtt: number;
  /** A sentence for a log. */
  message: string;
  /** The same text: upstream's caller prints `reason`. */
  reason: string;
}

/** The sample that changed the status, with the status from here on; `rtt` in ms. */
export type QualityChange = QualityMetrics & { status: QualityStatus; rtt: number | null };

/** All in ms. */
export interface QualityMonitorOptions {
  /** How often a sample is taken; 2 000. */
  pollInterval?: number;
  /** Above this RTT the link is in `warning`; 150. */
  warningLatency?: number;
  /** Above this one in `critical`; 300. */
  criticalLatency?: number;
}

/** A status is entered when this many of the last {@link WINDOW} samples ask for it. */
const REQUIRED = 2;
const WINDOW = 3;
/** And left only this far below its threshold, so that an RTT on the edge does not flap. */
const LEAVE_FACTOR = 0.9;

const SEVERITY = { good: 0, warning: 1, critical: 2 } as const;
const number = (value: unknown) => (typeof value === 'number' ? value : null);
const toMs = (seconds: unknown) => (typeof seconds === 'number' ? seconds * 1_000 : null);

/**
 * Warns when the RTT of a connection is above 150 ms, and gravely above 300 ms (strictly above). Samples without an RTT change
 * nothing. Goes on with the connection that replaces the one it was handed.
 */
export class ConnectionQualityMonitor {
  /** The newest sample. */
  lastStats: QualityMetrics | null = null;
  /** Null while it does not run. */
  intervalId: ReturnType<typeof setInterval> | null = null;
  /** Told each change of the status, the first and recoveries included. */
  onQualityChange: ((quality: QualityChange) => void) | null = null;
  /** Told each change for the worse. */
  onDegradation: ((degradation: Degradation) => void) | null = null;
  /** Null before the first sample. Entered when two of three samples ask for it, and left only a tenth below its threshold, so that it does not flap. */
  status: QualityStatus | null = null;
  /** In ms. */
  readonly pollInterval: number;
  /** In ms. */
  readonly warningLatency: number;
  /** In ms. */
  readonly criticalLatency: number;
  readonly #pc: RTCPeerConnection;
  /** The heartbeat's figures, better than the browser's: Firefox's RTT is up to 5 s old, Chromium's 2.5 s (docs/discoveries). */
  readonly #heartbeat: () => RoundTripReport | null;
  /** The statuses that the last {@link WINDOW} samples asked for. */
  #recentStatuses: QualityStatus[] = [];

  constructor(
    peerConnection: RTCPeerConnection,
    { pollInterval = 2_000, warningLatency = 150, criticalLatency = 300 }: QualityMonitorOptions = {},
    heartbeat: () => RoundTripReport | null = () => null,
  ) {
    this.#pc = peerConnection;
    this.#heartbeat = heartbeat;
    this.pollInterval = pollInterval;
    this.warningLatency = warningLatency;
    this.criticalLatency = criticalLatency;
  }

  /** Begins to sample; again is a no-op. */
  start(): void {
    this.intervalId ??= setInterval(() => void this._poll(), this.pollInterval);
  }

  /** Samples no more. */
  stop(): void {
    clearInterval(this.intervalId ?? undefined);
    this.intervalId = null;
  }

  /** Takes one sample. Never rejects; without stats it changes nothing. */
  async _poll(): Promise<void> {
    const isRunning = this.intervalId !== null;
    let quality: QualityMetrics | null = null;
    try {
      quality = this._extractQualityMetrics(await newestOf(this.#pc).getStats());
    } catch {}
    if (!quality || (isRunning && this.intervalId === null)) return;
    this.lastStats = quality;
    this._checkThresholds(quality);
  }

  /** Reads one sample off a stats report. @returns null where it names no candidate pair in use. */
  _extractQualityMetrics(stats: RTCStatsReport): QualityMetrics | null {
    const pair = selectedPair(stats);
    if (!pair) return null;
    const total = toMs(pair.totalRoundTripTime);
    const responses = count(pair.responsesReceived);
    const heartbeat = this.#heartbeat();
    return {
      currentRtt: heartbeat?.rttMs ?? toMs(pair.currentRoundTripTime),
      avgRtt: total !== null && responses > 0 ? total / responses : null,
      jitter: heartbeat?.jitterMs ?? null,
      loss: heartbeat?.loss ?? null,
      bytesSent: count(pair.bytesSent),
      bytesReceived: count(pair.bytesReceived),
      packetsSent: count(pair.packetsSent),
      packetsReceived: count(pair.packetsReceived),
      state: text(pair.state),
      availableOutgoingBitrate: number(pair.availableOutgoingBitrate),
      timestamp: number(pair.timestamp) ?? Date.now(),
    };
  }

  /** Judges one sample, and tells where the status changed. */
  _checkThresholds(quality: QualityMetrics): void {
    const rtt = quality.currentRtt ?? quality.avgRtt;
    if (rtt === null) return;
    const previous = this.status;
    const status = this.#smooth(this.#statusFor(rtt));
    if (status === previous) return;
    this.status = status;
    this.onQualityChange?.({ ...quality, status, rtt });
    if (status === 'good' || SEVERITY[status] < SEVERITY[previous ?? 'good']) return;
    const message = `Round trip of ${Math.round(rtt)} ms, above ${status === 'critical' ? this.criticalLatency : this.warningLatency} ms`;
    this.onDegradation?.({ status, rtt, message, reason: message });
  }

  /** What a sample asks for; a status that is held is left only below {@link LEAVE_FACTOR} of its threshold. */
  #statusFor(rtt: number): QualityStatus {
    const current = SEVERITY[this.status ?? 'good'];
    if (rtt > this.criticalLatency * (current === 2 ? LEAVE_FACTOR : 1)) return 'critical';
    return rtt > this.warningLatency * (current >= 1 ? LEAVE_FACTOR : 1) ? 'warning' : 'good';
  }

  /** The status that {@link REQUIRED} of the last {@link WINDOW} wishes reach; the first one decides at once, and stands for as many. */
  #smooth(status: QualityStatus): QualityStatus {
    const isFirst = this.status === null;
    this.#recentStatuses = isFirst
      ? Array(REQUIRED).fill(status)
      : [...this.#recentStatuses, status].slice(-WINDOW);
    const bySeverity = [...this.#recentStatuses].sort((a, b) => SEVERITY[b] - SEVERITY[a]);
    return bySeverity[REQUIRED - 1] ?? status;
  }
}
