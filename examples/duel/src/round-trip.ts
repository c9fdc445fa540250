const TICKS_PER_MS = 10;
const CLOCK_RANGE = 2 ** 32;
const MAX_HELD_TICKS = 0xffff;
/** An older echo says more about an outage than about the path. */
const MAX_RTT_MS = 5000;
/** Weight of the newest sample: small enough for a readable figure, large enough to follow a change of path. */
const NEWEST_WEIGHT = 0.1;

/** Round-trip time, measured with the game's own packets, so that it is comparable on every path, including the server. */
export class RoundTrip {
  #heard: { clock: number; atMs: number } | null = null;
  #newestEcho: number | null = null;
  #ms: number | null = null;

  get ms(): number | null {
    return this.#ms;
  }

  stamp(nowMs: number): { sentAt: number; echo: number; held: number } {
    const sentAt = clockOf(nowMs);
    if (this.#heard === null) return { sentAt, echo: 0, held: 0 };
    const held = Math.round((nowMs - this.#heard.atMs) * TICKS_PER_MS);
    return held > MAX_HELD_TICKS ? { sentAt, echo: 0, held: 0 } : { sentAt, echo: this.#heard.clock, held };
  }

  heard(packet: { sentAt: number; echo: number; held: number }, nowMs: number): void {
    if (this.#heard === null || ticksBetween(this.#heard.clock, packet.sentAt) > 0) {
      this.#heard = { clock: packet.sentAt, atMs: nowMs };
    }
    const isEcho = packet.echo !== 0;
    const isNewer = this.#newestEcho === null || ticksBetween(this.#newestEcho, packet.echo) > 0;
    if (!isEcho || !isNewer) return;
    this.#newestEcho = packet.echo;
    const sample = (ticksBetween(packet.echo, clockOf(nowMs)) - packet.held) / TICKS_PER_MS;
    if (sample < 0 || sample > MAX_RTT_MS) return;
    this.#ms = this.#ms === null ? sample : this.#ms + (sample - this.#ms) * NEWEST_WEIGHT;
  }

  /** Forgets the value, because a new path has another round-trip time. */
  reset(): void {
    this.#ms = null;
  }
}

function clockOf(nowMs: number): number {
  return Math.round(nowMs * TICKS_PER_MS) % CLOCK_RANGE;
}

/** The difference of two readings of a clock that wraps around after five days; negative if the second one is older. */
const ticksBetween = (earlier: number, later: number): number => (later - earlier) | 0;
