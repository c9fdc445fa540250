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
  /** The path of the selected pair; null while there is none. */
  kind(): PathKind | null;
  /** The association at the other end, once ICE is up at both. */
  peer(): FakeSctp | null;
  announce(channel: FakeDataChannel): void;
}

/** DTLS and SCTP handshakes, in round trips. */
const HANDSHAKE_ROUND_TRIPS = 2;
/** From the return of a path to the first packet on it, because of SCTP's back-off. */
const RESUME_MS = 50;
/** From there to the reset of a stream that could not be reset during the cut, because of its own back-off. */
const RESET_MS = 1_000;
/** Unreliable packets that are lost when a path is cut, before SCTP notices and holds back the rest. */
const LOST_AT_CUT = 10;
const RETRANSMISSION_MS = 200;
/** From a `close()` to the channel's `close` event. */
const CLOSE_MS = 6;
/** From navigating away to the `close` event at the other end. */
const NAVIGATION_MS = 120;
/** The highest stream id that browsers assign. */
const MAX_STREAM = 1_023;

const other = (page: Page): Page => (page === 0 ? 1 : 0);

/** The SCTP association of one fake connection, and its channels. */
export class FakeSctp {
  state: 'connecting' | 'connected' | 'closed' = 'connecting';
  bytesSent = 0;
  bytesReceived = 0;
  /** When the last packet arrived (data or an acknowledgement), by the wall clock; 0 before the first. */
  receivedAtMs = 0;
  readonly #options: SctpOptions;
  readonly #channels = new Set<FakeDataChannel>();
  #earlyData: { id: number; data: ChannelData }[] = [];
  #queue: { frame: Frame; atMs: number }[] = [];
  /** Streams that are closed here but not yet at the other end. */
  #closedStreams: (number | null)[] = [];
  #lostInCut = 0;
  #peer: FakeSctp | null = null;
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
    if (this.state === 'closed') channel.end({ notify: false });
    else if (this.state === 'connected') this.#options.network.timers.after(0, () => this.#open(channel));
    return channel;
  }

  /** Called when ICE is up, or carries data again. */
  flow(): void {
    if (this.#closedStreams.length > 0) this.#resets.arm(RESET_MS, () => this.#announceClosedStreams());
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
      return this.#deliver(frame);
    }
    if (frame.channel.maxRetransmits !== null && this.#lostInCut < LOST_AT_CUT) {
      this.#lostInCut += 1;
      return frame.handedOver();
    }
    this.#queue.push({ frame, atMs: performance.now() });
  }

  closeChannel(channel: FakeDataChannel): void {
    this.#options.network.timers.after(CLOSE_MS, () => {
      channel.end({ notify: true });
      this.#closedStreams.push(channel.id);
      this.#announceClosedStreams();
    });
  }

  /** Streams are reset reliably, so the other end learns of a closed channel once the path works. */
  #announceClosedStreams(): void {
    const { network, page } = this.#options;
    if (!this.#isFlowing) return;
    for (const id of this.#closedStreams.splice(0))
      network.timers.after(network.delayMs(page), () => this.#peer?.endChannel(id));
  }

  /** Ends the association for good. With `notify` (the other end or a failure ended it) `close` events fire; without it the other end is notified. */
  close({ notify }: { notify: boolean }): void {
    if (this.state === 'closed') return;
    const { network, page } = this.#options;
    const peer = this.#peer;
    if (peer && !notify && this.#isFlowing)
      network.timers.after(CLOSE_MS + network.delayMs(page), () => peer.close({ notify: true }));
    this.state = 'closed';
    this.#queue = [];
    this.#handshake.cancel();
    this.#resumption.cancel();
    this.#resets.cancel();
    for (const channel of [...this.#channels]) channel.end({ notify });
  }

  /** The page navigates away; the other end notices a little later. */
  navigateAway(): void {
    const peer = this.#peer;
    const { network, page } = this.#options;
    if (peer && this.#isFlowing)
      network.timers.after(NAVIGATION_MS + network.delayMs(page), () => peer.close({ notify: true }));
  }

  get #isFlowing(): boolean {
    const { kind, network, page } = this.#options;
    const path = kind();
    return path !== null && network.carries(page, path);
  }

  #connect(): void {
    const peer = this.#options.peer();
    // A closed association does not answer a handshake.
    if (!peer || peer.state === 'closed' || this.state !== 'connecting') return;
    this.#peer = peer;
    // A peer that was connected to another end takes this for a restart of that end (RFC 9260, 5.2.2).
    if (peer.#peer) peer.#peer = this;
    this.state = 'connected';
    for (const channel of [...this.#channels]) this.#open(channel);
  }

  /** Channels that are not negotiated are announced to the other end before anything is sent on them. */
  #open(channel: FakeDataChannel): void {
    if (this.state !== 'connected' || channel.readyState !== 'connecting') return;
    const { network, page } = this.#options;
    if (!channel.negotiated && channel.id === null) {
      channel.id = this.#freeStream();
      const peer = this.#peer;
      network.timers.after(network.delayMs(page), () => peer?.acceptChannel(channel));
    }
    channel.open();
    const early = this.#earlyData.filter(({ id }) => id === channel.id);
    this.#earlyData = this.#earlyData.filter(({ id }) => id !== channel.id);
    for (const { data } of early) channel.receive(data);
  }

  /** The other end opened a channel. */
  acceptChannel(remote: FakeDataChannel): void {
    if (this.state === 'closed' || this.#options.network.isKilled(this.#options.page)) return;
    if (this.state === 'connecting') this.#connect();
    const channel = new FakeDataChannel(this, remote.label, remote.init);
    this.#channels.add(channel);
    channel.introduce(() => this.#options.announce(channel));
  }

  #freeStream(): number {
    // One end assigns even stream ids and the other odd ones, for the whole association.
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
      else this.#deliver(frame);
    }
    this.#lostInCut = 0;
  }

  #deliver({ channel, data, handedOver }: Frame): void {
    const { network, page } = this.#options;
    const peer = this.#peer;
    const isReliable = channel.maxRetransmits === null && channel.maxPacketLifeTime === null;
    handedOver();
    this.bytesSent += sizeOf(data);
    if (network.losesPacket(page) && !isReliable) return;
    const retransmissionMs = isReliable && network.losesPacket(page) ? RETRANSMISSION_MS : 0;
    const { id } = channel;
    network.timers.after(network.delayMs(page) + retransmissionMs, () => {
      if (id === null || !peer) return;
      peer.receive(id, data);
      const isAcknowledged = network.carries(other(page), this.#options.kind() ?? 'direct');
      if (isAcknowledged && !network.losesPacket(other(page))) this.receivedAtMs = Date.now();
    });
  }

  /** Data from the other end has arrived. */
  receive(id: number, data: ChannelData): void {
    if (this.state !== 'connected' || this.#options.network.isKilled(this.#options.page)) return;
    this.bytesReceived += sizeOf(data);
    this.receivedAtMs = Date.now();
    const channel = [...this.#channels].find((each) => each.id === id && each.readyState === 'open');
    if (channel) channel.receive(data);
    else if (this.#options.profile.keepsEarlyData) this.#earlyData.push({ id, data });
  }

  /** The other end closed a channel. */
  endChannel(id: number | null): void {
    for (const channel of [...this.#channels]) if (channel.id === id) channel.end({ notify: true });
  }
}
