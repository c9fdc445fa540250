/** The part of a Socket.IO client's manager that decides how quickly a lost socket comes back. */
export interface ReconnectingManager {
  reconnectionDelay?(delayMs?: number): unknown;
  reconnectionDelayMax?(delayMs?: number): unknown;
  timeout?(timeoutMs?: number | boolean): unknown;
}

interface Haste {
  /** Links that are suspect; several may share a socket. */
  readonly holders: Set<object>;
  /** The caller's settings, by the method that sets them. */
  readonly settings: readonly (readonly [name: keyof ReconnectingManager, value: unknown])[];
  timeoutMs: number;
}

/** While a link is down the socket comes back quickly: a hundred players knocking four times a second is still little. */
const DELAY_MS = 250;
/** A connection that was begun before the network returned hangs for seconds: better given up soon. */
const MIN_TIMEOUT_MS = 500;
/** Yet on a slow path none ever came about in half a second: each time that it is still missed there is a little more. */
const MAX_TIMEOUT_MS = 2_000;
const GROWTH = 1.1;
/** TCP, TLS, the request and its redirections, with a margin for a slow server. */
const ROUND_TRIPS = 8;

const hastes = new WeakMap<ReconnectingManager, Haste>();

/**
 * Makes the socket come back quickly, on behalf of `holder`; true where nobody was in a hurry before. Called again while it has not come:
 * `roundTripMs` is that of the path, 0 where it is unknown.
 */
export function hurry(manager: ReconnectingManager, holder: object, roundTripMs: number): boolean {
  const known = hastes.get(manager);
  const haste = known ?? begin(manager);
  haste.holders.add(holder);
  const timeoutMs = Math.max(haste.timeoutMs, Math.round(ROUND_TRIPS * roundTripMs));
  haste.timeoutMs = Math.min(MAX_TIMEOUT_MS, haste.timeoutMs * GROWTH);
  manager.reconnectionDelay?.(DELAY_MS);
  manager.reconnectionDelayMax?.(DELAY_MS);
  manager.timeout?.(timeoutMs);
  return !known;
}

/** `holder` is in no hurry any more; the caller's settings are back with the last that was. */
export function calm(manager: ReconnectingManager, holder: object): void {
  const haste = hastes.get(manager);
  if (!haste?.holders.delete(holder) || haste.holders.size > 0) return;
  hastes.delete(manager);
  for (const [name, value] of haste.settings) manager[name]?.(value as never);
}

function begin(manager: ReconnectingManager): Haste {
  const names = ['reconnectionDelay', 'reconnectionDelayMax', 'timeout'] as const;
  const isSetting = (value: unknown) => typeof value === 'number' || typeof value === 'boolean';
  const settings = names
    .map((name) => [name, manager[name]?.()] as const)
    .filter(([, value]) => isSetting(value));
  const haste = { holders: new Set<object>(), settings, timeoutMs: MIN_TIMEOUT_MS };
  hastes.set(manager, haste);
  return haste;
}
