import type { EngineConnection } from './intake';
import { type Rate, TokenBucket } from './rate-limit';

export interface DoorLimits {
  /** Connections of every kind. */
  readonly maxSockets: number;
  /** Connections that have not joined a game yet; the oldest give way to newcomers. */
  readonly maxUnjoinedSockets: number;
  /** Connections of one address; none without it. */
  readonly maxSocketsPerAddress: number | null;
  /** New connections of all addresses together. */
  readonly handshakes: Rate;
}

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

  mayEnter(address: string): boolean {
    const { maxSockets, maxSocketsPerAddress } = this.#limits;
    if (this.#inside >= maxSockets) return false;
    if (maxSocketsPerAddress !== null && (this.#perAddress.get(address) ?? 0) >= maxSocketsPerAddress)
      return false;
    return this.#handshakes.take(this.#now()) && this.#hasRoomToJoin();
  }

  entered(conn: EngineConnection, address: string): void {
    this.#inside += 1;
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    this.#unjoined.set(conn, this.#now());
    conn.once('close', () => {
      this.#inside -= 1;
      this.#unjoined.delete(conn);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    });
  }

  joined(conn: EngineConnection): void {
    this.#unjoined.delete(conn);
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
