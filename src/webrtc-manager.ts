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

/** How many messages are held until `open` fires, at most a round trip later. Bounded, so that a peer that never lets the link open cannot fill the memory. */
const MAX_HELD_MESSAGES = 1_000;

/**
 * Keeps the link to one other player alive, with the API of upstream's `WebRTCManager` (docs/MIGRATING.md).
 *
 * You may call every method at any time. Only the constructor throws, an {@link OptionError}; no method throws or rejects.
 */
export class WebRTCManager {
  /** As passed to the constructor, like both ids. */
  readonly socket: SocketLike;
  /** Sent with each signal. Signals for another game are refused. */
  readonly gameId: PlayerId;
  /** Our own id, compared as a string. */
  readonly myPlayerId: PlayerId;
  /** The other player's id; null before it is known and after `close()`. */
  targetPeerId: PlayerId | null = null;
  /** The path in use at the last lookup; null before the first. {@link getConnectionType} looks it up again. */
  connectionType: PathInfo | null = null;
  /**
   * The attempts counted so far. At least 1 from `onConnectionLost` or `attemptIceRestart()` on, and 0 again when `onConnectionRestored` or
   * `onConnectionFailed` has returned.
   */
  iceRestartAttempts = 0;
  /** The option, or its default. */
  readonly maxIceRestarts: number;
  /** Samples the quality of the link; null before the first connect and after `close()`. */
  qualityMonitor: ConnectionQualityMonitor | null = null;
  /** The option, or false. */
  readonly forceRelay: boolean;
  /** Always null. Upstream keeps its timer for a lost link here; in Holdfast the machine has it. */
  readonly disconnectTimeoutId = null;
  /** The option `disconnectGraceMs`, under upstream's name. */
  readonly disconnectGracePeriodMs: number;

  /** The channel is open: the first time, and after a recovery out of `failed`. */
  onDataChannelOpen: Nullable<[]> = null;
  /** A message arrived: a string or an `ArrayBuffer`. */
  onDataChannelMessage: Nullable<[data: unknown]> = null;
  /** A link that was open failed, or the other player left: called once, before `onConnectionFailed`. */
  onDataChannelClose: Nullable<[]> = null;
  /** The link failed: called once, and never while attempts remain. `failure` has the reason and what to do. */
  onConnectionFailed: Nullable<[failure: Failure]> = null;
  /** The path was found or has changed. */
  onConnectionTypeDetected: Nullable<[path: PathInfo]> = null;
  /** The RTT rose above a threshold. The event `quality` also reports when it falls again. */
  onQualityDegraded: Nullable<[degradation: Degradation]> = null;
  /** An outage started and did not heal within `disconnectGraceMs`: called once; one `onConnectionRestored` or `onConnectionFailed` follows. */
  onConnectionLost: Nullable<[LostInfo]> = null;
  /** Data flows again: after an outage, after a failed link was revived, or after a restart that the game asked for. */
  onConnectionRestored: Nullable<[]> = null;

