import type { Browser } from '../../machines';

/** The part of a Socket.IO client's manager that decides how quickly a lost socket comes back. */
export interface ReconnectingManager {
  reconnectionDelay?(delayMs?: number): unknown;
  reconnectionDelayMax?(delayMs?: number): unknown;
  timeout?(timeoutMs?: number | boolean): unknown;
  readonly opts?: { readonly transports?: readonly unknown[] };
}

const SETTERS = ['reconnectionDelay', 'reconnectionDelayMax', 'timeout'] as const;

interface SpeedUp {
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
interface TimeoutRange {
  readonly minMs: number;
  readonly share: number;
  readonly maxMs: number;
}

/** A connection that was begun before the network returned hangs for seconds, so it is given up soon; later than at first, since on a slow path none comes about so quickly. */
const TIMEOUT: TimeoutRange = { minMs: 500, share: 0.3, maxMs: 2_000 };
/** What browsers make WebSockets pay for those that failed: docs/discoveries/held-back-web-sockets.md. */
const WEB_SOCKET_TIMEOUT: Partial<Record<Browser, TimeoutRange>> = {
  /** Chromium holds a new one back for up to 5 s once a dozen have failed. */
  chromium: { ...TIMEOUT, maxMs: 6_500 },
  /** Firefox goes on with each that was given up, and makes no more than six at a time. So few are given up: four before it ends one itself, at 20 s. */
  firefox: { minMs: 3_000, share: 1, maxMs: 21_000 },
};
/** How many round trips a try may take in any case: TCP, TLS, the request and its redirections, with a margin for a slow server. */
const MIN_ROUND_TRIPS = 8;

const speedUps = new WeakMap<ReconnectingManager, SpeedUp>();

export interface NetworkConditions {
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
export function speedUpReconnects(
  manager: ReconnectingManager,
  holder: object,
  { browser, roundTripMs }: NetworkConditions,
): boolean {
  const existing = speedUps.get(manager);
  const speedUp = existing ?? {
    holders: new Set(),
    settings: SETTERS.map((name) => manager[name]?.()),
    sinceMs: performance.now(),
  };
  speedUps.set(manager, speedUp);
  speedUp.holders.add(holder);
  const elapsedMs = performance.now() - speedUp.sinceMs;
  const isWebSocket = transportNameOf(manager.opts?.transports?.[0]) === 'websocket';
  const { minMs, share, maxMs } = (isWebSocket && WEB_SOCKET_TIMEOUT[browser]) || TIMEOUT;
  const delayMs = clamp(DELAY_SHARE * elapsedMs, MIN_DELAY_MS, MAX_DELAY_MS);
  const timeoutMs = clamp(share * elapsedMs, minMs, maxMs);
  applySettings(manager, [delayMs, delayMs, Math.max(timeoutMs, MIN_ROUND_TRIPS * roundTripMs)]);
  return !existing;
}

/** `holder` is in no hurry any more. After the last one the caller's settings are given back. */
export function restoreReconnects(manager: ReconnectingManager, holder: object): void {
  const speedUp = speedUps.get(manager);
  if (!speedUp?.holders.delete(holder) || speedUp.holders.size > 0) return;
  speedUps.delete(manager);
  applySettings(manager, speedUp.settings);
}

const applySettings = (manager: ReconnectingManager, settings: readonly unknown[]) =>
  SETTERS.forEach((name, index) => void manager[name]?.(settings[index] as never));

/** Socket.IO takes a transport by its name, or as a class that has it. */
const transportNameOf = (transport: unknown): unknown =>
  typeof transport === 'function' ? transport.prototype?.name : transport;

const clamp = (value: number, min: number, max: number) => Math.max(min, Math.min(max, value));
