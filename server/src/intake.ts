import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

import { ChunkGate } from './chunk-gate';
import type { FairQueue, QueuedClient, Rank } from './fair-queue';
import { NOT_JOINED, type Refusal, refuse } from './protocol';
import { type Rate, type RateLimits, TokenBucket } from './rate-limit';
import {
  type EventBucket,
  isParseable,
  MAX_EVENT_BYTES,
  type RawMessage,
  readRawMessage,
} from './raw-message';
import { guardPayloads, webSocketOf } from './untyped-edge';

/** The part of an Engine.IO connection that is used. */
export interface EngineConnection extends EventEmitter {
  readonly transport: object;
  readonly readyState: string;
  write(data: string): unknown;
  close(discard?: boolean): unknown;
}

export interface IntakeOptions {
  readonly conn: EngineConnection;
  readonly fairQueue: FairQueue;
  readonly rates: RateLimits;
  /** How long an evicted client is kept connected but unread. It would reconnect at once, and a handshake costs more than an idle socket. */
  readonly penaltyMs: number;
  readonly now: () => number;
}

/** Receives refusals and evictions: the Socket.IO socket, once there is one. */
export interface IntakeListener {
  refused(event: string, refusal: Refusal): void;
  evicted(why: string): void;
}

type BucketName = keyof RateLimits | 'light' | 'mistakes' | 'pings' | 'nonMessages';

/** A client below this rate is served at once: the candidates of a few restarts, and an occasional health report, ping and signal. */
const LIGHT: Rate = { perSecond: 20, burst: 200 };
/** How long a client counts as busy after it exceeded that. */
const BUSY_MS = 5_000;
/**
 * How many refusals an honest page may cause. A page that, after an outage, sends its buffered messages before it joins again exceeds this. It is only served
 * last for a while.
 */
const MISTAKES: Rate = { perSecond: 2, burst: 50 };
/** How long a client counts as hostile after it exceeded that. */
const HOSTILE_MS = 10_000;
/** How many messages of one socket are handled at once in one turn of the event loop. Those beyond take turns with those of others. */
const LIGHT_PER_LOOP_TURN = 3;
/** A message costs one token of {@link LIGHT}, and one more for each of these many bytes. */
const BYTES_PER_TOKEN = 4 * 1024;
/**
 * Engine.IO's close packet. It is delayed by a tick, because Socket.IO delivers an event a tick late, and not to a socket that has closed by then. A game sends its
 * last message right before it closes.
 */
const CLOSE_PACKET = '1';
/** Browsers send no WebSocket pings, and proxies only a few. */
const PINGS: Rate = { perSecond: 1, burst: 20 };
/** Engine.IO packets other than messages: a page answers each of our pings, and closes once. */
const NON_MESSAGES: Rate = { perSecond: 100, burst: 1_000 };
/** Packets in one poll. Its size is limited too, and a poll with events has far fewer packets. */
const MAX_PACKETS = 8_000;
const PACKET_SEPARATOR = '\x1e';
/** How many packets of one socket may wait. A piece of a chunk holds fewer; only long polling, which cannot be slowed down, can bring more. */
const MAX_QUEUED = 20_000;
const MAX_QUEUED_BYTES = 1024 * 1024;
/** The limit of Socket.IO's parser, which closes the connection of a client that announces more. */
const MAX_ATTACHMENTS = 10;
const PLAYERS_ONLY: ReadonlySet<EventBucket> = new Set(['webrtc_signal', 'game_data', 'reports']);

/** An event whose attachments have not all arrived. */
interface Unfinished {
  readonly message: RawMessage;
  left: number;
  bytesLeft: number;
  /** Its text and its attachments so far; null if it was refused and its remaining attachments are to be discarded. */
  parts: unknown[] | null;
}

const badPayload = (message: string): Refusal => ({ code: 'bad-payload', message: `payload: ${message}` });
const tooLarge = ({ bucket }: RawMessage): Refusal =>
  badPayload(`expected at most ${MAX_EVENT_BYTES[bucket]} bytes`);

/**
 * Stands between the transport and Socket.IO's parser. A client that sends little is served at once. Clients that send more take turns, and
 * are not read from while they wait, so that TCP slows them down. Rates and sizes are checked before anything is parsed.
 */
export class Intake implements QueuedClient {
  listener: IntakeListener | null = null;
  /** Whether its socket has a seat in a game. Before that, events that only players may send are refused unparsed. */
  isSeated = false;
  readonly #conn: EngineConnection;
  readonly #fairQueue: FairQueue;
  readonly #penaltyMs: number;
  readonly #now: () => number;
  readonly #buckets: Readonly<Record<BucketName, TokenBucket>>;
  readonly #parse: (data: unknown) => void;
  #queue: unknown[] = [];
  #queuedBytes = 0;
  /** When it began to wait for its turn; null if it is not waiting. */
  #waitingSinceMs: number | null = null;
  #waitedMs = 0;
  /** Holds back the TCP connection of its WebSocket; null if there is only long polling. */
  #gate: ChunkGate | null = null;
  #isOver = false;
  #busyUntilMs = 0;
  #hostileUntilMs = 0;
  #light = { loopTurn: -1, count: 0 };
  /** The turn of the event loop in which it last asked to join. Socket.IO delivers the join a tick later, and the events that followed it in order. */
  #joinedInLoopTurn = -1;
  #unfinished: Unfinished | null = null;

