import type { Link } from './link';
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
/** A lossy link is suspected after at most this many times the silence that makes a clean one suspect. */
const MAX_PATIENCE = 2;
/**
 * Packets without a message excuse this many times the silence: loss was seen to hold messages back for 3.5 s, while the browser of a page
 * that gave up, or stands still, acknowledges for ever.
 */
const MAX_EXCUSE = 5;
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
  let isStopped = false;
  /** Where answers are lost all the time, longer silences are ordinary. */
  const patienceMs = ({ roundTrips }: Link) =>
    silenceMs * Math.min(MAX_PATIENCE, 1 + 2 * (roundTrips.report(now()).loss ?? 0));
  /** Silence on the channels is a question; the connection below them answers it. */
  const ask = async (link: Link) => {
    const quietForMs = await link.quietForMs().catch(() => Number.POSITIVE_INFINITY);
    const unheardForMs = now() - link.lastHeardAtMs;
    const isExcused = unheardForMs < MAX_EXCUSE * silenceMs;
    const silentForMs = isExcused ? Math.min(quietForMs, unheardForMs) : unheardForMs;
    if (!isStopped && link === links.current && silentForMs >= patienceMs(link)) silent(silentForMs);
  };
  const tick = () => {
    const { current } = links;
    const lateMs = now() - lastTickMs - heartbeatMs;
    lastTickMs = now();
    if (lateMs > SLEPT_MS) woke();
    else if (current?.hasHeartbeat) {
      const silentForMs = now() - current.lastHeardAtMs;
      const questions = current.roundTrips.sentSince(current.lastHeardAtMs);
      if (silentForMs >= patienceMs(current) && questions >= 2) void ask(current);
      if (isHoldable && Math.min(silentForMs, now() - lastHoldMs) >= HOLD_INTERVAL_MS) {
        lastHoldMs = now();
        links.hold();
      }
    }
    links.probe();
  };
  const timer = setInterval(tick, heartbeatMs);
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}
