import type { Browser } from '../../machines';

/** The part of a Socket.IO client's manager that decides how quickly a lost socket comes back. */
export interface ReconnectingManager {
  reconnectionDelay?(delayMs?: number): unknown;
  reconnectionDelayMax?(delayMs?: number): unknown;
  timeout?(timeoutMs?: number | boolean): unknown;
  readonly opts?: { readonly transports?: readonly unknown[] };
}

const SETTERS = ['reconnectionDelay', 'reconnectionDelayMax', 'timeout'] as const;

interface Haste {
  /** Those on whose behalf the socket hurries; several links may share it. */
  readonly holders: Set<object>;
  /** The caller's own settings, one for each of the setters, to be given back. */
  readonly settings: readonly unknown[];
  readonly sinceMs: number;
}

/** Pauses between two tries while a link is down. Short: a hundred players that knock four times a second are still little to a server. */
const MIN_DELAY_MS = 250;
const MAX_DELAY_MS = 1_000;
const DELAY_SHARE = 0.2;

/** How long one try may take: a share of the time that the socket has been missed, within bounds. */
interface Patience {
  readonly leastMs: number;
  readonly share: number;
  readonly mostMs: number;
}

/** A connection that was begun before the network returned hangs for seconds, so it is given up soon; later than at first, since on a slow path none comes about so quickly. */
const PATIENCE: Patience = { leastMs: 500, share: 0.3, mostMs: 2_000 };
/** What browsers make WebSockets pay for those that failed: docs/discoveries/held-back-web-sockets.md. */
const WEB_SOCKET_PATIENCE: Partial<Record<Browser, Patience>> = {
  /** Chromium holds a new one back for up to 5 s once a dozen have failed. */
  chromium: { ...PATIENCE, mostMs: 6_500 },
  /** Firefox goes on with each that was given up, and makes no more than six at a time. So few are given up: four before it ends one itself, at 20 s. */
  firefox: { leastMs: 3_000, share: 1, mostMs: 21_000 },
};
/** How many round trips a try may take in any case: TCP, TLS, the request and its redirections, with a margin for a slow server. */
const ROUND_TRIPS = 8;

const hastes = new WeakMap<ReconnectingManager, Haste>();

export interface Circumstances {
  browser: Browser;
  /** The round trip to the server; 0 where it is unknown. */
  roundTripMs: number;
}

/**
 * Makes the socket come back quickly, on behalf of `holder`. Called again and again while it has not come: then it tries less often, since browsers hold
 * back connections to a server that has failed often.
 *
 * @returns whether nobody was in a hurry before.
 */
export function hurry(
  manager: ReconnectingManager,
  holder: object,
  { browser, roundTripMs }: Circumstances,
): boolean {
  const known = hastes.get(manager);
  const haste = known ?? {
    holders: new Set(),
    settings: SETTERS.map((name) => manager[name]?.()),
    sinceMs: performance.now(),
  };
  hastes.set(manager, haste);
  haste.holders.add(holder);
  const missedMs = performance.now() - haste.sinceMs;
  const isWebSocket = transportNameOf(manager.opts?.transports?.[0]) === 'websocket';
  const { leastMs, share, mostMs } = (isWebSocket && WEB_SOCKET_PATIENCE[browser]) || PATIENCE;
  const delayMs = clamp(DELAY_SHARE * missedMs, MIN_DELAY_MS, MAX_DELAY_MS);
  const timeoutMs = clamp(share * missedMs, leastMs, mostMs);
  set(manager, [delayMs, delayMs, Math.max(timeoutMs, ROUND_TRIPS * roundTripMs)]);
  return !known;
}

/** `holder` is in no hurry any more. After the last one the caller's settings are given back. */
export function calm(manager: ReconnectingManager, holder: object): void {
  const haste = hastes.get(manager);
  if (!haste?.holders.delete(holder) || haste.holders.size > 0) return;
  hastes.delete(manager);
  set(manager, haste.settings);
}

const set = (manager: ReconnectingManager, settings: readonly unknown[]) =>
  SETTERS.forEach((name, place) => void manager[name]?.(settings[place] as never));

/** Socket.IO takes a transport by its name, or as a class that has it. */
const transportNameOf = (transport: unknown): unknown =>
  typeof transport === 'function' ? transport.prototype?.name : transport;

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));
