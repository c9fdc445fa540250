import type { ConnectionEvent } from '../../machines';
import { ControlChannel } from './control-channel';
import { HEARTBEAT } from './control-frames';
import { iceHasFailed, iceIsSuspect, iceIsUp } from './ice-state';
import { Negotiation, type NegotiationListener, type NegotiationOptions } from './negotiation';
import { put } from './put';

/** What a link tells its owner. Each is told when it becomes so, not while it stays so. */
export interface LinkListener extends Omit<NegotiationListener, 'agreed'> {
  /** What the machine is to know where this link is the current one. */
  fact(event: ConnectionEvent): void;
  message(data: unknown): void;
  /** ICE up, channel open and, where heartbeats are agreed, something heard since the last doubt. `isBack`: by itself, on the old path. */
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
}

/** An echo this late is none; silence is noticed sooner, and elsewhere. */
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
  /** As its owner knows it; null where it is down. What is `doubted` is back by itself where it is up again with nothing new agreed. */
  #standing: 'up' | 'doubted' | null = null;
  #isResting = false;
  /** Kept here for `send()`: asking the channel costs a tenth of sending. */
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
    return this.isUsable && (!isAgreed || (isHeard && ages.isOpen));
  }

  /** Whether bytes went there and back, where the other end echoes any: what a new connection needs before it takes over. */
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

  /** Nothing that is said on a link without a game channel may be taken for life: the game's data goes nowhere. */
  get #isMute(): boolean {
    return this.#isResting || this.game?.readyState === 'closed';
  }

  /** Creates the game channel and offers it. The first offer of a link, made by one side only. */
  offer(): void {
    if (!this.game) {
      const { label, ...init } = this.#options.channel;
      this.#adoptGame(this.pc.createDataChannel(label, init));
    }
    this.negotiation.offer();
  }

  /** Given up: nothing is answered or sent any more, so that the other end does not take this one for alive. */
  rest(): void {
    this.#isResting = true;
    this.#isOpen = false;
    this.negotiation.rest();
  }

  /** There is hope again. */
  wake(): void {
    this.#isResting = false;
    this.#isOpen = this.game?.readyState === 'open';
    this.control.sayHello();
  }

  /** From here on the link counts as up only once something young is heard again. */
  doubt(): void {
    const { isAgreed, ages } = this.control;
    this.#standing = isAgreed ? 'doubted' : null;
    this.control.isHeard = false;
    if (this.game && mayLose(this.game)) ages.shut();
  }

  /** @returns false where the browser refuses: a full buffer, a message too large, a channel that closes. */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): boolean {
    return this.#isOpen && put(this.game, data, this.#options.logger);
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
    if (iceHasFailed(this.pc)) this.#listener.fact({ type: 'ice.failed' });
    else if (iceIsSuspect(this.pc)) this.#questionIce();
    else this.#check();
  }

  /** ICE loses faith after five unanswered checks, which heavy loss, or an outage just healed, can do: an echo knows better. */
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
      if (this.control.ages.isOpen) this.#listener.message(data);
    };
    channel.onclose = () => {
      this.#isOpen = false;
      this.#listener.fact({ type: 'channel.closed' });
    };
    if (channel.readyState === 'open') opened();
  }

  /**
   * As soon as DTLS is up: to make a channel stops the page while the browser negotiates. Of two ends the slower one may miss the other's first ping,
   * which Chromium throws away where no channel is.
   */
  #openControl(): void {
    if (this.#isOpen || this.pc.connectionState === 'connected') this.control.open(this.pc);
  }

  /** A new generation was agreed: only what is heard from now on proves it. */
  #renew(): void {
    this.#standing = null;
    this.control.isHeard = false;
    this.#check();
  }

  /** That it is up is told again where it is so again. */
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

/** A channel that was promised every message gets every message, however late. */
const mayLose = ({ maxRetransmits, maxPacketLifeTime }: RTCDataChannel) =>
  maxRetransmits !== null || maxPacketLifeTime !== null;
