import type { ConnectionEvent, Role } from '../../machines';
import type { Logger } from '../log/logger';
import type { Delivery } from '../signaling/transport';
import {
  type Candidate,
  type Description,
  type HoldfastMember,
  SignalError,
  ufragOf,
} from '../signaling/wire';
import { AgeGate } from './age-gate';
import {
  CONTROL_CHANNEL_ID,
  CONTROL_CHANNEL_LABEL,
  type ControlFrame,
  decodeFrame,
  encodeFrame,
  HEARTBEAT,
} from './control-frames';
import { iceHasFailed, iceIsSuspect, iceIsUp } from './ice-state';
import { RoundTrips } from './round-trips';

/** What a link tells its owner. Each is told when it becomes so, not while it stays so. */
export interface LinkListener {
  /** What the machine is to know where this link is the current one. */
  fact(event: ConnectionEvent): void;
  message(data: unknown): void;
  /** ICE up, channel open and, where heartbeats are agreed, something heard since the last doubt. `isBack`: by itself, on the old path. */
  up(isBack: boolean): void;
  /** A candidate was found. */
  gathered(isRelay: boolean): void;
  /** An answer was applied, or an offer taken. */
  negotiated(description: Description): void;
  /** The relay has passed an offer on; where it does not say, it was handed over. */
  offerArrived(): void;
  /** The browser did not take the answer to our offer. */
  answerRefused(): void;
  moved(): void;
  bye(): void;
  turnRefused(): void;
}

export interface LinkOptions {
  /** Connection number: 1 is the first, each rebuild takes the next. */
  number: number;
  role: Role;
  configuration: RTCConfiguration;
  channel: RTCDataChannelInit & { label: string };
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  /** Beside every description. */
  member: HoldfastMember;
  send(type: string, payload: unknown): Promise<Delivery>;
  now(): number;
  logger: Logger;
}

/** Of the newest local description, what signaling refused: itself, and candidates that came after it. */
interface Unsent {
  offer: boolean;
  /** The ufrag of the offer that it answers. */
  answer: string | null;
  readonly candidates: RTCIceCandidateInit[];
}

const nothingUnsent = (): Unsent => ({ offer: false, answer: null, candidates: [] });

/** Pings follow each other this fast on a fresh control channel, until something is heard. */
const HELLO_INTERVAL_MS = 100;
/** An offer that nobody answered is rolled back after this, said again or not, on a link that was answered before: none is left in `have-local-offer`. */
const UNANSWERED_OFFER_MS = 5_000;
/** An echo this late is none; silence is noticed sooner, and elsewhere. */
const ECHO_PATIENCE_MS = 2_000;
/** Above what any browser gathers for one generation. */
const MAX_CANDIDATES_PER_GENERATION = 256;
/** Descriptions that wait for the browser: a restart needs one, a stalled connection to the relay delivers a dozen at once. */
const MAX_WAITING = 32;

