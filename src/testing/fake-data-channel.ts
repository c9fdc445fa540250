import { FakeTarget, type RunTask } from './fake-target';

export type ChannelData = string | ArrayBuffer | Blob;

export interface Frame {
  channel: FakeDataChannel;
  data: ChannelData;
  /** Called when the data has left the buffer. */
  handedOver(): void;
}

/** The SCTP association of a channel. */
interface ChannelOwner {
  readonly maxMessageSize: number;
  readonly maxBufferedBytes: number;
  readonly run: RunTask;
  transmit(frame: Frame): void;
  closeChannel(channel: FakeDataChannel): void;
}

/** Length in UTF-8. jsdom has no `TextEncoder`, only `Blob`. */
const bytesOf = (text: string) =>
  globalThis.TextEncoder ? new TextEncoder().encode(text).length : new Blob([text]).size;

export const sizeOf = (data: ChannelData) =>
  typeof data === 'string' ? bytesOf(data) : data instanceof Blob ? data.size : data.byteLength;

/** Copies the data, because the sender may reuse its buffer. */
const copyOf = (data: string | ArrayBuffer | ArrayBufferView | Blob): ChannelData => {
  if (typeof data === 'string' || data instanceof Blob) return data;
  const bytes = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
  return new Uint8Array(bytes).buffer;
};

/** The `RTCDataChannel` of a fake connection. */
export class FakeDataChannel extends FakeTarget {
  readonly label: string;
  readonly ordered: boolean;
  readonly negotiated: boolean;
  readonly maxRetransmits: number | null;
  readonly maxPacketLifeTime: number | null;
  readonly protocol: string;
  id: number | null;
  readyState: RTCDataChannelState = 'connecting';
  binaryType: BinaryType = 'arraybuffer';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onopen: ((event: Event) => unknown) | null = null;
  onclose: ((event: Event) => unknown) | null = null;
  onclosing: ((event: Event) => unknown) | null = null;
  onbufferedamountlow: ((event: Event) => unknown) | null = null;
  onerror: ((event: Event) => unknown) | null = null;
  onmessage: ((event: Event & { data: unknown }) => unknown) | null = null;
  readonly #sctp: ChannelOwner;

  constructor(sctp: ChannelOwner, label: string, init: RTCDataChannelInit) {
    super(sctp.run);
    this.#sctp = sctp;
    this.label = label;
    this.ordered = init.ordered ?? true;
    this.negotiated = init.negotiated ?? false;
    this.maxRetransmits = init.maxRetransmits ?? null;
    this.maxPacketLifeTime = init.maxPacketLifeTime ?? null;
    this.protocol = init.protocol ?? '';
    this.id = init.id ?? null;
  }

  /** The parameters that the other end receives. */
  get init(): RTCDataChannelInit {
    return {
      ordered: this.ordered,
      protocol: this.protocol,
      ...(this.id !== null && { id: this.id }),
      ...(this.maxRetransmits !== null && { maxRetransmits: this.maxRetransmits }),
      ...(this.maxPacketLifeTime !== null && { maxPacketLifeTime: this.maxPacketLifeTime }),
    };
  }

  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void {
    if (this.readyState !== 'open') throw new DOMException('channel is not open', 'InvalidStateError');
    const copy = copyOf(data);
    const size = sizeOf(copy);
    if (size > this.#sctp.maxMessageSize) throw new TypeError('message larger than maxMessageSize');
    if (this.bufferedAmount + size > this.#sctp.maxBufferedBytes)
      throw new DOMException('send buffer is full', 'OperationError');
    this.bufferedAmount += size;
    this.#sctp.transmit({
      channel: this,
      data: copy,
      // After the call to `send()` has returned.
      handedOver: () => queueMicrotask(() => this.#drain(size)),
    });
  }

  close(): void {
    if (this.readyState === 'closing' || this.readyState === 'closed') return;
    this.readyState = 'closing';
    this.#sctp.closeChannel(this);
  }

  #drain(bytes: number): void {
    const wasAbove = this.bufferedAmount > this.bufferedAmountLowThreshold;
    this.bufferedAmount -= bytes;
    if (wasAbove && this.bufferedAmount <= this.bufferedAmountLowThreshold) this.fire('bufferedamountlow');
  }

  // — called by the association

  get isOpen(): boolean {
    return this.readyState === 'open';
  }

  open(): void {
    if (this.readyState !== 'connecting') return;
    this.readyState = 'open';
    this.fire('open');
  }

  /** A channel that the other end opened is open when `datachannel` fires, and fires `open` afterwards, as in browsers. */
  introduce(show: () => void): void {
    this.readyState = 'open';
    show();
    if (this.isOpen) this.fire('open');
  }

  /** Closes the channel. No `close` event fires if the page itself closed the connection. */
  end({ notify }: { notify: boolean }): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    if (notify) this.fire('close');
  }

  receive(data: ChannelData): void {
    if (this.readyState !== 'open') return;
    const needsNoConversion =
      !(data instanceof Blob) && (typeof data === 'string' || this.binaryType === 'arraybuffer');
    if (needsNoConversion) this.fire('message', { data });
    else if (data instanceof Blob && this.binaryType === 'arraybuffer')
      void data.arrayBuffer().then((buffer) => this.fire('message', { data: buffer }));
    else this.fire('message', { data: data instanceof Blob ? data : new Blob([data]) });
  }
}
