import type { Browser, ConnectionEvent } from '../../machines';
import { ControlChannel } from './control-channel';
import { HEARTBEAT } from './control-frames';
import { iceHasFailed, iceIsSuspect, iceIsUp } from './ice-state';
import { Negotiation, type NegotiationListener, type NegotiationOptions } from './negotiation';
import { trySend } from './try-send';

/** What a link reports to its owner. */
export interface LinkListener extends Omit<NegotiationListener, 'agreed'> {
  /** A fact for the machine, if this link is the current one. */
  fact(event: ConnectionEvent): void;
  message(data: unknown): void;
  /**
   * The link is up: ICE is connected, the channel is open and, with heartbeats, data has arrived since the link was last suspect. `isBack`: it healed by
   * itself, without a new generation.
   */
  up(isBack: boolean): void;
  moved(): void;
  bye(): void;
}

export interface LinkOptions extends NegotiationOptions {
  /** The connection number: 1 for the first; each rebuild takes the next. */
  number: number;
  channel: RTCDataChannelInit & { label: string };
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  now(): number;
  browser: Browser;
}

/** How long to wait for an echo after ICE became `disconnected`. The heartbeat notices silence sooner. */
const ECHO_PATIENCE_MS = 2_000;

/** One `RTCPeerConnection` with its game channel, its control channel and its negotiation. */
export class Link {
  readonly number: number;
  readonly bornAtMs: number;
  readonly pc: RTCPeerConnection;
  readonly negotiation: Negotiation;
  readonly control: ControlChannel;
  game: RTCDataChannel | null = null;
  isClosed = false;
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  /** What was last reported to the owner; null for down. If a `suspect` link is up again without a new generation, it has healed by itself. */
  #reported: 'up' | 'suspect' | null = null;
  /** See {@link suspend}. */
  #isSuspended = false;
  /** The browser refused the last answer. Chromium has applied its ICE credentials by then, so connected ICE proves nothing; only arriving data does. */
  #isAnswerRefused = false;
  /** Whether the game channel is open. Cached for `send()`, because reading `readyState` each time costs a tenth of a send. */
  #isOpen = false;
  #iceCheckTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions, listener: LinkListener) {
    this.number = options.number;
    this.#options = options;
    this.#listener = listener;
    this.bornAtMs = options.now();
    this.pc = options.createPeerConnection(options.configuration);
    this.control = new ControlChannel(
      { ...options, isOpen: () => this.#isOpen, isMute: () => this.#isMute },
      {
        ...listener,
        heard: () => this.#reportIfUp(),
        echoed: (isFirst) => {
          clearTimeout(this.#iceCheckTimer);
          if (isFirst) this.#markDown();
        },
      },
    );
    this.negotiation = new Negotiation(this.pc, options, {
      ...listener,
      negotiated: (description) => {
        this.control.isAgreed = description.member?.capabilities.includes(HEARTBEAT) ?? false;
        this.#openControl();
        listener.negotiated(description);
      },
      agreed: () => this.#startGeneration(),
      answerRefused: () => {
        this.#isAnswerRefused = true;
        this.control.hasHeard = false;
        listener.answerRefused();
      },
    });
    this.#listen();
  }

  get isOpen(): boolean {
    return this.#isOpen && this.game?.readyState === 'open';
  }

  /** Whether, by the browser's states, ICE is connected and the game channel is open. */
  get isUsable(): boolean {
    return this.isOpen && iceIsUp(this.pc);
  }

  get isUp(): boolean {
    const { isAgreed, hasHeard, gate } = this.control;
    const mustHear = isAgreed || this.#isAnswerRefused;
    return this.isUsable && (!mustHear || (hasHeard && gate.isOpen));
  }

  /** Whether this link may replace another: it is up and, if the other end answers pings, data has passed in both directions. */
  get isProven(): boolean {
    return this.isUp && (this.control.hasEcho || !this.negotiation.remote?.member);
  }

  get isAnswered(): boolean {
    return this.negotiation.remote !== null;
  }

  /** Whether we made the first offer of this connection and have no answer yet. */
  get isUnanswered(): boolean {
    return this.negotiation.isOfferer && !this.isAnswered && !this.isClosed;
  }

  get hasPendingOffer(): boolean {
    return this.negotiation.hasPendingOffer;
  }

  /** Whether the link must look dead to the other end: it is suspended, or its game channel is closed and data cannot arrive. */
  get #isMute(): boolean {
    return this.#isSuspended || this.game?.readyState === 'closed';
  }

  /** Creates the game channel and makes the first offer of this connection. Only one end does so. */
  offer(): void {
    if (!this.game) {
      const { label, ...init } = this.#options.channel;
      this.#useGameChannel(this.pc.createDataChannel(label, init));
    }
    this.negotiation.offer();
  }

  /**
   * Suspends the link after it failed. It sends and answers nothing, so that the other end does not think it alive, and passes no messages on, because the
   * game has seen the link close.
   */
  suspend(): void {
    this.#isSuspended = true;
    this.#isOpen = false;
    this.negotiation.discard();
  }

