import type { Logger } from '../log/logger';
import { isRecord } from '../signaling/wire';

type Servers = RTCIceServer[];
type Provided = readonly RTCIceServer[];

export interface IceServersOptions {
  /** The provider: called for every new connection and attempt, so that credentials are fresh. */
  iceServers(): Provided | Promise<Provided>;
  /** How long to wait for `iceServers`, in ms, because it may never settle. */
  providerTimeoutMs: number;
  logger: Logger;
}

/** How long before they expire credentials are renewed: time for an ICE restart, and for small differences between clocks. */
const EXPIRY_MARGIN_MS = 60_000;
/** How often renewal is retried, if the fetch failed or the link was not up: four tries before the credentials expire. */
const RENEWAL_INTERVAL_MS = 15_000;

/** Whether a value has the `urls` of an `RTCIceServer`. The browser decides whether they are valid. */
export const isServer = (value: unknown) => {
  const urls = isRecord(value) ? [value.urls].flat() : [];
  return urls.length > 0 && urls.every((url) => typeof url === 'string');
};

export const isTurn = ({ urls }: RTCIceServer) => [urls].flat().some((url) => url.startsWith('turn'));

/** When the first credentials expire, in ms of the wall clock. The user name tells (`expiry:name`, coturn's REST convention); Infinity if none does. */
const expiryOf = (servers: Servers) =>
  Math.min(
    ...servers.map(({ username }) => Number(/^(\d{9,}):/.exec(username ?? '')?.[1] ?? Infinity) * 1_000),
  );

/** The ICE servers of one pair of players, fetched before every connection and attempt. */
export class IceServers {
  /** Whether the last fetch failed, so that the last known servers were used. */
  isStale = false;
  /** Whether the provider was too slow last time. Until it answers in time again, the known servers are used without waiting. */
  #isSlow = false;
  #known: Servers | null = null;
  #expiresAtMs = Infinity;
  #renewAtMs = Infinity;
  /** The fetch under way, shared by all callers: a waiting attempt calls again each second. */
  #fetch: Promise<Servers> | null = null;
  #timeout: ReturnType<typeof setTimeout> | undefined;
  readonly #options: IceServersOptions;

  constructor(options: IceServersOptions) {
    this.#options = options;
  }

  /** Calls `use` with the servers: synchronously if the provider returns an array, so that a first connect does not wait. */
  get(use: (servers: Servers) => void): void {
    const servers = this.#fetch ?? this.#callProvider();
    if (Array.isArray(servers)) return use(servers);
    this.#fetch ??= this.#awaitServers(servers);
    if (this.#isSlow && this.#known) use(this.#known);
    else void this.#fetch.then(use);
  }

  /** Whether to renew the credentials now. Returns true once each {@link RENEWAL_INTERVAL_MS}, until new ones are fetched or these have expired. */
  shouldRenew(): boolean {
    const nowMs = Date.now();
    if (nowMs <= this.#renewAtMs) return false;
    this.#renewAtMs = nowMs < this.#expiresAtMs ? nowMs + RENEWAL_INTERVAL_MS : Infinity;
    return true;
  }

  stop(): void {
    clearTimeout(this.#timeout);
  }

  /** Calls the game's provider. If it throws or returns no servers, the promise rejects. */
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
        // Warns once, because an attempt calls each second.
        if (!this.isStale)
          this.#options.logger.warn(
            `[WebRTC] iceServers ${problem}; using ${this.#known ? 'the last known' : 'none'}`,
          );
        this.isStale = true;
        settle(this.#known ?? []);
      };
      this.#timeout = setTimeout(() => {
        isLate = this.#isSlow = true;
        fallBack('took too long');
      }, this.#options.providerTimeoutMs);
      // A late answer is stored for the next call.
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

  /** Stores the servers as the last known ones. @throws TypeError if they are not valid servers. */
  #store(provided: Provided): Servers {
    const servers = [...provided];
    if (!servers.every(isServer)) throw new TypeError();
    this.#expiresAtMs = expiryOf(servers);
    const renewAtMs = this.#expiresAtMs - EXPIRY_MARGIN_MS;
    // Credentials that have expired, or nearly so, are not renewed: the provider would be called again and again.
    this.#renewAtMs = renewAtMs > Date.now() ? renewAtMs : Infinity;
    this.#known = servers;
    this.isStale = false;
    return servers;
  }
}
