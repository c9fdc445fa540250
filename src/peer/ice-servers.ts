import type { Logger } from '../log/logger';
import { isRecord } from '../signaling/wire';

type Servers = RTCIceServer[];
type Provided = readonly RTCIceServer[];

export interface IceServersOptions {
  /** Called for every new connection and every attempt, so that credentials are fresh. */
  iceServers(): Provided | Promise<Provided>;
  /** A provider that takes longer is not waited for: some never answer. */
  providerTimeoutMs: number;
  logger: Logger;
}

/** Credentials are renewed this long before they expire: time for an ICE restart, and for clocks that differ a little. */
const EXPIRY_MARGIN_MS = 60_000;
/** And again so long after, where others could not be fetched, or the link was in trouble: four chances. */
const RENEWAL_MS = 15_000;

/** Whether it names addresses, as an `RTCIceServer` does; what they are is for the browser to judge. */
export const isServer = (value: unknown) => {
  const urls = isRecord(value) ? [value.urls].flat() : [];
  return urls.length > 0 && urls.every((url) => typeof url === 'string');
};

export const isTurn = ({ urls }: RTCIceServer) => [urls].flat().some((url) => url.startsWith('turn'));

/** When the first of time-limited credentials (`expiry:name`, coturn's REST convention) runs out, in ms of the wall clock. */
const expiryOf = (servers: Servers) =>
  Math.min(
    ...servers.map(({ username }) => Number(/^(\d{9,}):/.exec(username ?? '')?.[1] ?? Infinity) * 1_000),
  );

/** The servers of one pair of players, asked for before every connection and every attempt, so that credentials are fresh. */
export class IceServers {
  /** Whether those handed out last are the last known, because no others could be fetched. */
  isStale = false;
  /** The provider was too slow the last time: nobody waits for it again until it answers in time. */
  #isSlow = false;
  #known: Servers | null = null;
  #expiresAtMs = Infinity;
  #renewAtMs = Infinity;
  /** Shared by all that ask meanwhile: who waits for a slow provider asks again each second. */
  #fetch: Promise<Servers> | null = null;
  #patience: ReturnType<typeof setTimeout> | undefined;
  readonly #options: IceServersOptions;

  constructor(options: IceServersOptions) {
    this.#options = options;
  }

  /** Hands them over: in this very call where they are at hand, so that a first connect waits for nothing. */
  get(use: (servers: Servers) => void): void {
    const servers = this.#fetch ?? this.#ask();
    if (Array.isArray(servers)) return use(servers);
    this.#fetch ??= this.#await(servers);
    if (this.#isSlow && this.#known) use(this.#known);
    else void this.#fetch.then(use);
  }

  /** Whether the credentials run out soon; said again until they have, or others are fetched. */
  areExpiring(): boolean {
    const nowMs = Date.now();
    if (nowMs <= this.#renewAtMs) return false;
    this.#renewAtMs = nowMs < this.#expiresAtMs ? nowMs + RENEWAL_MS : Infinity;
    return true;
  }

  stop(): void {
    clearTimeout(this.#patience);
  }

  /** Who throws, or gives no servers, is as good as one that rejects; callers replace `_getIceServers`, too. */
  #ask(): Servers | Promise<Provided> {
    try {
      const servers = this.#options.iceServers();
      return Array.isArray(servers) ? this.#note(servers) : Promise.resolve(servers);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #await(servers: Promise<Provided>): Promise<Servers> {
    return new Promise((resolve) => {
      let isLate = false;
      const settle = (found: Servers) => {
        clearTimeout(this.#patience);
        this.#fetch = null;
        resolve(found);
      };
      const fallBack = (why: string) => {
        // An attempt asks each second.
        if (!this.isStale)
          this.#options.logger.warn(
            `[WebRTC] iceServers ${why}; ${this.#known ? 'the last known' : 'none'} are used`,
          );
        this.isStale = true;
        settle(this.#known ?? []);
      };
      this.#patience = setTimeout(() => {
        isLate = this.#isSlow = true;
        fallBack('took too long');
      }, this.#options.providerTimeoutMs);
      // Too late for who waited, not for who comes next.
      servers
        .then((found) => this.#note(found))
        .then(
          (found) => {
            this.#isSlow = isLate;
            if (!isLate) settle(found);
          },
          () => isLate || fallBack('could not be fetched'),
        );
    });
  }

  /** @throws TypeError for what are no servers. */
  #note(provided: Provided): Servers {
    const servers = [...provided];
    if (!servers.every(isServer)) throw new TypeError();
    this.#expiresAtMs = expiryOf(servers);
    const renewAtMs = this.#expiresAtMs - EXPIRY_MARGIN_MS;
    // Servers that hand out stale credentials are not asked again and again.
    this.#renewAtMs = renewAtMs > Date.now() ? renewAtMs : Infinity;
    this.#known = servers;
    this.isStale = false;
    return servers;
  }
}
