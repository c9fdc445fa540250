import {
  type Announcement,
  type ConnectionState,
  type ConnectionStatus,
  type Failure,
  isPlayerId,
  type PlayerId,
  stateOf,
} from '../machines';
import { Controller } from './controller/controller';
import { checkIdentity } from './controller/option-checks';
import { type ResolvedOptions, resolveOptions, type WebRTCManagerOptions } from './controller/options';
import { Emitter } from './emitter';
import type { Logger } from './log/logger';
import type { LostInfo, WebRTCManagerEvents } from './manager-events';
import type { Link } from './peer/link';
import { upstreamServers } from './peer/upstream-servers';
import { hasDuplicate, isOnlyManager, register, unregister } from './signaling/manager-registry';
import { type SocketLike, socketIoTransport } from './signaling/socket-io-transport';
import type { Delivery, SignalingTransport } from './signaling/transport';
import { isSameId } from './signaling/wire';
import { ConnectionQualityMonitor, type Degradation } from './stats/connection-quality-monitor';
import { lookUpPath, type PathInfo } from './stats/path';

type Nullable<Arguments extends unknown[]> = ((...args: Arguments) => unknown) | null;

/** How many messages may come before *open* is told, which is a round trip at most: a peer that lets nothing open must not fill the memory. */
const MAX_HELD_MESSAGES = 1_000;

/**
 * Keeps the link to one other player alive, behind the API of upstream's `WebRTCManager` (docs/MIGRATING.md).
 *
 * Every method may be called at any time and none throws or rejects, the constructor's {@link OptionError} apart.
 */
export class WebRTCManager {
  /** As handed in; so are both ids. */
  readonly socket: SocketLike;
  /** Goes out with each signal; what comes for another game is refused. */
  readonly gameId: PlayerId;
  /** Who we are; compared as a string. */
  readonly myPlayerId: PlayerId;
  /** Whom the link leads to; null before it is known, and after `close()`. */
  targetPeerId: PlayerId | null = null;
  /** The path in use, as it was last found; null before that. {@link getConnectionType} looks anew. */
  connectionType: PathInfo | null = null;
  /**
   * The attempts counted so far. At least 1 from `onConnectionLost` or `attemptIceRestart()` on, and 0 again once `onConnectionRestored` or
   * `onConnectionFailed` has returned.
   */
  iceRestartAttempts = 0;
  /** The option, or its default. */
  readonly maxIceRestarts: number;
  /** Samples the link from its first connect on; null before, and after `close()`. */
  qualityMonitor: ConnectionQualityMonitor | null = null;
  /** The option, or false. */
  readonly forceRelay: boolean;
  /** Always null. Upstream keeps its timer for a lost link here; ours is in the machine. */
  readonly disconnectTimeoutId = null;
  /** The option `disconnectGraceMs`, by upstream's name. */
  readonly disconnectGracePeriodMs: number;

  /** The channel is open: the first time, and after a recovery out of `failed`. */
  onDataChannelOpen: Nullable<[]> = null;
  /** A message came: a string or an `ArrayBuffer`. */
  onDataChannelMessage: Nullable<[data: unknown]> = null;
  /** A link that was open was given up, or the other player left: once, before `onConnectionFailed`. */
  onDataChannelClose: Nullable<[]> = null;
  /** The link was given up: once, and never while attempts remain. `failure` says why, and what can be done. */
  onConnectionFailed: Nullable<[failure: Failure]> = null;
  /** The path was found, or changed. */
  onConnectionTypeDetected: Nullable<[path: PathInfo]> = null;
  /** The RTT went above a threshold. The event `quality` tells recovery, too. */
  onQualityDegraded: Nullable<[degradation: Degradation]> = null;
  /** An outage began, which nothing has mended within the grace: once, before one *restored* or *failed*. */
  onConnectionLost: Nullable<[LostInfo]> = null;
  /** Data flows again. */
  onConnectionRestored: Nullable<[]> = null;

