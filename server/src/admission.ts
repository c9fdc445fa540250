import type { IncomingMessage } from 'node:http';

import type { EngineConnection } from './intake';
import { type Rate, TokenBucket } from './rate-limit';

export interface AdmissionLimits {
  /** Only pages of these origins may connect; null allows any. */
  readonly allowedOrigins: readonly string[] | null;
  /** Returns the client address of a connection. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** All connections, joined or not. */
  readonly maxSockets: number;
  /** Connections that have not joined a game yet; newcomers replace the oldest. */
  readonly maxUnjoinedSockets: number;
  /** Connections from one address; null sets no limit. */
  readonly maxSocketsPerAddress: number | null;
  /** New connections, from all addresses together. */
  readonly handshakes: Rate;
}

/** Why a client may not connect. Sent to the client and logged. */
export type AdmissionRefusal =
  | 'origin not allowed'
  | 'addressOf failed'
  | 'relay full'
  | 'too many connections of this address'
  | 'too many new connections'
  | 'too many connections that joined no game';

/** A handshake takes about a millisecond, so even a storm of new connections costs at most a tenth of a core. */
export const DEFAULT_HANDSHAKES: Rate = { perSecond: 100, burst: 300 };
/** An honest page joins at once. When the relay is full, connections that have not joined after this time may be closed. */
const JOIN_PATIENCE_MS = 3_000;

/** Decides who may connect, before any work is done for them. */
export class AdmissionControl {
  readonly #limits: AdmissionLimits;
  readonly #now: () => number;
  readonly #handshakes: TokenBucket;
  readonly #perAddress = new Map<string, number>();
  /** With the time of connection; oldest first. */
  readonly #unjoined = new Map<EngineConnection, number>();
  #inside = 0;

  constructor(limits: AdmissionLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#handshakes = new TokenBucket(limits.handshakes, now());
  }

  /** Returns null if the client may connect. */
  refusalOf(request: IncomingMessage): AdmissionRefusal | null {
    const { allowedOrigins, maxSockets, maxSocketsPerAddress } = this.#limits;
    if (allowedOrigins !== null && !isAllowed(request, allowedOrigins)) return 'origin not allowed';
    const address = this.#addressOf(request);
    if (address === null) return 'addressOf failed';
    if (this.#inside >= maxSockets) return 'relay full';
    if (maxSocketsPerAddress !== null && (this.#perAddress.get(address) ?? 0) >= maxSocketsPerAddress)
      return 'too many connections of this address';
    if (!this.#handshakes.take(this.#now())) return 'too many new connections';
    return this.#hasRoomToJoin() ? null : 'too many connections that joined no game';
  }

  admitted(conn: EngineConnection, request: IncomingMessage): void {
    const address = this.#addressOf(request) ?? '';
    const count = (this.#perAddress.get(address) ?? 0) + 1;
    this.#inside += 1;
    this.#perAddress.set(address, count);
    this.#unjoined.set(conn, this.#now());
    conn.once('close', () => {
      this.#inside -= 1;
      this.#unjoined.delete(conn);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    });
    // Requests that arrive in one packet are all checked by `refusalOf` before the first of them is counted here.
    const { maxSockets, maxUnjoinedSockets, maxSocketsPerAddress } = this.#limits;
    const isOneTooMany =
      this.#inside > maxSockets ||
      this.#unjoined.size > maxUnjoinedSockets ||
      count > (maxSocketsPerAddress ?? count);
    if (isOneTooMany) conn.close(true);
  }

  joined(conn: EngineConnection): void {
    this.#unjoined.delete(conn);
  }

  /** An empty string if addresses are not counted; null if the option throws, for example because a header is missing. */
  #addressOf(request: IncomingMessage): string | null {
    if (this.#limits.maxSocketsPerAddress === null) return '';
    try {
      return this.#limits.addressOf(request);
    } catch {
      return null;
    }
  }

  #hasRoomToJoin(): boolean {
    if (this.#unjoined.size < this.#limits.maxUnjoinedSockets) return true;
    const [oldest] = this.#unjoined;
    if (oldest === undefined || this.#now() - oldest[1] < JOIN_PATIENCE_MS) return false;
    this.#unjoined.delete(oldest[0]);
    oldest[0].close(true);
    return true;
  }
}

// CORS does not cover WebSockets: the browser sends the origin, and the server has to check it.
function isAllowed({ headers: { origin, host } }: IncomingMessage, allowed: readonly string[]): boolean {
  if (origin === undefined) return true;
  return allowed.includes(origin) || origin === `http://${host}` || origin === `https://${host}`;
}