  /** Ends {@link suspend}: recovery has started again. */
  resume(): void {
    this.#isSuspended = false;
    this.#isOpen = this.game?.readyState === 'open';
    this.control.startPings();
  }

  /**
   * The link is suspect: it counts as up again only when data arrives. If the channel may lose messages, that data must have been sent after the outage.
   */
  suspect(): void {
    const { isAgreed, gate } = this.control;
    this.#reported = isAgreed ? 'suspect' : null;
    this.control.hasHeard = false;
    if (this.game && mayLoseMessages(this.game)) gate.close();
  }

  /** Sends data on the game channel. @returns false if it was not sent: no open channel, a full buffer, or a message that is too large. */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): boolean {
    return this.#isOpen && trySend(this.game, data, this.#options.logger);
  }

  /** Closes the connection. The listener is not called again. */
  close(): void {
    this.isClosed = true;
    this.#isOpen = false;
    clearTimeout(this.#iceCheckTimer);
    this.negotiation.close();
    this.control.close();
    const { pc, game } = this;
    if (game) game.onopen = game.onclose = game.onmessage = null;
    pc.oniceconnectionstatechange = pc.onconnectionstatechange = pc.ondatachannel = null;
    pc.close();
  }

  #listen(): void {
    const { pc } = this;
    pc.oniceconnectionstatechange = pc.onconnectionstatechange = () => {
      this.#openControl();
      this.#onIceState();
    };
    pc.ondatachannel = ({ channel }) => {
      if (!this.game && channel.label === this.#options.channel.label) this.#useGameChannel(channel);
    };
  }

  #onIceState(): void {
    if (!iceIsUp(this.pc)) this.#markDown();
    if (this.pc.connectionState === 'closed') this.#closeAsEnded();
    else if (iceHasFailed(this.pc)) this.#listener.fact({ type: 'ice.failed' });
    else if (iceIsSuspect(this.pc)) this.#checkIce();
    else this.#reportIfUp();
  }

  /** The connection closed, but not by our call: libdatachannel closes it when it gives up or when the other end closes. No restart revives it. */
  #closeAsEnded(): void {
    const type = this.#isOpen ? 'channel.closed' : 'ice.failed';
    this.close();
    this.#listener.fact({ type });
  }

  /** Pings before it believes `disconnected`: browsers report that after five unanswered checks, even under heavy loss or after an outage that just healed. */
  #checkIce(): void {
    if (!this.control.hasHeartbeat) return this.#listener.fact({ type: 'ice.disconnected' });
    this.control.ping();
    clearTimeout(this.#iceCheckTimer);
    this.#iceCheckTimer = setTimeout(
      () => iceIsSuspect(this.pc) && this.#listener.fact({ type: 'ice.disconnected' }),
      ECHO_PATIENCE_MS,
    );
  }

  #useGameChannel(channel: RTCDataChannel): void {
    this.game = channel;
    channel.binaryType = 'arraybuffer';
    const onOpen = () => {
      this.#isOpen = !this.#isSuspended;
      this.#listener.fact({ type: 'channel.opened' });
      this.#openControl();
      this.#reportIfUp();
    };
    channel.onopen = onOpen;
    channel.onmessage = ({ data }) => {
      this.control.hear();
      if (this.control.gate.isOpen && !this.#isSuspended) this.#listener.message(toArrayBuffer(data));
    };
    channel.onclose = () => {
      this.#isOpen = false;
      this.#listener.fact({ type: 'channel.closed' });
    };
    if (channel.readyState === 'open') onOpen();
  }

  /**
   * Opens the control channel, in browsers only once DTLS is up, because creating a channel would block the page while the browser negotiates. So one end is
   * later and may miss the other's first ping, which Chromium discards while it has no such channel. Other stacks may close the channel at both ends then, so
   * outside Chromium and Firefox it is opened at once.
   */
  #openControl(): void {
    const isKnownPage = this.#options.browser !== 'other';
    if (isKnownPage && !this.#isOpen && this.pc.connectionState !== 'connected') return;
    this.control.open(this.pc);
  }

  /** A new generation was negotiated: only data that arrives from now on proves that it works. */
  #startGeneration(): void {
    this.#reported = null;
    this.#isAnswerRefused = this.control.hasHeard = false;
    this.#reportIfUp();
  }

  /** Forgets `up`, so that the next `up` is reported again. */
  #markDown(): void {
    if (this.#reported === 'up') this.#reported = null;
  }

  #reportIfUp(): void {
    if (this.#reported === 'up' || !this.isUp) return;
    const isBack = this.#reported === 'suspect';
    this.#reported = 'up';
    this.#listener.up(isBack);
  }
}

/** Some runtimes outside browsers deliver views into a shared buffer, whatever `binaryType` says. */
const toArrayBuffer = (data: unknown) =>
  ArrayBuffer.isView(data) ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data;

/** Whether the channel may lose messages. A reliable one must deliver every message, however late, so old ones are not dropped there. */
const mayLoseMessages = ({ maxRetransmits, maxPacketLifeTime }: RTCDataChannel) =>
  maxRetransmits !== null || maxPacketLifeTime !== null;
