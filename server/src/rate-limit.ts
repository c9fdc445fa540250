export interface Rate {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** Tokens that may be spent at once. */
  readonly burst: number;
}

/** What one socket may do. Generous: a stalled TCP connection delivers many seconds of honest play at once. */
export interface RateLimits {
  /** 60 Hz each way of a fallback, and 30 s of it after a stall. */
  readonly game_data: Rate;
  /** Some fifty candidates per restart, several restarts in a row. */
  readonly webrtc_signal: Rate;
  /** Records of games that are watched. They can be done without, so they get little. */
  readonly inspect: Rate;
  /** A page joins once, and again after each reconnect. */
  readonly join_game: Rate;
  /** What goes to the research log: a health report each two seconds, a summary an episode. */
  readonly reports: Rate;
  /** Everything else: pings, requests for credentials, unknown events. */
  readonly other: Rate;
  /** What arrives, refused or not; over it the socket is closed. */
  readonly bytes: Rate;
  /**
   * Refused messages (too many, malformed, forged); over it the socket is closed. A client that reconnects first sends
   * what it buffered in the outage, before it can join again: a minute of 60 Hz must not cost it the connection.
   */
  readonly refusals: Rate;
}

export const DEFAULT_RATES: RateLimits = {
  game_data: { perSecond: 180, burst: 1800 },
  webrtc_signal: { perSecond: 50, burst: 400 },
  inspect: { perSecond: 10, burst: 60 },
  join_game: { perSecond: 1, burst: 20 },
  reports: { perSecond: 5, burst: 100 },
  other: { perSecond: 20, burst: 200 },
  bytes: { perSecond: 256 * 1024, burst: 2 * 1024 * 1024 },
  refusals: { perSecond: 60, burst: 5000 },
};

/** A token bucket; `now` is in milliseconds and only ever grows. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** True when `cost` could be paid. */
  take(now: number, cost = 1): boolean {
    const earned = ((now - this.#filledAt) / 1000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + earned);
    this.#filledAt = now;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}
