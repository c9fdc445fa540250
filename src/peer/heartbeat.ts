import type { Browser, ConnectionEvent } from '../../machines';
import { msSinceLastPacket } from './last-packet';
import type { Link } from './link';
import type { Links } from './links';

export interface HeartbeatOptions {
  links: Links;
  heartbeatMs: number;
  silenceMs: number;
  now(): number;
  browser: Browser;
}

/** A tick that is later than this means that the page slept, so silence meanwhile proves nothing. */
const SLEEP_THRESHOLD_MS = 5_000;
/** On a lossy link `silenceMs` is extended by at most this factor. */
const MAX_LOSS_FACTOR = 2;
/**
 * While packets arrive but no messages, the link becomes suspect only after this many times `silenceMs`. It must become suspect at some point, because
 * a browser keeps acknowledging for a page that stands still or has given the link up.
 */
const MAX_EXTENSION = 5;
/** The same on a lossy link, where SCTP backs off and may deliver nothing for 9 s (docs/discoveries/loss-and-silence.md). */
const MAX_LOSSY_EXTENSION = 20;
/** A link counts as lossy from this share of lost pings, in [0, 1]. */
const LOSSY_SHARE = 0.1;
/** How often ICE is kept alive in an outage: well within the 15 s after which Chromium gives up, and rarely enough not to disturb ICE's own checks. */
const ICE_KEEP_ALIVE_INTERVAL_MS = 5_000;

/**
 * Pings every connection that is not closed and reports when the current one is silent. Silence counts only after two unanswered pings, so that a background page,
 * whose timers run once a second or once a minute, does not suspect its peer.
 *
 * @returns a function that stops it.
 */
export function startHeartbeat(
  { links, heartbeatMs, silenceMs, now, browser }: HeartbeatOptions,
  report: (fact: ConnectionEvent) => void,
): () => void {
  let lastTickMs = now();
  let lastKeepAliveMs = now();
  let isStopped = false;
  /** The share of pings that the current link lost before it fell silent, in [0, 1]. The higher it is, the longer silences are normal. */
  let typicalLoss = 0;
  const silenceLimitMs = () => silenceMs * Math.min(MAX_LOSS_FACTOR, 1 + 2 * typicalLoss);
  /** Reports silence that is too long, unless the connection still receives packets. */
  const checkSilence = async (link: Link) => {
    const packetSilenceMs = await msSinceLastPacket(link.pc).catch(() => Infinity);
    const messageSilenceMs = now() - link.control.lastHeardAtMs;
    const extension = typicalLoss < LOSSY_SHARE ? MAX_EXTENSION : MAX_LOSSY_EXTENSION;
    const silentForMs =
      messageSilenceMs < extension * silenceMs
        ? Math.min(packetSilenceMs, messageSilenceMs)
        : messageSilenceMs;
    if (!isStopped && link === links.current && silentForMs >= silenceLimitMs())
      report({ type: 'life.silent', silentForMs });
  };
  const tick = () => {
    const { current } = links;
    const lateMs = now() - lastTickMs - heartbeatMs;
    lastTickMs = now();
    if (lateMs > SLEEP_THRESHOLD_MS) report({ type: 'page.resumed', slept: true });
    else if (current?.control.hasHeartbeat) {
      const { lastHeardAtMs, roundTrips } = current.control;
      const silentForMs = now() - lastHeardAtMs;
      const pingsSinceHeard = roundTrips.sentSince(lastHeardAtMs);
      if (pingsSinceHeard < 2) typicalLoss = roundTrips.report(now()).loss ?? 0;
      else void checkSilence(current);
      // Chromium gives a lost connection up after 15 s. Kept alive, it can still heal by itself, without signaling.
      if (
        browser === 'chromium' &&
        Math.min(silentForMs, now() - lastKeepAliveMs) >= ICE_KEEP_ALIVE_INTERVAL_MS
      ) {
        lastKeepAliveMs = now();
        current.negotiation.keepAlive();
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
