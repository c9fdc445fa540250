import { type ChannelData, FakeDataChannel, type Frame, sizeOf } from './fake-data-channel';
import type { FakeNetwork, Page } from './fake-network';
import type { PathKind } from './fake-sdp';
import type { RunTask } from './fake-target';
import type { BrowserProfile } from './profiles';
import { Alarm } from './timers';

interface SctpOptions {
  page: Page;
  profile: BrowserProfile;
  network: FakeNetwork;
  run: RunTask;
  /** Of the selected pair; null while there is none. */
  kind(): PathKind | null;
  /** The association at the other end, once ICE is up at both. */
  peer(): FakeSctp | null;
  announce(channel: FakeDataChannel): void;
}

/** DTLS and SCTP handshakes, in round trips. */
const HANDSHAKE_ROUND_TRIPS = 2;
/** From the return of a path to the first packet on it: SCTP's back-off. */
const RESUME_MS = 50;
/** From there to the reset of a stream that was tried in vain: its own back-off. */
const RESET_MS = 1_000;
/** Unreliable packets that are on the wire when a path goes, before SCTP notices and holds the rest back. */
const LOST_AT_CUT = 10;
const RETRANSMISSION_MS = 200;
/** From a remote `close()` to the channel's event. */
const CLOSE_MS = 6;
/** From navigating away to the event at the other end. */
const NAVIGATION_MS = 120;
/** The highest stream that browsers hand out. */
const MAX_STREAM = 1_023;

const other = (page: Page): Page => (page === 0 ? 1 : 0);

/** The SCTP association of one fake connection, and its channels. */
export class FakeSctp {
  state: 'connecting' | 'connected' | 'closed' = 'connecting';
  bytesSent = 0;
  bytesReceived = 0;
  /** When the last packet came, an acknowledgement say; of the wall clock, 0 before the first. */
  receivedAtMs = 0;
  readonly #options: SctpOptions;
  readonly #channels = new Set<FakeDataChannel>();
  #early: { id: number; data: ChannelData }[] = [];
  #queue: { frame: Frame; atMs: number }[] = [];
  /** Streams that were closed here, and not yet there. */
  #endings: (number | null)[] = [];
  #lostInCut = 0;
  #bound: FakeSctp | null = null;
  readonly #handshake: Alarm;
  readonly #resumption: Alarm;
  readonly #resets: Alarm;

  constructor(options: SctpOptions) {
    this.#options = options;
    this.#handshake = new Alarm(options.network.timers);
    this.#resumption = new Alarm(options.network.timers);
    this.#resets = new Alarm(options.network.timers);
  }

  get maxMessageSize(): number {
    return this.#options.profile.maxMessageSizeBytes;
  }

  get maxBufferedBytes(): number {
    return this.#options.profile.maxBufferedBytes;
  }

  get run(): RunTask {
    return this.#options.run;
  }

  createChannel(label: string, init: RTCDataChannelInit): FakeDataChannel {
    const channel = new FakeDataChannel(this, label, init);
    this.#channels.add(channel);
    if (this.state === 'closed') channel.end({ isTold: false });
    else if (this.state === 'connected') this.#options.network.timers.after(0, () => this.#open(channel));
    return channel;
  }

  /** ICE is up, or carries data again. */
  flow(): void {
    if (this.#endings.length > 0) this.#resets.arm(RESET_MS, () => this.#tellEndings());
    if (this.state === 'connecting' && this.#options.peer()) {
      const { network, profile } = this.#options;
      const delayMs = profile.connectMs / 2 + HANDSHAKE_ROUND_TRIPS * network.rttMs();
      this.#handshake.arm(delayMs, () => this.#connect());
    }
    if (this.#queue.length > 0) this.#resumption.arm(RESUME_MS, () => this.#flush());
    else this.#lostInCut = 0;
  }

  transmit(frame: Frame): void {
    if (this.#isFlowing && this.#queue.length === 0) {
      this.#lostInCut = 0;
      return this.#put(frame);
    }
    if (frame.channel.maxRetransmits !== null && this.#lostInCut < LOST_AT_CUT) {
      this.#lostInCut += 1;
      return frame.handedOver();
    }
    this.#queue.push({ frame, atMs: performance.now() });
  }

  closeChannel(channel: FakeDataChannel): void {
    this.#options.network.timers.after(CLOSE_MS, () => {
      channel.end({ isTold: true });
      this.#endings.push(channel.id);
      this.#tellEndings();
    });
  }

