import type { ConnectionState, ConnectionStatus, Degradation, Failure, LostInfo, PathInfo } from 'holdfast';
import type { Route } from './telemetry';

export type RecoveryStatus = Pick<ConnectionStatus, 'state' | 'attempts' | 'maxAttempts' | 'waitingFor'>;

/** The part of `WebRTCManager` that this game uses. */
export interface ManagedLink {
  readonly state: ConnectionState;
  onDataChannelOpen: (() => void) | null;
  onDataChannelMessage: ((data: unknown) => void) | null;
  onDataChannelClose: (() => void) | null;
  onConnectionFailed: ((failure: Failure) => void) | null;
  onConnectionTypeDetected: ((path: PathInfo) => void) | null;
  onQualityDegraded: ((degradation: Degradation) => void) | null;
  onConnectionLost: ((lost: LostInfo) => void) | null;
  onConnectionRestored: (() => void) | null;
  on(event: 'status', listener: (status: RecoveryStatus) => void): () => void;
  connectToPeer(peerId: string): Promise<void>;
  attemptIceRestart(): Promise<boolean>;
  send(data: Uint8Array<ArrayBuffer>): boolean;
  close(): void;
}

export interface LinkStatus {
  readonly state: ConnectionState;
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Recovery is waiting for the server and spends no attempt meanwhile. */
  readonly needsServer: boolean;
  readonly route: Route;
  readonly path: PathInfo['connectionType'] | 'unknown';
  readonly paused: boolean;
  readonly forceRelay: boolean;
}

/** The status before there is a link. */
export const NO_LINK: LinkStatus = {
  state: 'new',
  attempt: 0,
  maxAttempts: 0,
  needsServer: false,
  route: 'none',
  path: 'unknown',
  paused: false,
  forceRelay: false,
};

/** How often a game on the fallback retries the link. */
const RETRY_MS = 10_000;
/** Tells the other side, which may be waiting or have failed, that this side has a new manager. Sent like the packets of the fallback. */
export const RELINK = 'relink';

export interface LinkOptions {
  readonly createManager: (forceRelay: boolean) => ManagedLink;
  /** Sends a packet, or `RELINK`, through the relay as `game_data`. */
  readonly sendFallback: (data: Uint8Array<ArrayBuffer> | string) => boolean;
  readonly onPacket: (data: unknown) => void;
  readonly onConnectionType: (path: PathInfo) => void;
  readonly onLost: () => void;
  readonly onRestored: () => void;
  readonly onNotice: (text: string, tone: 'good' | 'warn' | 'bad') => void;
  readonly onChange: (status: LinkStatus) => void;
  /** Calls `call` every `ms` until the returned function is called. */
  readonly every: (ms: number, call: () => void) => () => void;
}

