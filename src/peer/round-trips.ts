/** What the pings of one link tell. ms, and a share in [0, 1]; null until there is something to tell. */
export interface RoundTripReport {
  rttMs: number | null;
  /** Mean deviation of successive round trips, smoothed as in RFC 3550 §6.4.1. */
  jitterMs: number | null;
  /** Share of the last pings that no pong came back for, except for those that an outage swallowed. */
  loss: number | null;
}

interface Ping {
  seq: number;
  sentAtMs: number;
  isBack?: boolean;
  /** Sent while nothing at all was heard: it tells of an outage, not of loss. */
  isExcused?: boolean;
}

/** Pings under way that are remembered; at 200 ms a ping this is the last six seconds. */
const WINDOW = 32;
/** A pong may still come: a ping younger than this is not counted as lost. */
const PATIENCE_MS = 1_000;

/** Matches pongs to pings. Bounded: only the last {@link WINDOW} pings are kept. */
export class RoundTrips {
  #nextSeq = 1;
  #pings: Ping[] = [];
  #rttMs: number | null = null;
  #jitterMs: number | null = null;

  /** @returns the number of a ping that is sent now. */
  start(nowMs: number): number {
    const seq = this.#nextSeq++;
    this.#pings.push({ seq, sentAtMs: nowMs });
    if (this.#pings.length > WINDOW) this.#pings.shift();
    return seq;
  }

  /** @returns false for a pong that answers no ping of ours, or none that is remembered. */
  end(seq: number, nowMs: number): boolean {
    const ping = this.#pings.find((sent) => sent.seq === seq && !sent.isBack);
    if (!ping) return false;
    ping.isBack = true;
    const rttMs = nowMs - ping.sentAtMs;
    const deviation = Math.abs(rttMs - (this.#rttMs ?? rttMs));
    this.#jitterMs = (this.#jitterMs ?? 0) + (deviation - (this.#jitterMs ?? 0)) / 16;
    this.#rttMs = rttMs;
    return true;
  }

  /** Pings sent after `sinceMs`, answered or not: silence counts only against questions. */
  sentSince(sinceMs: number): number {
    return this.#pings.filter((ping) => ping.sentAtMs > sinceMs).length;
  }

  /** Something is heard again after a silence that began at `sinceMs`. */
  excuse(sinceMs: number): void {
    for (const ping of this.#pings) ping.isExcused ||= ping.sentAtMs > sinceMs;
  }

  report(nowMs: number): RoundTripReport {
    const old = this.#pings.filter(
      ({ isBack, isExcused, sentAtMs }) => isBack || (!isExcused && nowMs - sentAtMs > PATIENCE_MS),
    );
    const lost = old.filter((ping) => !ping.isBack).length;
    return {
      rttMs: this.#rttMs,
      jitterMs: this.#jitterMs,
      loss: old.length === 0 ? null : lost / old.length,
    };
  }
}
