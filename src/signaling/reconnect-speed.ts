import type { Browser } from '../../machines';

/** The settings of a Socket.IO `Manager` that decide how quickly a lost socket reconnects. */
export interface ReconnectingManager {
  reconnectionDelay?(delayMs?: number): unknown;
  reconnectionDelayMax?(delayMs?: number): unknown;
  timeout?(timeoutMs?: number | boolean): unknown;
  readonly opts?: { readonly transports?: readonly unknown[] };
}

const SETTERS = ['reconnectionDelay', 'reconnectionDelayMax', 'timeout'] as const;

interface SpeedUp {
  /** Who asked for it; several links may share the socket. */
  readonly holders: Set<object>;
  /** The game's own settings, in the order of {@link SETTERS}, to be restored. */
  readonly settings: readonly unknown[];
  readonly sinceMs: number;
}

/** Bounds of the pause between two tries while a link is down. Short, because even a hundred players that try four times a second are little load for a server. */
const MIN_DELAY_MS = 250;
const MAX_DELAY_MS = 1_000;
const DELAY_SHARE = 0.2;

/** How long one try may take: a share of the time since the speed-up started, within bounds. */
interface TimeoutRange {
  readonly minMs: number;
  readonly share: number;
  readonly maxMs: number;
}

/** A connection that was started before the network returned hangs for seconds, so a try ends soon. The timeout grows, because on a slow path a short one never succeeds. */
const TIMEOUT: TimeoutRange = { minMs: 500, share: 0.3, maxMs: 2_000 };
/** Browsers delay new WebSockets after failed ones: docs/discoveries/held-back-web-sockets.md. */
const WEB_SOCKET_TIMEOUT: Partial<Record<Browser, TimeoutRange>> = {
  /** Chromium delays a new one by up to 5 s once a dozen have failed. */
  chromium: { ...TIMEOUT, maxMs: 6_500 },
  /** Firefox goes on with each abandoned one and opens no more than six at a time. So few are abandoned: four before Firefox ends the first itself, at 20 s. */
  firefox: { minMs: 3_000, share: 1, maxMs: 21_000 },
};
/** How many round trips any try may take: for TCP, TLS, the request and redirects, with a margin for a slow server. */
const MIN_ROUND_TRIPS = 8;

const speedUps = new WeakMap<ReconnectingManager, SpeedUp>();

export interface NetworkConditions {
  browser: Browser;
  /** The round trip to the server, in ms; 0 if it is unknown. */
  roundTripMs: number;
}

/**
 * Makes the socket reconnect quickly until `holder` calls {@link restoreReconnects}. Call it again at intervals while the socket is down: then the tries
 * become rarer, because browsers delay connections to a server after many failures.
 *
 * @returns true if no holder had sped up this manager before.
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

/** Ends the speed-up of `holder`. After the last holder, the game's own settings are restored. */
export function restoreReconnects(manager: ReconnectingManager, holder: object): void {
  const speedUp = speedUps.get(manager);
  if (!speedUp?.holders.delete(holder) || speedUp.holders.size > 0) return;
  speedUps.delete(manager);
  applySettings(manager, speedUp.settings);
}

const applySettings = (manager: ReconnectingManager, settings: readonly unknown[]) =>
  SETTERS.forEach((name, index) => void manager[name]?.(settings[index] as never));

/** Socket.IO accepts a transport as a name or as a class with that name. */
const transportNameOf = (transport: unknown): unknown =>
  typeof transport === 'function' ? transport.prototype?.name : transport;

const clamp = (value: number, min: number, max: number) => Math.max(min, Math.min(max, value));