/** Sends packets to the other player: peer to peer while that works, otherwise through the relay. */
export class DuelLink {
  readonly #options: LinkOptions;
  #manager: ManagedLink | null = null;
  #peerId: string | null = null;
  #stopRetrying: (() => void) | null = null;
  /** The last reason for a failure that the player was told. */
  #explained: Failure['reason'] | null = null;
  #status = NO_LINK;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get status(): LinkStatus {
    return this.#status;
  }

  /** Also called when our page or socket returns to a running game; an existing link is kept. */
  connect(peerId: string, forceRelay: boolean): void {
    this.#peerId = peerId;
    if (this.#manager === null) {
      this.#set({ forceRelay });
      this.#startManager();
      this.#options.sendFallback(RELINK);
    }
    this.#connect();
  }

  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.#status.route === 'p2p') return this.#manager?.send(bytes) ?? false;
    return this.#status.route === 'socket' && this.#options.sendFallback(bytes);
  }

  receiveFallback(data: unknown): void {
    if (data === RELINK) return this.#connect();
    // The other side already plays through the server, so we do the same until the link is up.
    if (this.#status.route === 'none' && this.#manager !== null) this.#fallBack();
    this.#options.onPacket(data);
  }

  async restart(): Promise<void> {
    this.#explained = null;
    if (this.#manager?.state === 'failed') await this.#retry();
    else await this.#manager?.attemptIceRestart();
  }

  /** The ICE transport policy of a manager is fixed, so this creates a new one and tells the other side. */
  setForceRelay(forceRelay: boolean): void {
    if (this.#peerId === null) return;
    this.#explained = null;
    this.#set({ forceRelay });
    this.#startManager();
    this.#fallBack();
    this.#options.sendFallback(RELINK);
    this.#connect();
  }

  close(): void {
    this.#stopRetrying?.();
    this.#stopRetrying = null;
    this.#dropManager();
    this.#peerId = null;
    this.#set({ state: 'closed', route: 'none', paused: false });
  }

  #startManager(): void {
    this.#dropManager();
    const manager = this.#options.createManager(this.#status.forceRelay);
    this.#manager = manager;
    manager.onDataChannelOpen = () => this.#useP2P();
    manager.onDataChannelMessage = (data) => this.#options.onPacket(data);
    manager.onDataChannelClose = () => this.#fallBack();
    manager.onConnectionFailed = (failure) => {
      this.#explain(failure);
      this.#fallBack();
    };
    manager.onConnectionTypeDetected = (path) => {
      this.#set({ path: path.connectionType });
      this.#options.onConnectionType(path);
    };
    manager.onQualityDegraded = ({ status, message }) =>
      this.#options.onNotice(message, status === 'critical' ? 'bad' : 'warn');
    manager.onConnectionLost = () => this.#lose(manager);
    manager.onConnectionRestored = () => this.#restore();
    manager.on('status', (status) => this.#follow(manager, status));
    this.#set({ state: manager.state, attempt: 0, needsServer: false, path: 'unknown' });
  }

  #dropManager(): void {
    const old = this.#manager;
    this.#manager = null;
    old?.close();
  }

  /** Says nothing if the other player left, which the state shows, or if a retry failed for the same reason as before. */
  #explain({ reason, advice }: Failure): void {
    if (reason === 'peer-left' || reason === this.#explained) return;
    this.#explained = reason;
    this.#options.onNotice(`Peer-to-peer link failed (${reason}): ${advice}`, 'bad');
  }

  #lose(manager: ManagedLink): void {
    this.#set({ paused: true });
    this.#options.onLost();
    this.#options.onNotice('Connection lost: the game is paused', 'bad');
    void manager.attemptIceRestart();
  }

  #restore(): void {
    this.#options.onRestored();
    this.#options.onNotice('Connection restored', 'good');
    this.#useP2P();
  }

  #useP2P(): void {
    this.#stopRetrying?.();
    this.#stopRetrying = null;
    this.#explained = null;
    if (this.#status.route === 'socket') this.#options.onNotice('Back on the peer-to-peer link', 'good');
    this.#set({ route: 'p2p', paused: false });
  }

  #fallBack(): void {
    if (this.#status.route !== 'socket') {
      this.#options.onNotice('Playing through the server until the link is back', 'warn');
    }
    this.#set({ route: 'socket', paused: false });
    this.#stopRetrying ??= this.#options.every(RETRY_MS, () => void this.#retry());
  }

  async #retry(): Promise<void> {
    const manager = this.#manager;
    if (manager === null) return;
    if (manager.state === 'failed' && (await manager.attemptIceRestart())) return;
    if (manager.state === 'failed' || manager.state === 'new') this.#connect();
  }

  #connect(): void {
    if (this.#peerId !== null) void this.#manager?.connectToPeer(this.#peerId);
  }

  #follow(manager: ManagedLink, { state, attempts, maxAttempts, waitingFor }: RecoveryStatus): void {
    if (manager !== this.#manager) return;
    this.#set({ state, attempt: attempts, maxAttempts, needsServer: waitingFor === 'signaling' });
    if (state === 'closed') this.#awaitNewLink(manager);
  }

  /** The other side closed the link, either to leave or to create another one. A new manager accepts its offer. */
  #awaitNewLink(closed: ManagedLink): void {
    // After the last events of the closed manager, which must come before those of the new one.
    queueMicrotask(() => {
      if (closed !== this.#manager) return;
      this.#options.onNotice('The other player closed the link', 'warn');
      this.#startManager();
      this.#fallBack();
    });
  }

  #set(change: Partial<LinkStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#options.onChange(this.#status);
  }
}