  constructor({ conn, fairQueue, rates, penaltyMs, now }: IntakeOptions) {
    this.#conn = conn;
    this.#fairQueue = fairQueue;
    this.#penaltyMs = penaltyMs;
    this.#now = now;
    const bucket = (rate: Rate) => new TokenBucket(rate, now());
    this.#buckets = {
      game_data: bucket(rates.game_data),
      webrtc_signal: bucket(rates.webrtc_signal),
      inspect: bucket(rates.inspect),
      join_game: bucket(rates.join_game),
      reports: bucket(rates.reports),
      other: bucket(rates.other),
      bytes: bucket(rates.bytes),
      refusals: bucket(rates.refusals),
      light: bucket(LIGHT),
      mistakes: bucket(MISTAKES),
      pings: bucket(PINGS),
      nonMessages: bucket(NON_MESSAGES),
    };
    const parsers = conn.listeners('data');
    conn.removeAllListeners('data');
    this.#parse = (data) => {
      for (const parser of parsers) Reflect.apply(parser, conn, [data]);
    };
    conn.on('data', (data: unknown) => this.#take(data));
    conn.on('packet', ({ type }: { type: string }) => this.#countNonMessage(type));
    conn.on('upgrading', () => this.#countNonMessage('probe'));
    conn.once('close', (reason: unknown) => this.#onClose(reason));
    const webSocket = webSocketOf(conn.transport);
    if (webSocket === null) guardPayloads(conn.transport, (payload) => this.#mayUnpack(payload));
    else this.watch(webSocket._socket);
    this.#countPings();
    conn.on('upgrade', () => this.#countPings());
  }

  /** Holds back the TCP connection of a WebSocket: the transport itself, or one to which a polling session may or may not upgrade. */
  watch(tcp: Duplex): void {
    this.#gate = new ChunkGate({
      tcp,
      mayPass: (bytes) => this.#mayPass(bytes),
      held: () => this.#wait(),
    });
    if (this.#isOver) this.#gate.close();
  }

  /** Counts a refused message that an honest page would not have sent. A client that is refused too often is evicted. */
  countRefusal(): void {
    if (!this.#spend('mistakes')) this.#hostileUntilMs = this.#now() + HOSTILE_MS;
    if (!this.#spend('refusals')) this.evict('too many refused messages');
  }

  /** Disconnects the client, stops reading from it, and finally destroys the connection, whether the disconnect was read or not. */
  evict(why: string): void {
    if (this.#isOver) return;
    this.#end();
    if (this.listener === null) this.#conn.close();
    else this.listener.evicted(why);
    this.#gate?.hold(this.#penaltyMs);
  }

  get rank(): Rank {
    const nowMs = this.#now();
    if (nowMs < this.#hostileUntilMs) return 'hostile';
    return nowMs < this.#busyUntilMs ? 'busy' : 'burst';
  }

  next(): number {
    if (this.#isOver) return 0;
    if (this.#queue.length > 0) return this.#admitNext();
    if (this.#gate && !this.#gate.isEmpty) return this.#gate.passPiece();
    this.#waitedMs += this.#now() - (this.#waitingSinceMs ?? this.#now());
    this.#waitingSinceMs = null;
    this.#gate?.open();
    return 0;
  }

  get isWaiting(): boolean {
    return this.#waitingSinceMs !== null && !this.#isOver;
  }

  #admitNext(): number {
    const data = this.#queue.shift();
    const bytes = sizeOf(data);
    this.#queuedBytes -= bytes;
    this.#admit(data);
    return bytes;
  }

  /** Counts bytes read from the network. @returns whether they may pass now. */
  #mayPass(bytes: number): boolean {
    return this.#mayArrive(bytes) && !this.isWaiting && this.rank === 'burst';
  }

  /** Counts bytes before they form a message, because a message that never ends is a flood, too. */
  #mayArrive(bytes: number): boolean {
    this.#weigh(bytes / BYTES_PER_TOKEN);
    if (this.#spend('bytes', bytes)) return true;
    this.evict('data rate exceeded');
    return false;
  }

  #weigh(tokens: number): void {
    if (!this.#spend('light', tokens)) this.#busyUntilMs = this.#now() + BUSY_MS;
  }

  #wait(): void {
    if (this.#isOver) return;
    this.#waitingSinceMs ??= this.#now();
    this.#fairQueue.add(this);
  }

  #take(data: unknown): void {
    if (this.#isOver) return;
    const bytes = sizeOf(data);
    this.#weigh(1);
    if (this.#isLight()) return data === CLOSE_PACKET ? this.#admitClose() : this.#admit(data);
    this.#queue.push(data);
    this.#queuedBytes += bytes;
    if (this.#queue.length > MAX_QUEUED || this.#queuedBytes > MAX_QUEUED_BYTES)
      return this.evict('too much data waiting');
    this.#gate?.shut();
    this.#wait();
  }

  /** A turn of the event loop would be too late: a client that leaves ends the connection right after this packet. */
  #admitClose(): void {
    process.nextTick(() => {
      if (!this.#isOver) this.#admit(CLOSE_PACKET);
    });
  }

  #isLight(): boolean {
    if (this.isWaiting || this.rank !== 'burst') return false;
    const { loopTurn } = this.#fairQueue;
    this.#light = { loopTurn, count: this.#light.loopTurn === loopTurn ? this.#light.count + 1 : 1 };
    return this.#light.count <= LIGHT_PER_LOOP_TURN;
  }

  #admit(data: unknown): void {
    if (typeof data !== 'string') return this.#admitAttachment(data);
    if (this.#unfinished?.parts) return this.evict('event without its attachments');
    const message = readRawMessage(data);
    const { bucket, attachments } = message;
    const refusal = this.#refusalOf(message, data);
    const unfinished = {
      message,
      left: attachments,
      bytesLeft: MAX_EVENT_BYTES[bucket] - data.length,
      parts: refusal ? null : [data],
    };
    this.#unfinished = attachments > 0 ? unfinished : null;
    if (refusal) this.#refuse(message, refusal);
    else if (attachments === 0) this.#parse(data);
  }

  #refusalOf(message: RawMessage, data: string): Refusal | null {
    const { bucket, attachments } = message;
    if (!this.#spend(bucket)) return { code: 'rate-limited', message: 'too many messages' };
    if (bucket === 'join_game') this.#joinedInLoopTurn = this.#fairQueue.loopTurn;
    const isJoining = this.#joinedInLoopTurn === this.#fairQueue.loopTurn;
    if (PLAYERS_ONLY.has(bucket) && !this.isSeated && !isJoining) return NOT_JOINED;
    if (data.length > MAX_EVENT_BYTES[bucket]) return tooLarge(message);
    if (attachments > MAX_ATTACHMENTS) return badPayload(`expected at most ${MAX_ATTACHMENTS} attachments`);
    return isParseable(data) ? null : badPayload('nested too deeply, or too many members');
  }

  /** An event is parsed once all of it has arrived, because only then is its size known. */
  #admitAttachment(data: unknown): void {
    const event = this.#unfinished;
    if (event === null) return this.#parse(data);
    event.left -= 1;
    event.bytesLeft -= sizeOf(data);
    if (event.left === 0) this.#unfinished = null;
    if (event.parts === null) return;
    if (event.bytesLeft < 0) {
      event.parts = null;
      return this.#refuse(event.message, tooLarge(event.message));
    }
    event.parts.push(data);
    if (event.left === 0) event.parts.forEach(this.#parse);
  }

  #refuse({ event, ack }: RawMessage, refusal: Refusal): void {
    if (ack !== null) this.#conn.write(`3${ack}${JSON.stringify([refuse(refusal.code, refusal.message)])}`);
    this.listener?.refused(event ?? 'unknown', refusal);
    this.countRefusal();
  }

  #countNonMessage(type: string): void {
    if (type === 'message' || this.#isOver || this.#spend('nonMessages')) return;
    this.evict('too many packets that are not messages');
  }

  /** A polling client that was evicted, by us or by the parser, still arrives here until its next poll picks up the disconnect. */
  #mayUnpack(payload: string): boolean {
    if (this.#isOver || this.#conn.readyState !== 'open') return false;
    if (payload.split(PACKET_SEPARATOR, MAX_PACKETS + 1).length <= MAX_PACKETS)
      return this.#mayArrive(payload.length);
    this.evict('too many packets in one poll');
    return false;
  }

  #countPings(): void {
    webSocketOf(this.#conn.transport)?.on('ping', () => {
      if (!this.#isOver && !this.#spend('pings')) this.evict('too many pings');
    });
  }

  /** Takes tokens from a bucket. Buckets do not refill while the client waits, because a flood that is served slowly is still a flood. */
  #spend(bucket: BucketName, cost = 1): boolean {
    const restedMs = (this.#waitingSinceMs ?? this.#now()) - this.#waitedMs;
    return this.#buckets[bucket].take(restedMs, cost);
  }

  /** On `transport error` its WebSocket has evicted the client for too many fragments or too large a message. The connection is held as after our own eviction. */
  #onClose(reason: unknown): void {
    if (reason === 'transport error') this.#gate?.hold(this.#penaltyMs);
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#unfinished = null;
    this.#gate?.close();
    this.#fairQueue.remove(this);
  }
}

export const sizeOf = (data: unknown): number => {
  if (typeof data === 'string') return data.length;
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data.byteLength : 0;
};
