import { newestOf } from '../peer/lineage';
import type { RoundTripReport } from '../peer/round-trips';
import { count, selectedPair, text } from './path';

export type QualityStatus = 'good' | 'warning' | 'critical';

/** One sample. RTT and jitter in ms, loss as a share in [0, 1]; null if nothing was measured (0 is a measurement). */
export interface QualityMetrics {
  /** From the heartbeat; with an upstream peer from the stats' `currentRoundTripTime`. */
  currentRtt: number | null;
  /** The mean over the life of the candidate pair, from the stats. */
  avgRtt: number | null;
  /** From the heartbeat; null with an upstream peer. */
  jitter: number | null;
  /** Loss of heartbeat pings. Lower than packet loss, because SCTP resends a ping for 250 ms (docs/RECORDS.md). Null with an upstream peer. */
  loss: number | null;
  /** Counted on the candidate pair, like the next three; 0 if the browser does not report it. */
  bytesSent: number;
  bytesReceived: number;
  packetsSent: number;
  packetsReceived: number;
  /** The state of the candidate pair; `succeeded` if it works. */
  state: string | null;
  /** In bit/s; null if the browser does not estimate it. */
  availableOutgoingBitrate: number | null;
  /** Wall clock, ms. */
  timestamp: number;
}

/** The RTT rose above a threshold. */
export interface Degradation {
  /** Which threshold was exceeded. */
  status: 'warning' | 'critical';
  /** In ms. */
  rtt: number;
  /** One sentence for a log. */
  message: string;
  /** The same text as `message`, because upstream's game prints `reason`. */
  reason: string;
}

/** The sample that changed the status, with the new status and the RTT that decided it, in ms. */
export type QualityChange = QualityMetrics & { status: QualityStatus; rtt: number | null };

/** Options of the quality monitor, all in ms. */
export interface QualityMonitorOptions {
  /** How often to take a sample; default 2 000. */
  pollInterval?: number;
  /** The status is `warning` above this RTT; default 150. */
  warningLatency?: number;
  /** The status is `critical` above this RTT; default 300. */
  criticalLatency?: number;
}

/** The status changes when this many of the last {@link WINDOW} samples call for it. */
const REQUIRED = 2;
const WINDOW = 3;
/** A status is left only below this share of its threshold, so that an RTT near the threshold does not make it flap. */
const LEAVE_FACTOR = 0.9;

const SEVERITY = { good: 0, warning: 1, critical: 2 } as const;
const number = (value: unknown) => (typeof value === 'number' ? value : null);
const toMs = (seconds: unknown) => (typeof seconds === 'number' ? seconds * 1_000 : null);

/**
 * Rates the RTT of a connection: `warning` above 150 ms and `critical` above 300 ms (strictly above). Samples without an RTT change
 * nothing. If a recovery replaces the connection, the monitor goes on with the new one.
 */
export class ConnectionQualityMonitor {
  /** The newest sample. */
  lastStats: QualityMetrics | null = null;
  /** Null while the monitor is stopped. */
  intervalId: ReturnType<typeof setInterval> | null = null;
  /** Called at each change of the status, including the first one and changes for the better. */
  onQualityChange: ((quality: QualityChange) => void) | null = null;
  /** Called at each change for the worse. */
  onDegradation: ((degradation: Degradation) => void) | null = null;
  /** Null before the first sample. Changes when two of three samples call for it, and is left only 10 % below its threshold, so that it does not flap. */
  status: QualityStatus | null = null;
  /** In ms. */
  readonly pollInterval: number;
  /** In ms. */
  readonly warningLatency: number;
  /** In ms. */
  readonly criticalLatency: number;
  readonly #pc: RTCPeerConnection;
  /** The heartbeat's measurements, fresher than the browser's: Firefox's RTT is up to 5 s old, Chromium's up to 2.5 s (docs/discoveries). */
  readonly #heartbeat: () => RoundTripReport | null;
  /** The statuses that the last {@link WINDOW} samples call for. */
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

  /** Starts sampling; does nothing if it runs already. */
  start(): void {
    this.intervalId ??= setInterval(() => void this._poll(), this.pollInterval);
  }

  /** Stops sampling. */
  stop(): void {
    clearInterval(this.intervalId ?? undefined);
    this.intervalId = null;
  }

  /** Takes one sample. Never rejects; if there are no stats it changes nothing. */
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

  /** Reads one sample from a stats report. @returns null if the report has no candidate pair in use. */
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

  /** Rates one sample and calls the callbacks if the status changes. */
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

  /** The status that an RTT calls for. The current status is left only below {@link LEAVE_FACTOR} of its threshold. */
  #statusFor(rtt: number): QualityStatus {
    const current = SEVERITY[this.status ?? 'good'];
    if (rtt > this.criticalLatency * (current === 2 ? LEAVE_FACTOR : 1)) return 'critical';
    return rtt > this.warningLatency * (current >= 1 ? LEAVE_FACTOR : 1) ? 'warning' : 'good';
  }

  /** The highest status that {@link REQUIRED} of the last {@link WINDOW} samples reach. The first sample decides alone: it counts {@link REQUIRED} times. */
  #smooth(status: QualityStatus): QualityStatus {
    const isFirst = this.status === null;
    this.#recentStatuses = isFirst
      ? Array(REQUIRED).fill(status)
      : [...this.#recentStatuses, status].slice(-WINDOW);
    const bySeverity = [...this.#recentStatuses].sort((a, b) => SEVERITY[b] - SEVERITY[a]);
    return bySeverity[REQUIRED - 1] ?? status;
  }
}
