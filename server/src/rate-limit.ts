export interface Rate {
  /** Tokens refilled per second. */
  readonly perSecond: number;
  /** Tokens that may be spent at once. */
  readonly burst: number;
}

/** Limits for one socket. They are generous, because a stalled TCP connection delivers many seconds of honest play at once. */
export interface RateLimits {
  /** A game at 60 Hz that falls back to the relay, with 30 s of it at once after a stall. */
  readonly game_data: Rate;
  /** About fifty candidates per restart, and several restarts in a row. */
  readonly webrtc_signal: Rate;
  /** Records of watched games. They are not essential, so their limit is low. */
  readonly inspect: Rate;
  /** A page joins once, and again after each reconnect. */
  readonly join_game: Rate;
  /** Reports for the research log: a health report every two seconds, a summary per episode. */
  readonly reports: Rate;
  /** Everything else: pings, requests for credentials, unknown events. */
  readonly other: Rate;
  /** All bytes that arrive, refused or not. A socket that exceeds this is closed. */
  readonly bytes: Rate;
  /**
   * Refused messages (too many, malformed, forged). A socket that exceeds this is closed. A client that reconnects sends
   * the messages it buffered in the outage before it can join again: a minute at 60 Hz must not cost it the connection.
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

/** A token bucket. `now` is monotonic, in milliseconds. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** Takes `cost` tokens if there are enough. @returns whether there were. */
  take(now: number, cost = 1): boolean {
    const earned = ((now - this.#filledAt) / 1000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + earned);
    this.#filledAt = now;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }
}
