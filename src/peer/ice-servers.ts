import type { Logger } from '../log/logger';
import { isRecord } from '../signaling/wire';

type Servers = RTCIceServer[];
type Provided = readonly RTCIceServer[];

export interface IceServersOptions {
  /** Called for every new connection and every attempt, so that credentials are fresh. */
  iceServers(): Provided | Promise<Provided>;
  /** How long `iceServers` is waited for, in ms: some never answer. */
  providerTimeoutMs: number;
  logger: Logger;
}

/** How long before they expire credentials are renewed: time for an ICE restart, and for clocks that differ a little. */
const EXPIRY_MARGIN_MS = 60_000;
/** How often that is tried again, where no others could be fetched or the link was in trouble: four times before they expire. */
const RENEWAL_INTERVAL_MS = 15_000;

/** Whether a value has `urls`, as an `RTCIceServer` has; whether they are any good the browser decides. */
export const isServer = (value: unknown) => {
  const urls = isRecord(value) ? [value.urls].flat() : [];
  return urls.length > 0 && urls.every((url) => typeof url === 'string');
};

export const isTurn = ({ urls }: RTCIceServer) => [urls].flat().some((url) => url.startsWith('turn'));

/** When the first of the credentials that say so (`expiry:name`, coturn's REST convention) expires, in ms of the wall clock; else never. */
const expiryOf = (servers: Servers) =>
  Math.min(
    ...servers.map(({ username }) => Number(/^(\d{9,}):/.exec(username ?? '')?.[1] ?? Infinity) * 1_000),
  );

/** The ICE servers of one pair of players: fetched before every connection and attempt, so that credentials are fresh. */
export class IceServers {
  /** Whether the servers could not be fetched the last time, so that the last known ones were handed out. */
  isStale = false;
  /** The provider was too slow the last time: nobody waits for it until it answers in time again. */
  #isSlow = false;
  #known: Servers | null = null;
  #expiresAtMs = Infinity;
  #renewAtMs = Infinity;
  /** The fetch under way, shared by all that ask meanwhile: an attempt that waits asks again each second. */
  #fetch: Promise<Servers> | null = null;
  #timeout: ReturnType<typeof setTimeout> | undefined;
  readonly #options: IceServersOptions;

  constructor(options: IceServersOptions) {
    this.#options = options;
  }

  /** Hands the servers over: inside this call where the provider returns an array, so that a first connect waits for nothing. */
  get(use: (servers: Servers) => void): void {
    const servers = this.#fetch ?? this.#callProvider();
    if (Array.isArray(servers)) return use(servers);
    this.#fetch ??= this.#awaitServers(servers);
    if (this.#isSlow && this.#known) use(this.#known);
    else void this.#fetch.then(use);
  }

  /** Whether the credentials expire soon. True once each {@link RENEWAL_INTERVAL_MS}, until others are fetched or they have expired. */
  shouldRenew(): boolean {
    const nowMs = Date.now();
    if (nowMs <= this.#renewAtMs) return false;
    this.#renewAtMs = nowMs < this.#expiresAtMs ? nowMs + RENEWAL_INTERVAL_MS : Infinity;
    return true;
  }

  stop(): void {
    clearTimeout(this.#timeout);
  }

  /** A provider that throws, or returns no servers, counts as one that rejects: it is the game's own function, be it in place of `_getIceServers`. */
  #callProvider(): Servers | Promise<Provided> {
    try {
      const servers = this.#options.iceServers();
      return Array.isArray(servers) ? this.#store(servers) : Promise.resolve(servers);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #awaitServers(servers: Promise<Provided>): Promise<Servers> {
    return new Promise((resolve) => {
      let isLate = false;
      const settle = (found: Servers) => {
        clearTimeout(this.#timeout);
        this.#fetch = null;
        resolve(found);
      };
      const fallBack = (problem: string) => {
        // Warned once: an attempt asks each second.
        if (!this.isStale)
          this.#options.logger.warn(
            `[WebRTC] iceServers ${problem}; ${this.#known ? 'the last known' : 'none'} are used`,
          );
        this.isStale = true;
        settle(this.#known ?? []);
      };
      this.#timeout = setTimeout(() => {
        isLate = this.#isSlow = true;
        fallBack('took too long');
      }, this.#options.providerTimeoutMs);
      // An answer that comes too late is kept for those who ask next.
      servers
        .then((found) => this.#store(found))
        .then(
          (found) => {
            this.#isSlow = isLate;
            if (!isLate) settle(found);
          },
          () => isLate || fallBack('gave no servers'),
        );
    });
  }

  /** Keeps the servers as the last known. @throws TypeError for what are no servers. */
  #store(provided: Provided): Servers {
    const servers = [...provided];
    if (!servers.every(isServer)) throw new TypeError();
    this.#expiresAtMs = expiryOf(servers);
    const renewAtMs = this.#expiresAtMs - EXPIRY_MARGIN_MS;
    // Credentials that have expired already, or nearly, are not renewed: their server would be asked again and again.
    this.#renewAtMs = renewAtMs > Date.now() ? renewAtMs : Infinity;
    this.#known = servers;
    this.isStale = false;
    return servers;
  }
}