  /** The other end learns of a closed channel sooner or later: streams are reset reliably. */
  #tellEndings(): void {
    const { network, page } = this.#options;
    if (!this.#isFlowing) return;
    for (const id of this.#endings.splice(0))
      network.timers.after(network.delayMs(page), () => this.#bound?.endChannel(id));
  }

  /** Ends it for good; `isTold` where the other end or a failure did. */
  close({ isTold }: { isTold: boolean }): void {
    if (this.state === 'closed') return;
    const { network, page } = this.#options;
    const peer = this.#bound;
    if (peer && !isTold && this.#isFlowing)
      network.timers.after(CLOSE_MS + network.delayMs(page), () => peer.close({ isTold: true }));
    this.state = 'closed';
    this.#queue = [];
    this.#handshake.cancel();
    this.#resumption.cancel();
    this.#resets.cancel();
    for (const channel of [...this.#channels]) channel.end({ isTold });
  }

  /** The page is led elsewhere: the other end is told a little later. */
  abandon(): void {
    const peer = this.#bound;
    const { network, page } = this.#options;
    if (peer && this.#isFlowing)
      network.timers.after(NAVIGATION_MS + network.delayMs(page), () => peer.close({ isTold: true }));
  }

  get #isFlowing(): boolean {
    const { kind, network, page } = this.#options;
    const path = kind();
    return path !== null && network.carries(page, path);
  }

  #connect(): void {
    const peer = this.#options.peer();
    // An association that has ended answers no handshake.
    if (!peer || peer.state === 'closed' || this.state !== 'connecting') return;
    this.#bound = peer;
    // One that had another end takes this for that end's restart (RFC 9260, 5.2.2).
    if (peer.#bound) peer.#bound = this;
    this.state = 'connected';
    for (const channel of [...this.#channels]) this.#open(channel);
  }

  /** Channels that are not negotiated are told to the other end before anything is sent on them. */
  #open(channel: FakeDataChannel): void {
    if (this.state !== 'connected' || channel.readyState !== 'connecting') return;
    const { network, page } = this.#options;
    if (!channel.negotiated && channel.id === null) {
      channel.id = this.#freeStream();
      const peer = this.#bound;
      network.timers.after(network.delayMs(page), () => peer?.meet(channel));
    }
    channel.open();
    const early = this.#early.filter(({ id }) => id === channel.id);
    this.#early = this.#early.filter(({ id }) => id !== channel.id);
    for (const { data } of early) channel.receive(data);
  }

  /** The other end opened a channel. */
  meet(remote: FakeDataChannel): void {
    if (this.state === 'closed' || this.#options.network.isKilled(this.#options.page)) return;
    if (this.state === 'connecting') this.#connect();
    const channel = new FakeDataChannel(this, remote.label, remote.init);
    this.#channels.add(channel);
    channel.introduce(() => this.#options.announce(channel));
  }

  #freeStream(): number {
    // The two ends hand out streams of their own parity; both are even or odd for the whole association.
    const used = new Set([...this.#channels].map(({ id }) => id));
    for (let id: number = this.#options.page; id <= MAX_STREAM; id += 2) if (!used.has(id)) return id;
    throw new DOMException('no stream left', 'OperationError');
  }

  #flush(): void {
    if (!this.#isFlowing) return;
    const queue = this.#queue.splice(0);
    for (const { frame, atMs } of queue) {
      const { maxPacketLifeTime } = frame.channel;
      const isStale = maxPacketLifeTime !== null && performance.now() - atMs > maxPacketLifeTime;
      if (isStale && this.#options.profile.dropsStaleData) frame.handedOver();
      else this.#put(frame);
    }
    this.#lostInCut = 0;
  }

  #put({ channel, data, handedOver }: Frame): void {
    const { network, page } = this.#options;
    const peer = this.#bound;
    const isReliable = channel.maxRetransmits === null && channel.maxPacketLifeTime === null;
    handedOver();
    this.bytesSent += sizeOf(data);
    if (network.isUnlucky(page) && !isReliable) return;
    const retransmissionMs = isReliable && network.isUnlucky(page) ? RETRANSMISSION_MS : 0;
    const { id } = channel;
    network.timers.after(network.delayMs(page) + retransmissionMs, () => {
      if (id === null || !peer) return;
      peer.receive(id, data);
      const isAcknowledged = network.carries(other(page), this.#options.kind() ?? 'direct');
      if (isAcknowledged && !network.isUnlucky(other(page))) this.receivedAtMs = Date.now();
    });
  }

  /** Data of the other end. */
  receive(id: number, data: ChannelData): void {
    if (this.state !== 'connected' || this.#options.network.isKilled(this.#options.page)) return;
    this.bytesReceived += sizeOf(data);
    this.receivedAtMs = Date.now();
    const channel = [...this.#channels].find((each) => each.id === id && each.readyState === 'open');
    if (channel) channel.receive(data);
    else if (this.#options.profile.keepsEarlyData) this.#early.push({ id, data });
  }

  /** The other end closed a channel. */
  endChannel(id: number | null): void {
    for (const channel of [...this.#channels]) if (channel.id === id) channel.end({ isTold: true });
  }
}
