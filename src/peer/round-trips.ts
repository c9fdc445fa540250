/** What the pings of one link tell: times in ms, loss as a share in [0, 1]; null until there is something to tell. */
export interface RoundTripReport {
  /** The newest; where the median of the newest is less, that. */
  rttMs: number | null;
  /** Mean deviation of successive round trips, smoothed as in RFC 3550 §6.4.1. */
  jitterMs: number | null;
  /** Share of the last pings that no pong came back for. Those of an outage do not count. */
  loss: number | null;
}

interface Ping {
  seq: number;
  sentAtMs: number;
  isAnswered?: boolean;
  /** Sent while nothing at all was heard: it belongs to an outage, and says nothing of loss. */
  isIgnored?: boolean;
}

/** How many pings are remembered: at one each 200 ms the last six seconds. */
const WINDOW = 32;
/** A ping younger than this does not count as lost: its pong may still come. */
const PONG_WAIT_MS = 1_000;
/**
 * How many round trips the newest is held against. A page that stood still takes its own stop for a long way: of the pings that were on theirs then,
 * mostly one or two.
 */
const RTT_WINDOW = 5;

/** Matches pongs to pings. Bounded: only the last {@link WINDOW} pings are kept. */
export class RoundTrips {
  #nextSeq = 1;
  #pings: Ping[] = [];
  /** The newest first. */
  #rttsMs: number[] = [];
  #jitterMs: number | null = null;

  /** Notes a ping that is sent now. @returns its number. */
  notePing(nowMs: number): number {
    const seq = this.#nextSeq++;
    this.#pings.push({ seq, sentAtMs: nowMs });
    if (this.#pings.length > WINDOW) this.#pings.shift();
    return seq;
  }

  /** Notes a pong. @returns false where it answers no ping of ours, or none that is remembered. */
  notePong(seq: number, nowMs: number): boolean {
    const ping = this.#pings.find((sent) => sent.seq === seq && !sent.isAnswered);
    if (!ping) return false;
    ping.isAnswered = true;
    const rttMs = nowMs - ping.sentAtMs;
    const deviation = Math.abs(rttMs - (this.#rttsMs[0] ?? rttMs));
    this.#jitterMs = (this.#jitterMs ?? 0) + (deviation - (this.#jitterMs ?? 0)) / 16;
    this.#rttsMs = [rttMs, ...this.#rttsMs].slice(0, RTT_WINDOW);
    return true;
  }

  /** How many pings were sent after `sinceMs`, answered or not. */
  sentSince(sinceMs: number): number {
    return this.#pings.filter((ping) => ping.sentAtMs > sinceMs).length;
  }

  /** Something is heard again after a silence that began at `sinceMs`: pings sent since then say nothing of loss. */
  ignoreSince(sinceMs: number): void {
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
