import type { Duplex } from 'node:stream';

/** A piece holds a few dozen small messages or a few hundred fragments, less than a millisecond of work. */
const PIECE_BYTES = 4 * 1024;
/** How much is still read after `close`; a closing handshake is shorter. If the client sends more, reading stops, and its WebSocket times out. */
const MAX_BYTES_AFTER = 16 * 1024;

export interface ChunkGateOptions {
  readonly tcp: Duplex;
  /** Called for each chunk that was read from the network: may its frames be parsed now? */
  mayPass(bytes: number): boolean;
  /** Called when a chunk was held back. */
  held(): void;
}

/**
 * Stands between a TCP connection and its WebSocket, because parsing frames is most of the cost of a flood of small ones. While data
 * waits here, nothing more is read, so that TCP slows the sender down.
 */
export class ChunkGate {
  readonly #options: ChunkGateOptions;
  readonly #feed: (chunk: Buffer) => void;
  #held: Buffer[] = [];
  #isOver = false;
  #bytesAfter = 0;

  constructor(options: ChunkGateOptions) {
    this.#options = options;
    const { tcp } = options;
    const readers = tcp.listeners('data');
    tcp.removeAllListeners('data');
    this.#feed = (chunk) => {
      for (const reader of readers) Reflect.apply(reader, tcp, [chunk]);
    };
    tcp.on('data', (chunk: Buffer) => this.#take(chunk));
    tcp.once('close', () => this.close());
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /** Lets the next piece of the held data through. @returns its size in bytes; 0 if nothing is held. */
  passPiece(): number {
    const chunk = this.#held.shift();
    if (chunk === undefined) return 0;
    if (chunk.length > PIECE_BYTES) this.#held.unshift(chunk.subarray(PIECE_BYTES));
    const piece = chunk.subarray(0, PIECE_BYTES);
    this.#feed(piece);
    return piece.length;
  }

  /** Stops reading, so that TCP slows the sender down. */
  shut(): void {
    this.#options.tcp.pause();
  }

  open(): void {
    if (!this.#isOver) this.#options.tcp.resume();
  }

  /** From now on nothing passes. */
  close(): void {
    this.#isOver = true;
    this.#held = [];
  }

  /** Keeps the connection open but unread, then destroys it. Its WebSocket must not end it earlier, which a failed one would do at once. */
  hold(forMs: number): void {
    const { tcp } = this.#options;
    this.shut();
    tcp.end = () => tcp;
    setTimeout(() => tcp.destroy(), forMs).unref();
  }

  #take(chunk: Buffer): void {
    if (this.#isOver) return this.#takeAfter(chunk);
    const isSmall = chunk.length <= PIECE_BYTES && this.isEmpty;
    if (this.#options.mayPass(chunk.length) && isSmall) return this.#feed(chunk);
    this.#held.push(chunk);
    this.shut();
    this.#options.held();
  }

  #takeAfter(chunk: Buffer): void {
    this.#bytesAfter += chunk.length;
    if (this.#bytesAfter > MAX_BYTES_AFTER) this.shut();
  }
}
