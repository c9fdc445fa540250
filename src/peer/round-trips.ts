/** What the pings of one link measure: times in ms, loss as a share in [0, 1]; null until it is measured. */
export interface RoundTripReport {
  /** The newest round trip, or the median of the last {@link RTT_WINDOW} if that is lower. */
  rttMs: number | null;
  /** The mean difference between successive round trips, smoothed as in RFC 3550 §6.4.1. */
  jitterMs: number | null;
  /** The share of recent pings without a pong. Pings sent during an outage do not count. */
  loss: number | null;
}

interface Ping {
  seq: number;
  sentAtMs: number;
  isAnswered?: boolean;
  /** Whether it was sent during an outage, so that it says nothing about loss. */
  isIgnored?: boolean;
}

/** How many pings are remembered: with one each 200 ms, those of the last six seconds. */
const WINDOW = 32;
/** A ping younger than this does not count as lost: its pong may still come. */
const PONG_WAIT_MS = 1_000;
/**
 * How many round trips the median is taken from. If a page stands still, the pings under way then, mostly one or two, seem to take longer than they did;
 * the median hides that.
 */
const RTT_WINDOW = 5;

/** Matches pongs to pings. Keeps only the last {@link WINDOW} pings. */
export class RoundTrips {
  #nextSeq = 1;
  #pings: Ping[] = [];
  /** Newest first. */
  #rttsMs: number[] = [];
  #jitterMs: number | null = null;

  /** Records a ping that is sent now. @returns its number. */
  ping(nowMs: number): number {
    const seq = this.#nextSeq++;
    this.#pings.push({ seq, sentAtMs: nowMs });
    if (this.#pings.length > WINDOW) this.#pings.shift();
    return seq;
  }

  /** Records a pong. @returns false if it matches no remembered, unanswered ping. */
  pong(seq: number, nowMs: number): boolean {
    const ping = this.#pings.find((sent) => sent.seq === seq && !sent.isAnswered);
    if (!ping) return false;
    ping.isAnswered = true;
    const rttMs = nowMs - ping.sentAtMs;
    const deviation = Math.abs(rttMs - (this.#rttsMs[0] ?? rttMs));
    this.#jitterMs = (this.#jitterMs ?? 0) + (deviation - (this.#jitterMs ?? 0)) / 16;
    this.#rttsMs = [rttMs, ...this.#rttsMs].slice(0, RTT_WINDOW);
    return true;
  }

  /** @returns how many pings were sent after `sinceMs`, answered or not. */
  sentSince(sinceMs: number): number {
    return this.#pings.filter((ping) => ping.sentAtMs > sinceMs).length;
  }

  /** Data arrives again after a silence that started at `sinceMs`. Pings sent since then do not count as lost. */
  ignore(sinceMs: number): void {
    for (const ping of this.#pings) ping.isIgnored ||= ping.sentAtMs > sinceMs;
  }

  report(nowMs: number): RoundTripReport {
    const old = this.#pings.filter(
      ({ isAnswered, isIgnored, sentAtMs }) => isAnswered || (!isIgnored && nowMs - sentAtMs > PONG_WAIT_MS),
    );
    const lost = old.filter((ping) => !ping.isAnswered).length;
    return {
      rttMs: this.#rttMs,
      jitterMs: this.#jitterMs,
      loss: old.length === 0 ? null : lost / old.length,
    };
  }

  get #rttMs(): number | null {
    const [newestMs] = this.#rttsMs;
    if (newestMs === undefined) return null;
    const sorted = [...this.#rttsMs].sort((a, b) => a - b);
    return Math.min(newestMs, sorted[Math.floor((sorted.length - 1) / 2)] ?? newestMs);
  }
}
