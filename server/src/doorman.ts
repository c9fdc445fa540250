import type { IncomingMessage } from 'node:http';

import type { EngineConnection } from './intake';
import { type Rate, TokenBucket } from './rate-limit';

export interface DoorLimits {
  /** Pages of these origins may connect, and no others; any without it. */
  readonly allowedOrigins: readonly string[] | null;
  /** Whose a connection is. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Connections of every kind. */
  readonly maxSockets: number;
  /** Connections that have not joined a game yet; the oldest give way to newcomers. */
  readonly maxUnjoinedSockets: number;
  /** Connections of one address; none without it. */
  readonly maxSocketsPerAddress: number | null;
  /** New connections of all addresses together. */
  readonly handshakes: Rate;
}

/** Why somebody may not connect; for the caller and the log. */
export type DoorRefusal =
  | 'origin not allowed'
  | 'addressOf failed'
  | 'relay full'
  | 'too many connections of this address'
  | 'too many new connections'
  | 'too many connections that joined no game';

/** A handshake takes about a millisecond, so even a storm of newcomers takes no more than a tenth of a core. */
export const DEFAULT_HANDSHAKES: Rate = { perSecond: 100, burst: 300 };
/** An honest page joins at once. One that has not after this may be sent away where the relay is full. */
const JOIN_PATIENCE_MS = 3_000;

/** Decides who may connect, before anything is done for them. */
export class Doorman {
  readonly #limits: DoorLimits;
  readonly #now: () => number;
  readonly #handshakes: TokenBucket;
  readonly #perAddress = new Map<string, number>();
  /** In the order in which they came. */
  readonly #unjoined = new Map<EngineConnection, number>();
  #inside = 0;

  constructor(limits: DoorLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#handshakes = new TokenBucket(limits.handshakes, now());
  }

  /** Null where the caller may enter. */
  refusalOf(request: IncomingMessage): DoorRefusal | null {
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

  entered(conn: EngineConnection, request: IncomingMessage): void {
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
    // Of requests that come in one piece each is asked about before the first has entered.
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

  /** All the same where addresses are not counted; null where the option throws, as it may on a header that is not there. */
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

// CORS does not cover WebSockets: the browser sends its origin, and it is on us to look at it.
function isAllowed({ headers: { origin, host } }: IncomingMessage, allowed: readonly string[]): boolean {
  if (origin === undefined) return true;
  return allowed.includes(origin) || origin === `http://${host}` || origin === `https://${host}`;
}
