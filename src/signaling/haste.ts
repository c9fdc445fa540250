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
  /** Links that are suspect; several may share a socket. */
  readonly holders: Set<object>;
  /** The caller's, one for each of the setters. */
  readonly settings: readonly unknown[];
  readonly sinceMs: number;
}

/** While a link is down its socket comes back quickly: a hundred players knocking four times a second is still little. */
const MIN_DELAY_MS = 250;
const MAX_DELAY_MS = 1_000;
const DELAY_SHARE = 0.2;

/** How long one try may take. */
interface Patience {
  readonly leastMs: number;
  /** Of the time that the socket has been missed. */
  readonly share: number;
  readonly mostMs: number;
}

/** A connection that was begun before the network returned hangs for seconds: better given up soon. Yet on a slow path none comes about in half a second. */
const PATIENCE: Patience = { leastMs: 500, share: 0.3, mostMs: 2_000 };
/** What browsers make WebSockets pay for those that failed: docs/discoveries/held-back-web-sockets.md. */
const WEB_SOCKET_PATIENCE: Partial<Record<Browser, Patience>> = {
  /** Holds one back for up to 5 s once a dozen have failed. */
  chromium: { ...PATIENCE, mostMs: 6_500 },
  /** Goes on with each that is given up, six at a time: here four are, before Firefox itself ends one, at 20 s. */
  firefox: { leastMs: 3_000, share: 1, mostMs: 21_000 },
};
/** TCP, TLS, the request and its redirections, with a margin for a slow server. */
const ROUND_TRIPS = 8;

const hastes = new WeakMap<ReconnectingManager, Haste>();

export interface Circumstances {
  browser: Browser;
  /** Of the path to the server; 0 where it is unknown. */
  roundTripMs: number;
}

/**
 * Makes the socket come back quickly, on behalf of `holder`; true where nobody was in a hurry before. Called again while it has not come: less
 * often tried then, since browsers hold back who fails often.
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

/** `holder` is in no hurry any more; the caller's settings are back with the last that was. */
export function calm(manager: ReconnectingManager, holder: object): void {
  const haste = hastes.get(manager);
  if (!haste?.holders.delete(holder) || haste.holders.size > 0) return;
  hastes.delete(manager);
  set(manager, haste.settings);
}

const set = (manager: ReconnectingManager, settings: readonly unknown[]) =>
  SETTERS.forEach((name, place) => void manager[name]?.(settings[place] as never));

/** A transport is given by its name, or as the class that has it. */
const transportNameOf = (transport: unknown): unknown =>
  typeof transport === 'function' ? transport.prototype?.name : transport;

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));
