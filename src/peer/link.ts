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
  readonly bornAtMs: number;
  readonly pc: RTCPeerConnection;
  readonly negotiation: Negotiation;
  readonly control: ControlChannel;
  game: RTCDataChannel | null = null;
  isClosed = false;
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  /** What its owner was told last; null for down. A `doubted` link that is up again before anything new is agreed has healed by itself. */
  #standing: 'up' | 'doubted' | null = null;
  /** The link was given up, see {@link rest}. */
  #isResting = false;
  /** The browser refused the last answer. Chromium has taken its ICE credentials by then: that ICE is up shows nothing, what is heard does. */
  #isSpoiled = false;
  /** Whether the game channel is open, kept for `send()`: to ask the channel each time costs a tenth of a send. */
  #isOpen = false;
  #iceDoubt: ReturnType<typeof setTimeout> | undefined;

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
        heard: () => this.#check(),
        echoed: (isFirst) => {
          clearTimeout(this.#iceDoubt);
          if (isFirst) this.#fall();
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
      agreed: () => this.#renew(),
      answerRefused: () => {
        this.#isSpoiled = true;
        this.control.isHeard = false;
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
    const { isAgreed, isHeard, ages } = this.control;
    const mustBeHeard = isAgreed || this.#isSpoiled;
    return this.isUsable && (!mustBeHeard || (isHeard && ages.isOpen));
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
    return this.#isResting || this.game?.readyState === 'closed';
  }

  /** Makes the game channel and the first offer of this connection. One end alone does so. */
  offer(): void {
    if (!this.game) {
      const { label, ...init } = this.#options.channel;
      this.#adoptGame(this.pc.createDataChannel(label, init));
    }
    this.negotiation.offer();
  }

  /**
   * The link was given up: nothing is answered or sent any more, so that the other end does not take it for alive, and nothing handed on, since our game was
   * told that it is over.
   */
  rest(): void {
    this.#isResting = true;
    this.#isOpen = false;
    this.negotiation.rest();
  }

  /** Ends {@link rest}: the link is recovered again. */
  wake(): void {
    this.#isResting = false;
    this.#isOpen = this.game?.readyState === 'open';
    this.control.sayHello();
  }

  /**
   * The link is suspect: it counts as up again only when something is heard. Where the channel may lose messages, that must have been sent after the
   * outage.
   */
  doubt(): void {
    const { isAgreed, ages } = this.control;
    this.#standing = isAgreed ? 'doubted' : null;
    this.control.isHeard = false;
    if (this.game && mayLose(this.game)) ages.shut();
  }

  /** @returns false where the browser refuses: a full buffer, a message too large, a channel that closes. */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): boolean {
    return this.#isOpen && trySend(this.game, data, this.#options.logger);
  }

  /** Closes the connection; nothing is told afterwards. */
  close(): void {
    this.isClosed = true;
    this.#isOpen = false;
    clearTimeout(this.#iceDoubt);
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
      if (!this.game && channel.label === this.#options.channel.label) this.#adoptGame(channel);
    };
  }

  #onIceState(): void {
    if (!iceIsUp(this.pc)) this.#fall();
    if (this.pc.connectionState === 'closed') this.#end();
    else if (iceHasFailed(this.pc)) this.#listener.fact({ type: 'ice.failed' });
    else if (iceIsSuspect(this.pc)) this.#questionIce();
    else this.#check();
  }

  /** The connection was closed, and not by us: libdatachannel closes what it gives up, or what the other end has closed. No restart revives it. */
  #end(): void {
    const type = this.#isOpen ? 'channel.closed' : 'ice.failed';
    this.close();
    this.#listener.fact({ type });
  }

  /** Browsers say `disconnected` after five unanswered checks, also under heavy loss, and after an outage that just healed. So first a ping is sent. */
  #questionIce(): void {
    if (!this.control.hasHeartbeat) return this.#listener.fact({ type: 'ice.disconnected' });
    this.control.ping();
    clearTimeout(this.#iceDoubt);
    this.#iceDoubt = setTimeout(
      () => iceIsSuspect(this.pc) && this.#listener.fact({ type: 'ice.disconnected' }),
      ECHO_PATIENCE_MS,
    );
  }

  #adoptGame(channel: RTCDataChannel): void {
    this.game = channel;
    channel.binaryType = 'arraybuffer';
    const opened = () => {
      this.#isOpen = !this.#isResting;
      this.#listener.fact({ type: 'channel.opened' });
      this.#openControl();
      this.#check();
    };
    channel.onopen = opened;
    channel.onmessage = ({ data }) => {
      this.control.hear();
      if (this.control.ages.isOpen && !this.#isResting) this.#listener.message(asBuffer(data));
    };
    channel.onclose = () => {
      this.#isOpen = false;
      this.#listener.fact({ type: 'channel.closed' });
    };
    if (channel.readyState === 'open') opened();
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
  #renew(): void {
    this.#standing = null;
    this.#isSpoiled = this.control.isHeard = false;
    this.#check();
  }

  /** So that it is told when the link is up again. */
  #fall(): void {
    if (this.#standing === 'up') this.#standing = null;
  }

  #check(): void {
    if (this.#standing === 'up' || !this.isUp) return;
    const isBack = this.#standing === 'doubted';
    this.#standing = 'up';
    this.#listener.up(isBack);
  }
}

/** Some runtimes outside browsers give views into a pool of theirs, whatever `binaryType` says. */
const asBuffer = (data: unknown) =>
  ArrayBuffer.isView(data) ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data;

/** Whether the channel may lose messages. One that may not keeps every message, however late, so nothing old is held back from it. */
const mayLose = ({ maxRetransmits, maxPacketLifeTime }: RTCDataChannel) =>
  maxRetransmits !== null || maxPacketLifeTime !== null;