/** One `RTCPeerConnection` with its game channel, its control channel and its negotiation. */
export class Link {
  readonly number: number;
  readonly bornAtMs: number;
  readonly pc: RTCPeerConnection;
  game: RTCDataChannel | null = null;
  /** The newest description of the peer that was applied. */
  remote: Description | null = null;
  /** Whether the first offer of this connection was ours. */
  isOfferer = false;
  /** Since the last doubt, or the newest generation. */
  isHeard = false;
  isClosed = false;
  lastHeardAtMs: number;
  readonly roundTrips = new RoundTrips();

  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  readonly #ages = new AgeGate();
  #control: RTCDataChannel | null = null;
  #isAgreed = false;
  #hasEcho = false;
  #isToldUp = false;
  #isSuspected = false;
  #isResting = false;
  /** Kept here for `send()`: asking the channel costs a tenth of sending. */
  #isOpen = false;
  /** Of the newest local description that was sent. */
  #offeredUfrag: string | null = null;
  #unsent = nothingUnsent();
  #taken = 0;
  /** Descriptions that are not done. */
  #waiting = 0;
  /** Ours, open until it was negotiated. */
  #dtlsRole = 'actpass';
  /** The task behind all others; null where none is under way. */
  #last: Promise<void> | null = null;
  #hello: ReturnType<typeof setTimeout> | undefined;
  #unanswered: ReturnType<typeof setTimeout> | undefined;
  #iceDoubt: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LinkOptions, listener: LinkListener) {
    this.number = options.number;
    this.#options = options;
    this.#listener = listener;
    this.bornAtMs = this.lastHeardAtMs = options.now();
    this.pc = options.createPeerConnection(options.configuration);
    this.#listen();
  }

  get isOpen(): boolean {
    return this.#isOpen && this.game?.readyState === 'open';
  }

  /** Whether both ends agreed on heartbeats and the channel for them is open. */
  get hasHeartbeat(): boolean {
    return this.#isAgreed && this.#control?.readyState === 'open';
  }

  /** ICE up and the channel open, as the browser says. */
  get isUsable(): boolean {
    return this.isOpen && iceIsUp(this.pc);
  }

  get isUp(): boolean {
    return !this.isClosed && this.isUsable && (!this.#isAgreed || (this.isHeard && this.#ages.isOpen));
  }

  /** Whether bytes went there and back: what a new connection needs before it takes over. */
  get isProven(): boolean {
    return this.isUp && this.#hasEcho;
  }

  get isAnswered(): boolean {
    return this.remote !== null;
  }

  /** Whether we offered this connection first and nobody has answered yet. */
  get isUnanswered(): boolean {
    return this.isOfferer && !this.isAnswered && !this.isClosed;
  }

  get hasSentOffer(): boolean {
    return this.#offeredUfrag !== null;
  }

  get hasPendingOffer(): boolean {
    return this.pc.signalingState === 'have-local-offer';
  }

  /** Nothing that is said on a link without a game channel may be taken for life: the game's data goes nowhere. */
  get #isMute(): boolean {
    return this.#isResting || this.game?.readyState === 'closed';
  }

  /** Creates the game channel and offers it. The first offer of a link, made by one side only. */
  offer(): void {
    if (this.isClosed) return;
    this.isOfferer = true;
    if (!this.game) {
      const { label, ...init } = this.#options.channel;
      this.#adoptGame(this.pc.createDataChannel(label, init));
    }
    this.#enqueue(() => this.#sendOffer());
  }

  /** The servers of the next ICE generation. */
  configure(iceServers: RTCIceServer[]): void {
    this.#enqueue(async () => this.#configure(iceServers));
  }

  /** A new ICE generation on this connection. A pending offer is replaced; one that was never made is made now. */
  restart(iceServers?: RTCIceServer[]): void {
    this.#enqueue(async () => {
      if (iceServers) this.#configure(iceServers);
      this.pc.restartIce();
      await this.#sendOffer();
    });
  }

  /** Sends the pending offer once more, with the candidates gathered since. */
  resendOffer(): void {
    this.#enqueue(async () => {
      if (this.hasPendingOffer) await this.#send('offer');
    });
  }

  /** Signaling is back: what it refused of the newest description is sent again, in one piece where that was refused itself. */
  catchUp(): void {
    const { offer, answer, candidates } = this.#unsent;
    if (answer) this.#enqueue(() => this.#send('answer', answer));
    else if (offer && this.hasPendingOffer) this.resendOffer();
    // It was rolled back meanwhile, and nothing else is on its way.
    else if (offer && this.#last === null) this.restart();
    else for (const candidate of candidates.splice(0)) void this.#sendCandidate(candidate);
  }

  /** Stirs ICE by a restart that is taken back before anybody hears of it. */
  hold(): void {
    this.#enqueue(async () => {
      if (this.pc.signalingState !== 'stable') return;
      this.pc.restartIce();
      await this.pc.setLocalDescription();
      await this.pc.setLocalDescription({ type: 'rollback' });
    });
  }

  /** Given up: nothing is answered or sent any more, so that the other end does not take this one for alive. */
  rest(): void {
    this.#isResting = true;
    this.#isOpen = false;
    this.#unsent = nothingUnsent();
  }

  /** There is hope again. */
  wake(): void {
    this.#isResting = false;
    this.#isOpen = this.game?.readyState === 'open';
    this.#sayHello();
  }

  rollback(): void {
    clearTimeout(this.#unanswered);
    this.#enqueue(async () => {
      if (this.hasPendingOffer) await this.pc.setLocalDescription({ type: 'rollback' });
    });
  }

  takeOffer(offer: Description): void {
    this.#enqueueDescription(offer, async () => {
      // Upstream knows no glare: whatever its ids, it takes our offer, and its own is rolled back.
      const isPolite = this.#options.role === 'answerer' && offer.member !== null;
      if (this.hasPendingOffer && !isPolite) throw new SignalError('unexpected', 'offer');
      const isRepeated = offer.ufrag === this.remote?.ufrag && this.pc.signalingState === 'stable';
      if (isRepeated) return this.#send('answer', offer.ufrag);
      await this.pc.setRemoteDescription(offer);
      const answering = this.pc.setLocalDescription();
      this.#note(offer);
      await answering;
      await this.#send('answer', offer.ufrag);
      this.#renew();
    });
  }

  takeAnswer(answer: Description): void {
    this.#enqueueDescription(answer, async () => {
      if (!this.hasPendingOffer) throw new SignalError('unexpected', 'answer');
      const answers = answer.member?.answers;
      if (answers && answers !== ufragOf(this.pc.localDescription?.sdp))
        throw new SignalError('stale', 'answer');
      try {
        await this.pc.setRemoteDescription(answer);
      } catch (error) {
        if (!this.isClosed) this.#listener.answerRefused();
        throw error;
      }
      this.#note(answer);
      clearTimeout(this.#unanswered);
      this.#renew();
    });
  }

  takeCandidate({ init, ufrag }: Candidate): void {
    this.#taken += 1;
    if (this.#taken > MAX_CANDIDATES_PER_GENERATION) throw new SignalError('too-many', 'ice-candidate');
    const add = () => this.pc.addIceCandidate(init);
    // Its description is applied: it need not wait until that is answered.
    if (ufrag !== null && ufrag === this.remote?.ufrag) void this.#attempt(add);
    else this.#enqueue(add);
  }

  /**
   * How long no packet at all has come on this connection, in ms. Under heavy loss SCTP holds messages back for a second and more, while
   * its acknowledgements go on arriving: they are life too. Infinite where the browser does not tell.
   */
  async quietForMs(): Promise<number> {
    const reports: RTCStats[] = [...(await this.pc.getStats()).values()];
    return Math.min(...reports.map(quietForMs));
  }

  /** From here on the link counts as up only once something young is heard again. */
  doubt(): void {
    this.#isSuspected = this.#isAgreed;
    this.#forgetSigns();
    if (this.#isAgreed && this.game && mayLose(this.game)) this.#ages.shut();
  }

  /** A new generation was agreed: only what is heard from now on proves it. */
  #renew(): void {
    this.#isSuspected = false;
    this.#forgetSigns();
    this.#check();
  }

  #forgetSigns(): void {
    this.isHeard = false;
    this.#isToldUp = false;
  }

  /** @returns its number, or null where no heartbeat is agreed. */
  ping(): number | null {
    if (!this.hasHeartbeat) return null;
    const seq = this.roundTrips.start(this.#options.now());
    this.sendFrame({ type: 'ping', seq });
    return seq;
  }

  sendFrame(frame: ControlFrame): void {
    if (this.hasHeartbeat && (!this.#isMute || frame.type === 'bye'))
      this.#put(this.#control, encodeFrame(frame));
  }

  /** @returns false where the browser refuses: a full buffer, a message too large, a channel that closes. */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): boolean {
    return this.#isOpen && this.#put(this.game, data);
  }

  #put(channel: RTCDataChannel | null, data: string | ArrayBuffer | ArrayBufferView | Blob): boolean {
    try {
      channel?.send(data as never);
      return true;
    } catch (error) {
      this.#options.logger.debug('[WebRTC] not sent', nameOf(error));
      return false;
    }
  }

  /** Closes the connection; nothing is told afterwards. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#isOpen = false;
    clearTimeout(this.#hello);
    clearTimeout(this.#unanswered);
    clearTimeout(this.#iceDoubt);
    const { pc } = this;
    for (const channel of [this.game, this.#control]) {
      if (channel) channel.onopen = channel.onclose = channel.onmessage = channel.onerror = null;
    }
    pc.onicecandidate = pc.oniceconnectionstatechange = pc.onconnectionstatechange = null;
    pc.ondatachannel = pc.onicecandidateerror = null;
    pc.close();
  }

  #listen(): void {
    const { pc } = this;
    pc.onicecandidate = ({ candidate }) => {
      // The end of gathering. Not by counting: a generation that was taken back may end, too, see hold().
      if (!candidate && !pc.localDescription?.sdp.includes('a=candidate:'))
        this.#listener.fact({ type: 'gathering.empty' });
      if (!candidate?.candidate) return;
      const { candidate: line, sdpMid, sdpMLineIndex, usernameFragment } = candidate;
      // A generation that was never offered, see hold(), is nobody's business.
      if (!usernameFragment || !this.#offeredUfrag || usernameFragment === this.#offeredUfrag)
        void this.#sendCandidate({ candidate: line, sdpMid, sdpMLineIndex, usernameFragment });
      // The peer waits for it, and nobody for the fact.
      this.#listener.gathered(hasRelay(line));
    };
    pc.onicecandidateerror = ({ errorCode }) => {
      const isRefused = errorCode === 401 || errorCode === 403;
      // Of several servers one is enough.
      if (isRefused && !hasRelay(pc.localDescription?.sdp ?? '')) this.#listener.turnRefused();
    };
    pc.oniceconnectionstatechange = () => this.#onIceState();
    pc.onconnectionstatechange = () => {
      this.#openControl();
      this.#onIceState();
    };
    pc.ondatachannel = ({ channel }) => {
      if (!this.game && channel.label === this.#options.channel.label) this.#adoptGame(channel);
    };
  }

  #onIceState(): void {
    if (!iceIsUp(this.pc)) this.#isToldUp = false;
    if (iceHasFailed(this.pc)) this.#listener.fact({ type: 'ice.failed' });
    else if (iceIsSuspect(this.pc)) this.#questionIce();
    else this.#check();
  }

  /** ICE loses faith after five unanswered checks, which heavy loss, or an outage just healed, can do: an echo knows better. */
  #questionIce(): void {
    if (!this.hasHeartbeat) return this.#listener.fact({ type: 'ice.disconnected' });
    this.ping();
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
      this.#hear();
      if (this.#ages.isOpen) this.#listener.message(data);
    };
    channel.onclose = () => {
      this.#isOpen = false;
      this.#listener.fact({ type: 'channel.closed' });
    };
    channel.onerror = () => this.#options.logger.debug('[WebRTC] game channel error');
    if (channel.readyState === 'open') opened();
  }

  /**
   * As soon as DTLS is up: to make a channel stops the page while the browser negotiates. Of two ends the slower one may miss the other's first ping,
   * which Chromium throws away where no channel is.
   */
  #openControl(): void {
    const isConnected = this.#isOpen || this.pc.connectionState === 'connected';
    if (!this.#isAgreed || !isConnected) return;
    if (this.#control) return this.#sayHello();
    const channel = this.pc.createDataChannel(CONTROL_CHANNEL_LABEL, {
      negotiated: true,
      id: CONTROL_CHANNEL_ID,
      ordered: false,
      maxPacketLifeTime: 250,
    });
    channel.onopen = () => this.#sayHello();
    channel.onmessage = ({ data }) => this.#onFrame(data);
    this.#control = channel;
  }

  /** In a turn of its own: the game, on whichever end, is told first that it may play. */
  #sayHello(): void {
    if (!this.hasHeartbeat || !this.#isOpen || this.#hello !== undefined || this.#hasEcho) return;
    const say = () => {
      this.#hello = setTimeout(say, HELLO_INTERVAL_MS);
      this.ping();
    };
    this.#hello = setTimeout(say, 0);
  }

  #onFrame(data: unknown): void {
    const frame = decodeFrame(data);
    if (!frame) return this.#options.logger.debug('[WebRTC]', new SignalError('malformed', 'control'));
    if (frame.type === 'bye') return this.#listener.bye();
    if (this.#isMute) return;
    if (frame.type === 'ping') {
      this.sendFrame({ type: 'pong', seq: frame.seq });
      // Who is heard for the first time may have missed our first ping.
      if (!this.isHeard && !this.#hasEcho) this.ping();
    } else this.#noteEcho(frame);
    this.#hear();
    if (frame.type === 'moved') this.sendFrame({ type: 'moved-too' });
    if (frame.type === 'moved' || frame.type === 'moved-too') this.#listener.moved();
  }

  #noteEcho(frame: ControlFrame): void {
    // A pong that nobody asked for proves nothing.
    if (frame.type === 'pong') {
      if (!this.roundTrips.end(frame.seq, this.#options.now())) return;
      this.#ages.echo(frame.seq);
    }
    clearTimeout(this.#iceDoubt);
    if (this.#hasEcho) return;
    this.#hasEcho = true;
    this.#isToldUp = false;
    clearTimeout(this.#hello);
  }

  #hear(): void {
    if (!this.isHeard) this.roundTrips.excuse(this.lastHeardAtMs);
    this.lastHeardAtMs = this.#options.now();
    this.isHeard = true;
    this.#ages.hear(() => this.ping());
    this.#check();
  }

  #check(): void {
    if (this.#isToldUp || !this.isUp) return;
    this.#isToldUp = true;
    this.#listener.up(this.#isSuspected);
    this.#isSuspected = false;
  }

  async #sendOffer(): Promise<void> {
    await this.pc.setLocalDescription();
    clearTimeout(this.#unanswered);
    this.#unanswered = setTimeout(() => this.isAnswered && this.rollback(), UNANSWERED_OFFER_MS);
    await this.#send('offer');
  }

  async #send(type: 'offer' | 'answer', answers?: string): Promise<void> {
    const sdp = this.pc.localDescription?.sdp;
    this.#offeredUfrag = ufragOf(sdp) ?? null;
    const { member } = this.#options;
    const sent = this.#options.send(type, {
      type,
      sdp: sdp && this.#withDtlsRole(sdp),
      holdfast: answers ? { ...member, answers } : member,
    });
    const unsent = nothingUnsent();
    this.#unsent = unsent;
    void sent.then((delivery) => {
      if (delivery === 'refused') {
        unsent.offer = type === 'offer';
        unsent.answer = answers ?? null;
      } else if (type === 'offer' && !this.isClosed) this.#listener.offerArrived();
    });
  }

  async #sendCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    const { candidates } = this.#unsent;
    const delivery = await this.#options.send('ice-candidate', candidate);
    if (delivery === 'refused' && candidates.length < MAX_CANDIDATES_PER_GENERATION)
      candidates.push(candidate);
  }

  /**
   * A later offer names the DTLS role that was negotiated: to `actpass` a passive Firefox answers `active`, which Chromium refuses
   * (docs/discoveries/dtls-role-on-restart.md).
   */
  #withDtlsRole(sdp: string): string {
    this.#dtlsRole = dtlsRoleOf(sdp) ?? this.#dtlsRole;
    return sdp.replace('a=setup:actpass', `a=setup:${this.#dtlsRole}`);
  }

  #note(description: Description): void {
    if (description.ufrag !== this.remote?.ufrag) this.#taken = 0;
    const theirRole = dtlsRoleOf(description.sdp);
    if (theirRole) this.#dtlsRole = theirRole === 'active' ? 'passive' : 'active';
    this.remote = description;
    this.#isAgreed = description.member?.capabilities.includes(HEARTBEAT) ?? false;
    this.#openControl();
    this.#listener.negotiated(description);
  }

  #configure(iceServers: RTCIceServer[]): void {
    this.pc.setConfiguration({ ...this.#options.configuration, iceServers });
  }

  #enqueueDescription({ type }: Description, task: () => Promise<void>): void {
    if (this.#waiting >= MAX_WAITING) throw new SignalError('too-many', type);
    this.#waiting += 1;
    this.#enqueue(() => task().finally(() => (this.#waiting -= 1)));
  }

  /**
   * Signals and restarts are handled strictly one at a time; one that fails leaves the next its turn. Where none is under way it begins at once, so
   * that the browser works while the caller goes on.
   */
  #enqueue(task: () => Promise<void>): void {
    const turn = this.#last === null ? this.#attempt(task) : this.#last.then(() => this.#attempt(task));
    this.#last = turn;
    void turn.then(() => {
      if (this.#last === turn) this.#last = null;
    });
  }

  async #attempt(task: () => Promise<void>): Promise<void> {
    try {
      if (!this.isClosed) await task();
    } catch (error) {
      if (!this.isClosed) this.#options.logger.debug('[WebRTC] refused:', describe(error));
    }
  }
}

/** What browsers report of the last packet, in ms; 0 and nothing mean that none has come. */
type PairStats = RTCStats & { lastPacketReceivedTimestamp?: number };

const quietForMs = ({ timestamp, lastPacketReceivedTimestamp: last }: PairStats) =>
  last ? timestamp - last : Infinity;

/** A channel that was promised every message gets every message, however late. */
const mayLose = ({ maxRetransmits, maxPacketLifeTime }: RTCDataChannel) =>
  maxRetransmits !== null || maxPacketLifeTime !== null;

const hasRelay = (text: string) => text.includes(' typ relay');
const dtlsRoleOf = (sdp: string) => /^a=setup:(active|passive)/m.exec(sdp)?.[1];

/** Browser errors may quote SDP or addresses: only their name is logged. */
export const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'error');
const describe = (error: unknown) =>
  error instanceof SignalError ? error : new SignalError('rejected-by-browser', nameOf(error));
