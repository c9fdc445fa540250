import { newestOf } from '../peer/lineage';
import { selectedPair } from './path';

/** One RTT sample. */
export interface LatencySample {
  /** Wall clock, ms. */
  timestamp: number;
  rttMs: number;
}

/** A summary of all samples kept; times in ms. */
export interface LatencySummary {
  sampleCount: number;
  minMs: number;
  maxMs: number;
  meanMs: number;
  medianMs: number;
  samples: LatencySample[];
}

/** Collects RTT samples of a connection from its stats; if a recovery replaces the connection, of the new one. Drops the oldest samples above `maxSamples`. */
export class LatencyTelemetry {
  /** How often a sample is taken, in ms. */
  readonly pollInterval: number;
  /** How many samples are kept. */
  readonly maxSamples: number;
  readonly #pc: RTCPeerConnection;
  #timer: ReturnType<typeof setInterval> | undefined;
  #samples: LatencySample[] = [];

  constructor(peerConnection: RTCPeerConnection, { pollInterval = 1_000, maxSamples = 600 } = {}) {
    this.#pc = peerConnection;
    this.pollInterval = pollInterval;
    this.maxSamples = maxSamples;
  }

  /** Starts sampling; does nothing if it runs already. */
  start(): void {
    this.#timer ??= setInterval(() => void this.#poll(), this.pollInterval);
  }

  /** Stops sampling and keeps the samples. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** @returns a copy of the samples, oldest first. */
  getSamples(): LatencySample[] {
    return [...this.#samples];
  }

  /** @returns a summary of all samples kept, or null if there are none. */
  getStats(): LatencySummary | null {
    const sorted = this.#samples.map(({ rttMs }) => rttMs).sort((a, b) => a - b);
    const sampleCount = sorted.length;
    if (sampleCount === 0) return null;
    const at = (index: number) => sorted[index] ?? 0;
    return {
      sampleCount,
      minMs: at(0),
      maxMs: at(sampleCount - 1),
      meanMs: sorted.reduce((sum, rtt) => sum + rtt, 0) / sampleCount,
      medianMs: (at(Math.floor((sampleCount - 1) / 2)) + at(Math.floor(sampleCount / 2))) / 2,
      samples: this.getSamples(),
    };
  }

  async #poll(): Promise<void> {
    let seconds: unknown;
    try {
      seconds = selectedPair(await newestOf(this.#pc).getStats())?.currentRoundTripTime;
    } catch {}
    if (typeof seconds !== 'number' || this.#timer === undefined) return;
    this.#samples.push({ timestamp: Date.now(), rttMs: seconds * 1_000 });
    if (this.#samples.length > this.maxSamples) this.#samples.shift();
  }
}