  readonly #options: ResolvedOptions;
  readonly #logger: Logger;
  readonly #transport: SignalingTransport;
  readonly #events = new Emitter<WebRTCManagerEvents>(
    (error) => this.#logger.error('[WebRTC] a listener threw', error),
    () => this.#controller,
  );
  #controller: Controller | null;
  /** The status that was told last: only a change is told. */
  #status: ConnectionStatus | null = null;
  /**
   * Null, but where *close* or *failed* was told, and no *open* since. Until then `send()` refuses, since the channel of a link that is recovered may be open and
   * carry nothing; and what the other end, which may be told sooner, sends is kept here for the game.
   */
  #heldMessages: unknown[] | null = null;
  /** The game asked for a restart, and was told neither *restored* nor *failed* yet. */
  #isOutcomePending = false;
  /** Whom the signal that is being sent is for. Not always the target: a callback may have turned to another player before our `bye` goes out. */
  #recipient: PlayerId | null = null;

  constructor(
    socket: SocketLike,
    gameId: PlayerId,
    myPlayerId: PlayerId,
    options: WebRTCManagerOptions = {},
  ) {
    checkIdentity(socket, gameId, myPlayerId);
    this.#options = resolveOptions(options);
    this.#logger = this.#options.logger;
    this.socket = socket;
    this.gameId = gameId;
    this.myPlayerId = myPlayerId;
    this.maxIceRestarts = this.#options.timings.maxIceRestarts;
    this.disconnectGracePeriodMs = this.#options.timings.disconnectGraceMs;
    this.forceRelay = this.#options.forceRelay;
    this.#transport = socketIoTransport(socket, this.#options.environment.browser, this.#logger.info);
    register(this);
    this.#transport.onSignal((raw) => {
      if (this.targetPeerId !== null || isOnlyManager(this)) this._handleSignal(raw);
    });
    this.#controller = this.#createController();
  }

  /**
   * The option, or null; upstream's pages may assign another, for the next connection. Read on demand, like the password: what copies or
   * prints a manager has neither.
   */
  get turnUsername(): string | null {
    return this.#options.turnUsername;
  }
  set turnUsername(username) {
    this.#options.turnUsername = username;
  }

  /** The option, or null. */
  get turnCredential(): string | null {
    return this.#options.turnCredential;
  }
  set turnCredential(credential) {
    this.#options.turnCredential = credential;
  }

  /** The public word for where the link is (docs/STATES.md). */
  get state(): ConnectionState {
    return this.#controller ? stateOf(this.#controller.snapshot) : 'closed';
  }

  /** The connection in use; a recovery may replace it. Null without one. */
  get peerConnection(): RTCPeerConnection | null {
    return this.#controller?.link?.pc ?? null;
  }

  /** The channel that `send()` uses; a recovery may replace it. Null without one. */
  get dataChannel(): RTCDataChannel | null {
    return this.#controller?.link?.game ?? null;
  }

  /** Listens to an event. @returns what ends it. */
  on<Name extends keyof WebRTCManagerEvents>(
    name: Name,
    listener: (...args: WebRTCManagerEvents[Name]) => unknown,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Connects to a player; the lower id offers. The same id again is a no-op, another id closes the first link and begins anew;
   * ourselves, what is no id, and any id after `close()` are refused with a warning. After `failed`, and after the peer left, it tries anew.
   * Resolves at once: `open` tells that the link is there.
   */
  async connectToPeer(peerId: PlayerId): Promise<void> {
    if (!this.#controller || !isPlayerId(peerId) || isSameId(peerId, this.myPlayerId))
      return this.#logger.warn(
        '[WebRTC] connectToPeer refused:',
        this.#controller ? 'not another player' : 'closed',
      );
    const isOtherPeer = this.targetPeerId !== null && !isSameId(peerId, this.targetPeerId);
    if (isOtherPeer || this.state === 'closed') {
      this.#dropController();
      this.#controller = this.#createController();
    }
    if (hasDuplicate(this, peerId))
      this.#logger.warn('[WebRTC] another manager leads to this player: close() it');
    this.targetPeerId = peerId;
    this.#controller.connect(peerId);
  }

  /**
   * Hands data to the channel. @returns false where it was not sent: no open channel, a full buffer, a message too large, an outage under
   * `sendWhileLost: 'drop'`.
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): boolean {
    const mustDrop =
      this.#options.sendWhileLost === 'drop' && ['disconnected', 'restarting'].includes(this.state);
    if (mustDrop) return false;
    return this.#link?.send(data) ?? false;
  }

  /** Whether the channel is open. Costs nothing: ask each frame. */
  isReady(): boolean {
    return this.#link?.isOpen ?? false;
  }

  /** Whether ICE is up, too. */
  isConnectionUsable(): boolean {
    return this.#link?.isUsable ?? false;
  }

  /** @returns true when a restart is started or already under way: then exactly one *restored* or *failed* follows. */
  async attemptIceRestart(): Promise<boolean> {
    this.#isOutcomePending = true;
    const isAccepted = this.#controller?.restart() ?? false;
    this.#isOutcomePending &&= isAccepted;
    if (!isAccepted) this.#logger.debug('[WebRTC] restart refused:', this.state);
    // Where the policy had no plan, *failed* was told inside `restart()`, and nothing is owed any more.
    if (this.#isOutcomePending) this.iceRestartAttempts ||= 1;
    return isAccepted;
  }

  /** Looks the path up. @returns null while it is unknown; a missing candidate is never called direct. */
  async getConnectionType(): Promise<PathInfo | null> {
    const pc = this.peerConnection;
    return pc && lookUpPath(pc);
  }

  /** The browser's `connectionState`, or null without a connection. {@link state} is ours. */
  getConnectionState(): RTCPeerConnectionState | null {
    return this.peerConnection?.connectionState ?? null;
  }

  /** Ends the link and says so to the other player. Idempotent; but for the state *closed*, nothing is announced any more. */
  close(): void {
    const last = this.#controller?.status;
    this.#dropController();
    this.#transport.dispose();
    unregister(this);
    this.targetPeerId = null;
    if (last) this.#onStatus({ ...last, state: 'closed', kind: null, waitingFor: null });
  }

  /** The servers of a new connection: the option's array, or upstream's list. Asked where `iceServers` is no function; callers may replace it. */
  _getIceServers(): RTCIceServer[] {
    const { iceServers } = this.#options;
    return Array.isArray(iceServers)
      ? [...iceServers]
      : upstreamServers(this.turnUsername, this.turnCredential);
  }

  /** Takes a signal as the relay delivers it. What is not a signal of our target's changes nothing and is logged at debug. */
  _handleSignal(raw: unknown): void {
    try {
      this.#controller?.handleSignal(raw);
      this.targetPeerId ??= this.#controller?.target ?? null;
    } catch (error) {
      this.#logger.debug('[WebRTC]', error);
    }
  }

  /** Sends one signal. Callers replace it; every signal goes through whatever stands here at that moment. */
  _sendSignal(type: string, payload: unknown): unknown {
    const recipient = this.#recipient ?? this.targetPeerId;
    if (recipient === null) return undefined;
    return this.#transport.send({ game_id: this.gameId, target_player_id: recipient, type, payload });
  }

  get #link(): Link | null {
    return this.#heldMessages ? null : (this.#controller?.link ?? null);
  }

  /** Forgets the controller before it closes, so that nothing is told of it any more, even where one of its own callbacks calls this. */
  #dropController(): void {
    const controller = this.#controller;
    this.#controller = null;
    controller?.close();
    this.qualityMonitor = this.connectionType = null;
    this.iceRestartAttempts = 0;
    this.#isOutcomePending = false;
    this.#heldMessages &&= [];
  }

  #createController(): Controller {
    const { iceServers } = this.#options;
    const controller: Controller = new Controller(
      {
        gameId: this.gameId,
        me: this.myPlayerId,
        options: this.#options,
        transport: this.#transport,
        sendSignal: (type, payload) => this.#sendSignal(controller.target, type, payload),
        iceServers: () => (typeof iceServers === 'function' ? iceServers() : this._getIceServers()),
        sampleStats: () => this.#startSampling(),
        message: (data) => {
          if (!this.#heldMessages) this.#notify(this.onDataChannelMessage, 'message', data);
          else if (this.#heldMessages.length < MAX_HELD_MESSAGES) this.#heldMessages.push(data);
        },
      },
      {
        announced: (announcement) => this.#announce(announcement),
        status: (status) => this.#onStatus(status),
        path: (path) => this.#onPath(path),
      },
    );
    return controller;
  }

  /** A replaced `_sendSignal` may return, throw or reject with whatever it likes. */
  async #sendSignal(recipient: PlayerId | null, type: string, payload: unknown): Promise<Delivery> {
    try {
      this.#recipient = recipient;
      const sending = this._sendSignal(type, payload);
      this.#recipient = null;
      return (await sending) === 'refused' ? 'refused' : 'unknown';
    } catch (error) {
      this.#recipient = null;
      this.#logger.error('[WebRTC] _sendSignal threw', error);
      return 'refused';
    }
  }

  #announce(announcement: Announcement): void {
    switch (announcement.type) {
      case 'open': {
        const controller = this.#controller;
        const heldMessages = this.#heldMessages ?? [];
        this.#heldMessages = null;
        this.#notify(this.onDataChannelOpen, 'open');
        for (const data of heldMessages)
          if (this.#controller === controller) this.#notify(this.onDataChannelMessage, 'message', data);
        return;
      }
      case 'close':
        this.#heldMessages = [];
        return this.#notify(this.onDataChannelClose, 'close');
      case 'lost':
        this.iceRestartAttempts ||= 1;
        return this.#notify(this.onConnectionLost, 'lost', {
          iceState: this.peerConnection?.iceConnectionState ?? null,
          dcState: this.dataChannel?.readyState ?? null,
          timestamp: Date.now(),
        });
      case 'restored':
        this.#isOutcomePending = false;
        this.#notify(this.onConnectionRestored, 'restored');
        this.iceRestartAttempts = Number(this.#isOutcomePending);
        return;
      case 'failed':
        this.#isOutcomePending = false;
        this.#heldMessages = [];
        this.#notify(this.onConnectionFailed, 'failed', announcement.failure);
        this.iceRestartAttempts = Number(this.#isOutcomePending);
        return;
      case 'closed':
        return this.#events.emit('closed', { reason: announcement.reason });
    }
  }

  #onStatus(status: ConnectionStatus): void {
    const controller = this.#controller;
    const last = this.#status;
    if (isEqual(last, status)) return;
    this.#status = status;
    const { state, attempts, maxAttempts } = status;
    const previous = last?.state ?? 'new';
    if (state !== previous) this.#logger.info(`[WebRTC] ${previous} → ${state}`, ...this.#transitionDetails);
    if (attempts > (last?.attempts ?? 0)) {
      this.iceRestartAttempts = attempts;
      this.#logger.info(`[WebRTC] ICE restart attempt ${attempts}/${maxAttempts}`);
    }
    if (state !== previous) {
      if (state === 'connected' && !this.#isOutcomePending) this.iceRestartAttempts = 0;
      this.#events.emit('state', { ...status, previous });
    }
    // A listener may have ended this link, or turned to another player.
    if (this.#controller === controller) this.#events.emit('status', status);
  }

  /** For the log: what began an outage; of a failure its reason and evidence, as text, since a saved console cuts objects short. */
  get #transitionDetails(): string[] {
    const { failure = null, cause = null } = this.#controller?.snapshot.context ?? {};
    if (!failure) return cause ? [cause] : [];
    // The browser's own words show where ICE is up and nothing else is: a firewall that lets its checks pass, and no data.
    const { iceConnectionState, connectionState } = this.peerConnection ?? {};
    return [failure.reason, JSON.stringify({ ...failure.evidence, iceConnectionState, connectionState })];
  }

  #onPath(path: PathInfo): void {
    const last = this.connectionType;
    this.connectionType = path;
    if (isEqual(last, path)) return;
    this.#logger.info(`[WebRTC] Connection type: ${path.connectionType}`);
    this.#notify(this.onConnectionTypeDetected, 'path', path);
  }

  #startSampling(): (() => void) | undefined {
    const pc = this.peerConnection;
    if (!pc) return undefined;
    this.qualityMonitor ??= this.#createQualityMonitor(pc);
    const monitor = this.qualityMonitor;
    monitor.start();
    return () => monitor.stop();
  }

  #createQualityMonitor(pc: RTCPeerConnection): ConnectionQualityMonitor {
    const monitor = new ConnectionQualityMonitor(
      pc,
      this.#options.quality,
      () => this.#controller?.link?.control.roundTrips.report(this.#options.environment.now()) ?? null,
    );
    monitor.onDegradation = (degradation) => this.#callSafely(this.onQualityDegraded, degradation);
    monitor.onQualityChange = (change) => this.#events.emit('quality', change);
    return monitor;
  }

  #notify<Name extends keyof WebRTCManagerEvents>(
    callback: Nullable<WebRTCManagerEvents[Name]>,
    name: Name,
    ...args: WebRTCManagerEvents[Name]
  ): void {
    const controller = this.#controller;
    this.#callSafely(callback, ...args);
    if (this.#controller === controller) this.#events.emit(name, ...args);
  }

  /** A caller's callback that throws must not stop the machine. */
  #callSafely<Arguments extends unknown[]>(callback: Nullable<Arguments>, ...args: Arguments): void {
    try {
      callback?.apply(this, args);
    } catch (error) {
      this.#logger.error('[WebRTC] a callback threw', error);
    }
  }
}

const isEqual = (one: object | null, other: object) => JSON.stringify(one) === JSON.stringify(other);
