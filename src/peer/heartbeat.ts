import type { Links } from './links';

export interface HeartbeatOptions {
  links: Links;
  heartbeatMs: number;
  silenceMs: number;
  now(): number;
  /** Whether an ICE restart that is taken back keeps a silent connection healable (Chromium). */
  isHoldable: boolean;
  silent(silentForMs: number): void;
  woke(): void;
}

/** A tick that comes this much late means that the page slept: what it did not hear then proves nothing. */
const SLEPT_MS = 5_000;
/** Well inside Chromium's 15 s, and seldom enough to leave ICE's own pace alone. */
const HOLD_INTERVAL_MS = 5_000;

/**
 * Pings every live link and says when the current one is silent. Silence counts only against questions: at least two pings must
 * have gone unanswered, so that a background page, whose timers run once a second or once a minute, suspects nobody.
 *
 * @returns its own stop.
 */
export function startHeartbeat({
  links,
  heartbeatMs,
  silenceMs,
  now,
  isHoldable,
  silent,
  woke,
}: HeartbeatOptions): () => void {
  let lastTickMs = now();
  let lastHoldMs = now();
  const tick = () => {
    const { current } = links;
    const lateMs = now() - lastTickMs - heartbeatMs;
    lastTickMs = now();
    if (lateMs > SLEPT_MS) woke();
    else if (current?.hasHeartbeat) {
      const silentForMs = now() - current.lastHeardAtMs;
      const questions = current.roundTrips.sentSince(current.lastHeardAtMs);
      if (silentForMs >= silenceMs && questions >= 2) silent(silentForMs);
      if (isHoldable && Math.min(silentForMs, now() - lastHoldMs) >= HOLD_INTERVAL_MS) {
        lastHoldMs = now();
        links.hold();
      }
    }
    links.probe();
  };
  const timer = setInterval(tick, heartbeatMs);
  return () => clearInterval(timer);
}