  readonly #options: ResolvedOptions;
  readonly #logger: Logger;
  readonly #transport: SignalingTransport;
  readonly #events = new Emitter<WebRTCManagerEvents>(
    (error) => this.#logger.error('[WebRTC] a listener threw', error),
    () => this.#controller,
  );
  #controller: Controller | null;
  /** The last status that was emitted; an equal one is not emitted again. */
  #status: ConnectionStatus | null = null;
  /**
   * Null, except between `close` or `failed` and the next `open`. Meanwhile `send()` returns false, because the channel of a link under recovery may be open
   * and carry nothing. Messages from the other end, whose `open` may fire earlier, are held here until ours does.
   */
  #heldMessages: unknown[] | null = null;
  /** The game has asked for a restart, and neither `restored` nor `failed` has fired yet. */
  #isOutcomePending = false;
  /** The recipient of the signal that is being sent. It may differ from the target: a callback may connect to another player before our `bye` goes out. */
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
   * The option, or null. You may assign another one for the next connection, as upstream's pages do. A getter, like the password, so that code that copies or
   * prints a manager gets neither.
   */
  get turnUsername(): string | null {
    return this.#options.turnUsername;
  }
  set turnUsername(username) {
    this.#options.turnUsername = username;
  }

  /** The option, or null; see {@link turnUsername}. */
  get turnCredential(): string | null {
    return this.#options.turnCredential;
  }
  set turnCredential(credential) {
    this.#options.turnCredential = credential;
  }

  /** The state of the link (docs/STATES.md). */
  get state(): ConnectionState {
    return this.#controller ? stateOf(this.#controller.snapshot) : 'closed';
  }

  /** The connection in use, or null. A recovery may replace it. */
  get peerConnection(): RTCPeerConnection | null {
    return this.#controller?.link?.pc ?? null;
  }

  /** The channel that `send()` uses, or null. A recovery may replace it. */
  get dataChannel(): RTCDataChannel | null {
    return this.#controller?.link?.game ?? null;
  }

  /** Adds a listener. @returns a function that removes it. */
  on<Name extends keyof WebRTCManagerEvents>(
    name: Name,
    listener: (...args: WebRTCManagerEvents[Name]) => unknown,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * Connects to another player; the lower id offers. Resolves at once: wait for `open`.
   *
   * A second call with the same id does nothing, unless the link failed or the peer left: then it connects again. Another id closes the first link and
   * connects to the new player. Our own id, an invalid id and any call after `close()` are refused with a warning.
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
      this.#logger.warn('[WebRTC] another manager connects to this player: close() it');
    this.targetPeerId = peerId;
    this.#controller.connect(peerId);
  }

  /**
   * Passes data to the channel. @returns false if it was not sent: no open channel, a full buffer, a message that is too large, or an outage with
   * `sendWhileLost: 'drop'`.
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): boolean {
    const mustDrop =
      this.#options.sendWhileLost === 'drop' && ['disconnected', 'restarting'].includes(this.state);
    if (mustDrop) return false;
    return this.#link?.send(data) ?? false;
  }

  /** Whether the channel is open. Cheap enough to call each frame. */
  isReady(): boolean {
    return this.#link?.isOpen ?? false;
  }

  /** Whether the channel is open and ICE is connected. */
  isConnectionUsable(): boolean {
    return this.#link?.isUsable ?? false;
  }

  /** Restarts the link. @returns true if a restart was started or was already under way; then exactly one `restored` or `failed` follows. */
  async attemptIceRestart(): Promise<boolean> {
    this.#isOutcomePending = true;
    const isAccepted = this.#controller?.restart() ?? false;
    this.#isOutcomePending &&= isAccepted;
    if (!isAccepted) this.#logger.debug('[WebRTC] restart refused:', this.state);
    // If the policy had no plan, `failed` has already fired inside `restart()`.
    if (this.#isOutcomePending) this.iceRestartAttempts ||= 1;
    return isAccepted;
  }

  /** Looks up the path. @returns null while it is unknown; a missing candidate never counts as direct. */
  async getConnectionType(): Promise<PathInfo | null> {
    const pc = this.peerConnection;
    return pc && lookUpPath(pc);
  }

  /** The browser's `connectionState`, or null without a connection. Holdfast's own state is {@link state}. */
  getConnectionState(): RTCPeerConnectionState | null {
    return this.peerConnection?.connectionState ?? null;
  }

  /** Closes the link and says `bye` to the other player. Idempotent. After it nothing fires except `state` and `status`, with `closed`. */
  close(): void {
    const last = this.#controller?.status;
    this.#dropController();
    this.#transport.dispose();
    unregister(this);
    this.targetPeerId = null;
    if (last) this.#onStatus({ ...last, state: 'closed', kind: null, waitingFor: null });
  }

  /** The servers of a new connection: the option's array, or upstream's list. Not called if `iceServers` is a function. Callers may replace it. */
  _getIceServers(): RTCIceServer[] {
    const { iceServers } = this.#options;
    return Array.isArray(iceServers)
      ? [...iceServers]
      : upstreamServers(this.turnUsername, this.turnCredential);
  }

  /** Handles a signal as the relay delivers it. Anything other than a valid signal from our target changes nothing and is logged at debug. */
  _handleSignal(raw: unknown): void {
    try {
      this.#controller?.handleSignal(raw);
      this.targetPeerId ??= this.#controller?.target ?? null;
    } catch (error) {
      this.#logger.debug('[WebRTC]', error);
    }
  }

  /** Sends one signal. Callers may replace it: it is looked up for every signal. */
  _sendSignal(type: string, payload: unknown): unknown {
    const recipient = this.#recipient ?? this.targetPeerId;
    if (recipient === null) return undefined;
    return this.#transport.send({ game_id: this.gameId, target_player_id: recipient, type, payload });
  }

  get #link(): Link | null {
    return this.#heldMessages ? null : (this.#controller?.link ?? null);
  }

  /** Clears the field before it closes the controller, so that no further event of it fires, even if one of its own callbacks calls this. */
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

  /** Calls `_sendSignal`; a replaced one may return anything, throw or reject. */
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
    // A listener may have closed this link or connected to another player.
    if (this.#controller === controller) this.#events.emit('status', status);
  }

  /** For the log line of a transition: the cause of an outage, or the reason and evidence of a failure. As text, because a saved console truncates objects. */
  get #transitionDetails(): string[] {
    const { failure = null, cause = null } = this.#controller?.snapshot.context ?? {};
    if (!failure) return cause ? [cause] : [];
    // The browser's states reveal a firewall that lets ICE checks pass but no data: ICE is up and the connection is not.
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

  /** Calls a callback of the game; one that throws must not stop the machine. */
  #callSafely<Arguments extends unknown[]>(callback: Nullable<Arguments>, ...args: Arguments): void {
    try {
      callback?.apply(this, args);
    } catch (error) {
      this.#logger.error('[WebRTC] a callback threw', error);
    }
  }
}

const isEqual = (one: object | null, other: object) => JSON.stringify(one) === JSON.stringify(other);
