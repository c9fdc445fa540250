import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/** Opcodes of RFC 6455. */
const TEXT = 0x1;
const BINARY = 0x2;
const PING = 0x9;
const FIN = 0x80;
const MASKED = 0x80;

/** A frame as a client sends it: masked, with a mask of zeros, so that it can be made once and sent often. */
export function frame(
  payload: string | Buffer,
  opcode = typeof payload === 'string' ? TEXT : BINARY,
  isFinal = true,
): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const head = [(isFinal ? FIN : 0) | opcode];
  if (body.length < 126) head.push(MASKED | body.length);
  else if (body.length < 65_536) head.push(MASKED | 126, body.length >> 8, body.length & 255);
  else
    head.push(
      MASKED | 127,
      0,
      0,
      0,
      0,
      body.length >>> 24,
      (body.length >> 16) & 255,
      (body.length >> 8) & 255,
      body.length & 255,
    );
  return Buffer.concat([Buffer.from(head), Buffer.alloc(4), body]);
}

export const ping = (): Buffer => frame(randomBytes(125), PING);

/** A Socket.IO event in the main namespace. */
export const event = (name: string, message: unknown): Buffer =>
  frame(`42${JSON.stringify([name, message])}`);

export interface RawSocketOptions {
  readonly port: number;
  /** One of the addresses of the loopback network. */
  readonly localAddress: string;
  /** Every text message of the server. */
  readonly onText?: (text: string) => void;
  readonly onOpen: (socket: RawSocket) => void;
  readonly onClose: () => void;
}

/** A WebSocket client that follows no rule by itself. It is cheap, so that a thousand of them load the server and not themselves. */
export class RawSocket {
  readonly #tcp: Socket;
  readonly #options: RawSocketOptions;
  #inbox: Buffer = Buffer.alloc(0);
  #isUpgraded = false;

  constructor(options: RawSocketOptions) {
    this.#options = options;
    this.#tcp = connect({ port: options.port, host: '127.0.0.1', localAddress: options.localAddress });
    this.#tcp.setNoDelay(true);
    this.#tcp.on('connect', () => options.onOpen(this));
    this.#tcp.on('data', (data) => this.#take(data));
    this.#tcp.on('error', () => {});
    this.#tcp.on('close', () => options.onClose());
  }

  get isOpen(): boolean {
    return !this.#tcp.destroyed && this.#tcp.writable;
  }

  /** Whether the server has granted the WebSocket. */
  get isUpgraded(): boolean {
    return this.#isUpgraded;
  }

  /** Whether written data waits for the server. */
  get isFull(): boolean {
    return this.#tcp.writableNeedDrain;
  }

  /** Bytes that reached the kernel. */
  get bytesWritten(): number {
    return this.#tcp.bytesWritten;
  }

  /** Asks for the WebSocket, and sends more data in the same write. */
  upgrade(query = 'transport=websocket', behind: Buffer = Buffer.alloc(0)): void {
    const request = [
      `GET /socket.io/?EIO=4&${query} HTTP/1.1`,
      'Host: 127.0.0.1',
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Version: 13',
      '\r\n',
    ].join('\r\n');
    this.write(Buffer.concat([Buffer.from(request), behind]));
  }

  write(data: Buffer): void {
    if (this.isOpen) this.#tcp.write(data);
  }

  /** Stops reading, so that data of the server waits there. */
  deafen(): void {
    this.#tcp.pause();
  }

  destroy(): void {
    this.#tcp.destroy();
  }

  #take(data: Buffer): void {
    this.#inbox = this.#inbox.length === 0 ? data : Buffer.concat([this.#inbox, data]);
    if (!this.#isUpgraded) {
      const end = this.#inbox.indexOf('\r\n\r\n');
      if (end === -1) return;
      if (!this.#inbox.toString('latin1', 0, 12).endsWith('101')) return this.destroy();
      this.#isUpgraded = true;
      this.#inbox = this.#inbox.subarray(end + 4);
    }
    for (let size = this.#takeFrame(); size > 0; size = this.#takeFrame())
      this.#inbox = this.#inbox.subarray(size);
  }

  /** @returns the size of the frame that was taken; 0 if none is complete yet. */
  #takeFrame(): number {
    const inbox = this.#inbox;
    if (inbox.length < 2) return 0;
    const short = (inbox[1] ?? 0) & 0x7f;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (inbox.length < head) return 0;
    const length = short < 126 ? short : short === 126 ? inbox.readUInt16BE(2) : inbox.readUInt32BE(6);
    if (inbox.length < head + length) return 0;
    if (((inbox[0] ?? 0) & 0x0f) === TEXT) this.#answer(inbox.toString('utf8', head, head + length));
    return head + length;
  }

  /** Answers Engine.IO's ping; the listener answers everything else. */
  #answer(text: string): void {
    if (text === '2') this.write(frame('3'));
    this.#options.onText?.(text);
  }
}
