import type { Browser, ConnectionEvent } from '../../machines';
import { ControlChannel } from './control-channel';
import { HEARTBEAT } from './control-frames';
import { iceHasFailed, iceIsSuspect, iceIsUp } from './ice-state';
import { Negotiation, type NegotiationListener, type NegotiationOptions } from './negotiation';
import { trySend } from './try-send';

/** What a link tells its owner, each when it becomes so. */
export interface LinkListener extends Omit<NegotiationListener, 'agreed'> {
  /** For the machine, where this link is the current one. */
  fact(event: ConnectionEvent): void;
  message(data: unknown): void;
  /**
   * The link is up: ICE and channel are and, where heartbeats are agreed, something was heard since the last doubt. `isBack`: it healed by itself,
   * with nothing new agreed.
   */
  up(isBack: boolean): void;
  moved(): void;
  bye(): void;
}

export interface LinkOptions extends NegotiationOptions {
  /** Connection number: 1 is the first, each rebuild takes the next. */
  number: number;
  channel: RTCDataChannelInit & { label: string };
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  now(): number;
  browser: Browser;
}

/** How long an echo is waited for after ICE said `disconnected`. The heartbeat notices silence sooner. */
const ECHO_PATIENCE_MS = 2_000;

/** One `RTCPeerConnection` with its game channel, its control channel and its negotiation. */
export class Link {
  readonly number: number;
  readonly createdAtMs: number;
  readonly pc: RTCPeerConnection;
  readonly negotiation: Negotiation;
  readonly control: ControlChannel;
  game: RTCDataChannel | null = null;
  isClosed = false;
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  /** What its owner was told last; null for down. A `doubted` link that is up again before anything new is agreed has healed by itself. */
  #reported: 'up' | 'suspect' | null = null;
  /** The link was given up, see {@link suspend}. */
  #isSuspended = false;
  /** The browser refused the last answer. Chromium has taken its ICE credentials by then: that ICE is up shows nothing, what is heard does. */
  #isAnswerRefused = false;
  /** Whether the game channel is open, kept for `send()`: to ask the channel each time costs a tenth of a send. */
  #isOpen = false;
  #iceCheckTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions, listener: LinkListener) {
    this.number = options.number;
    this.#options = options;
    this.#listener = listener;
    this.createdAtMs = options.now();
    this.pc = options.createPeerConnection(options.configuration);
    this.control = new ControlChannel(
      { ...options, isOpen: () => this.#isOpen, isMuted: () => this.#isMute },
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
        this.control.isEnabled = description.member?.capabilities.includes(HEARTBEAT) ?? false;
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

  /** ICE up and the channel open, as the browser says. */
  get isUsable(): boolean {
    return this.isOpen && iceIsUp(this.pc);
  }

  get isUp(): boolean {
    const { isEnabled, hasHeard, gate } = this.control;
    const mustHear = isEnabled || this.#isAnswerRefused;
    return this.isUsable && (!mustHear || (hasHeard && gate.isOpen));
  }

  /** Whether it may take over from another connection: it is up, and bytes went there and back where the other end answers pings. */
  get isProven(): boolean {
    return this.isUp && (this.control.hasEcho || !this.negotiation.remote?.member);
  }

  get isAnswered(): boolean {
    return this.negotiation.remote !== null;
  }

  /** Whether we offered this connection first and nobody has answered yet. */
  get isUnanswered(): boolean {
    return this.negotiation.isOfferer && !this.isAnswered && !this.isClosed;
  }

  get hasPendingOffer(): boolean {
    return this.negotiation.hasPendingOffer;
  }

  /** Whether the other end must not take this link for alive: it was given up, or its game channel is closed, so that data goes nowhere. */
  get #isMute(): boolean {
    return this.#isSuspended || this.game?.readyState === 'closed';
  }

  /** Makes the game channel and the first offer of this connection. One end alone does so. */
  offer(): void {
    if (!this.game) {
      const { label, ...init } = this.#options.channel;
      this.#useGameChannel(this.pc.createDataChannel(label, init));
    }
    this.negotiation.offer();
  }

  /**
   * The link was given up: nothing is answered or sent any more, so that the other end does not take it for alive, and nothing handed on, since our game was
   * told that it is over.
   */
  suspend(): void {
    this.#isSuspended = true;
    this.#isOpen = false;
    this.negotiation.discardUnsent();
  }

  /** Ends {@link suspend}: the link is recovered again. */
  resume(): void {
    this.#isSuspended = false;
    this.#isOpen = this.game?.readyState === 'open';
    this.control.pingUntilAnswered();
  }

  /**
   * The link is suspect: it counts as up again only when something is heard. Where the channel may lose messages, that must have been sent after the
   * outage.
   */
  markSuspect(): void {
    const { isEnabled, gate } = this.control;
    this.#reported = isEnabled ? 'suspect' : null;
    this.control.hasHeard = false;
    if (this.game && mayLoseMessages(this.game)) gate.close();
  }

  /** @returns false where the browser refuses: a full buffer, a message too large, a channel that closes. */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): boolean {
    return this.#isOpen && trySend(this.game, data, this.#options.logger);
  }

  /** Closes the connection; nothing is told afterwards. */
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

  /** The connection was closed, and not by us: libdatachannel closes what it gives up, or what the other end has closed. No restart revives it. */
  #closeAsEnded(): void {
    const type = this.#isOpen ? 'channel.closed' : 'ice.failed';
    this.close();
    this.#listener.fact({ type });
  }

  /** Browsers say `disconnected` after five unanswered checks, also under heavy loss, and after an outage that just healed. So first a ping is sent. */
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
      this.control.noteActivity();
      if (this.control.gate.isOpen && !this.#isSuspended) this.#listener.message(toArrayBuffer(data));
    };
    channel.onclose = () => {
      this.#isOpen = false;
      this.#listener.fact({ type: 'channel.closed' });
    };
    if (channel.readyState === 'open') onOpen();
  }

  /**
   * Not before DTLS is up: to make a channel would stop the page while the browser negotiates. So one end is later than the other, and may miss its
   * first ping, which Chromium throws away where there is no channel yet. Other stacks may close that channel at both ends then, and are no page's.
   */
  #openControl(): void {
    const isKnownPage = this.#options.browser !== 'other';
    if (isKnownPage && !this.#isOpen && this.pc.connectionState !== 'connected') return;
    this.control.open(this.pc);
  }

  /** A new generation was agreed: only what is heard from now on shows that it works. */
  #startGeneration(): void {
    this.#reported = null;
    this.#isAnswerRefused = this.control.hasHeard = false;
    this.#reportIfUp();
  }

  /** So that it is told when the link is up again. */
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

/** Some runtimes outside browsers give views into a pool of theirs, whatever `binaryType` says. */
const toArrayBuffer = (data: unknown) =>
  ArrayBuffer.isView(data) ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data;

/** Whether the channel may lose messages. One that may not keeps every message, however late, so nothing old is held back from it. */
const mayLoseMessages = ({ maxRetransmits, maxPacketLifeTime }: RTCDataChannel) =>
  maxRetransmits !== null || maxPacketLifeTime !== null;
