import type { Browser, ConnectionEvent } from '../../machines';
import type { Link } from './link';
import type { Links } from './links';
import { quietForMs } from './quiet';

export interface HeartbeatOptions {
  links: Links;
  heartbeatMs: number;
  silenceMs: number;
  now(): number;
  browser: Browser;
}

/** A tick that comes this much late means that the page slept: what it did not hear then proves nothing. */
const SLEPT_MS = 5_000;
/** A lossy link is suspected after at most this many times the silence that makes a clean one suspect. */
const MAX_PATIENCE = 2;
/** Packets without a message excuse this many times the silence: the browser of a page that gave up, or stands still, acknowledges for ever. */
const MAX_EXCUSE = 5;
/** The same where pings went lost before: SCTP backs off under loss, and was seen to deliver nothing for 9 s (docs/discoveries/loss-and-silence.md). */
const MAX_EXCUSE_OF_LOSS = 20;
/** Share of the pings from which on a link counts as lossy. */
const LOSSY = 0.1;
/** Well inside Chromium's 15 s, and seldom enough to leave ICE's own pace alone. */
const HOLD_INTERVAL_MS = 5_000;

/**
 * Pings every live link and says when the current one is silent. Silence counts only against questions: at least two pings must
 * have gone unanswered, so that a background page, whose timers run once a second or once a minute, suspects nobody.
 *
 * @returns its own stop.
 */
export function startHeartbeat(
  { links, heartbeatMs, silenceMs, now, browser }: HeartbeatOptions,
  tell: (fact: ConnectionEvent) => void,
): () => void {
  let lastTickMs = now();
  let lastHoldMs = now();
  let isStopped = false;
  /** What the current link lost before it fell silent, in [0, 1]: where answers are lost all the time, longer silences are ordinary. */
  let usualLoss = 0;
  const patienceMs = () => silenceMs * Math.min(MAX_PATIENCE, 1 + 2 * usualLoss);
  /** Silence on the channels is a question; the connection below them answers it. */
  const ask = async (link: Link) => {
    const quietMs = await quietForMs(link.pc).catch(() => Infinity);
    const unheardForMs = now() - link.control.lastHeardAtMs;
    const excuse = usualLoss < LOSSY ? MAX_EXCUSE : MAX_EXCUSE_OF_LOSS;
    const silentForMs = unheardForMs < excuse * silenceMs ? Math.min(quietMs, unheardForMs) : unheardForMs;
    if (!isStopped && link === links.current && silentForMs >= patienceMs())
      tell({ type: 'life.silent', silentForMs });
  };
  const tick = () => {
    const { current } = links;
    const lateMs = now() - lastTickMs - heartbeatMs;
    lastTickMs = now();
    if (lateMs > SLEPT_MS) tell({ type: 'page.resumed', slept: true });
    else if (current?.control.hasHeartbeat) {
      const { lastHeardAtMs, roundTrips } = current.control;
      const silentForMs = now() - lastHeardAtMs;
      const questions = roundTrips.sentSince(lastHeardAtMs);
      if (questions < 2) usualLoss = roundTrips.report(now()).loss ?? 0;
      if (silentForMs >= patienceMs() && questions >= 2) void ask(current);
      // It gives a connection up 15 s after it was lost, unless its ICE is stirred: then it heals by itself, without signaling.
      if (browser === 'chromium' && Math.min(silentForMs, now() - lastHoldMs) >= HOLD_INTERVAL_MS) {
        lastHoldMs = now();
        current.negotiation.hold();
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
