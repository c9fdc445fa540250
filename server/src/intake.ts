import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';

import { ChunkGate } from './chunk-gate';
import { NOT_JOINED, type Refusal, refuse } from './protocol';
import { type Rate, type RateLimits, TokenBucket } from './rate-limit';
import {
  type EventBucket,
  isParseable,
  MAX_EVENT_BYTES,
  type RawMessage,
  readRawMessage,
} from './raw-message';
import type { Rank, SlowLane, Waiting } from './slow-lane';
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
  readonly lane: SlowLane;
  readonly rates: RateLimits;
  /** How long a client that was thrown out is held, unread: it would come back at once, and a handshake costs more than an idle socket. */
  readonly penaltyMs: number;
  readonly now: () => number;
}

/** Who hears what became of the messages: the socket, as soon as there is one. */
export interface IntakeListener {
  refused(event: string, refusal: Refusal): void;
  evicted(why: string): void;
}

type BucketName = keyof RateLimits | 'light' | 'mistakes' | 'pings' | 'heartbeats';

/** Who sends no more than this is no flood: some restarts' candidates, and a health report, ping and signal now and then. */
const LIGHT: Rate = { perSecond: 20, burst: 200 };
/** How long a client that sent more than that counts as busy. */
const BUSY_MS = 5_000;
/**
 * How many refusals an honest page may cause. One that first sends what it buffered in an outage, before it joins again, exceeds this: it is served last
 * for a while, and nothing worse.
 */
const MISTAKES: Rate = { perSecond: 2, burst: 50 };
/** How long a client that was refused more than that counts as hostile. */
const HOSTILE_MS = 10_000;
/** How many messages of one socket are handled at once in one turn of the event loop. Those beyond take turns with those of others. */
const LIGHT_PER_LOOP = 3;
/** Of the allowance {@link LIGHT} a message costs one token, and each so many bytes one more. */
const BYTES_PER_TOKEN = 4 * 1024;
/** Waits for a tick: Socket.IO hands an event on a tick later, and not to a socket that has left by then. A game says its last words right before. */
const GOODBYE = '1';
/** Browsers send no WebSocket pings, proxies few. */
const PINGS: Rate = { perSecond: 1, burst: 20 };
/** What is no message: a page answers each of our pings, and closes once. */
const HEARTBEATS: Rate = { perSecond: 100, burst: 1_000 };
/** Of one poll. Its bytes are bounded, and with events in it there are fewer. */
const MAX_PACKETS = 8_000;
const PACKET_SEPARATOR = '\x1e';
/** What may wait for one socket. A piece of a chunk holds less; only long polling, which cannot be slowed down, can bring more. */
const MAX_QUEUED = 20_000;
const MAX_QUEUED_BYTES = 1024 * 1024;
/** As many as Socket.IO's parser takes; it ends the connection of who announces more. */
const MAX_ATTACHMENTS = 10;
const PLAYERS_ONLY: ReadonlySet<EventBucket> = new Set(['webrtc_signal', 'game_data', 'reports']);

/** An event whose attachments are still to come. */
interface Unfinished {
  readonly message: RawMessage;
  left: number;
  bytesLeft: number;
  /** Its text and the attachments so far; null where it is refused, and what is left of it thrown away. */
  parts: unknown[] | null;
}

const badPayload = (message: string): Refusal => ({ code: 'bad-payload', message: `payload: ${message}` });
const tooLarge = ({ bucket }: RawMessage): Refusal =>
  badPayload(`expected at most ${MAX_EVENT_BYTES[bucket]} bytes`);

/**
 * Stands between the transport and Socket.IO's parser. Who sends little is served at once. Who sends more takes turns with all
 * others who do, and is not read from meanwhile, so that TCP slows the sender down. Rates and sizes are checked before anything is parsed.
 */
export class Intake implements Waiting {
  listener: IntakeListener | null = null;
  /** Whether its socket sits in a game; what only a player may send is not even read before. */
  isSeated = false;
  readonly #conn: EngineConnection;
  readonly #lane: SlowLane;
  readonly #penaltyMs: number;
  readonly #now: () => number;
  readonly #buckets: Readonly<Record<BucketName, TokenBucket>>;
  readonly #parse: (data: unknown) => void;
  #queue: unknown[] = [];
  #queuedBytes = 0;
  /** Since when it waits for its turn; null where it does not. */
  #waitsSinceMs: number | null = null;
  #waitedMs = 0;
  /** Holds the TCP connection of its WebSocket back; null where there is long polling alone. */
  #gate: ChunkGate | null = null;
  #isOver = false;
  #busyUntilMs = 0;
  #hostileUntilMs = 0;
  #light = { loop: -1, count: 0 };
  /** The turn of the event loop in which it last asked to join: Socket.IO hands that on a tick later, and in order what came right behind it. */
  #joinsInLoop = -1;
  #unfinished: Unfinished | null = null;

  constructor({ conn, lane, rates, penaltyMs, now }: IntakeOptions) {
    this.#conn = conn;
    this.#lane = lane;
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
      heartbeats: bucket(HEARTBEATS),
    };
    const parsers = conn.listeners('data');
    conn.removeAllListeners('data');
    this.#parse = (data) => {
      for (const parser of parsers) Reflect.apply(parser, conn, [data]);
    };
    conn.on('data', (data: unknown) => this.#take(data));
    conn.on('packet', ({ type }: { type: string }) => this.#countHeartbeat(type));
    conn.on('upgrading', () => this.#countHeartbeat('probe'));
    conn.once('close', (reason: unknown) => this.#onClose(reason));
    const webSocket = webSocketOf(conn.transport);
    if (webSocket === null) guardPayloads(conn.transport, (payload) => this.#mayUnpack(payload));
    else this.watch(webSocket._socket);
    this.#countPings();
    conn.on('upgrade', () => this.#countPings());
  }

  /** Holds the TCP connection of a WebSocket back: of the transport, or of one beside it that may take its place, or never does. */
  watch(tcp: Duplex): void {
    this.#gate = new ChunkGate({
      tcp,
      mayPass: (bytes) => this.#mayPass(bytes),
      held: () => this.#wait(),
    });
    if (this.#isOver) this.#gate.close();
  }

  /** A message was refused that an honest page would not have sent; who goes on being refused is thrown out. */
  spendRefusal(): void {
    if (!this.#spend('mistakes')) this.#hostileUntilMs = this.#now() + HOSTILE_MS;
    if (!this.#spend('refusals')) this.evict('is refused too often');
  }

  /** Says goodbye, stops listening, and in the end cuts the connection whether the goodbye was read or not. */
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
    this.#waitedMs += this.#now() - (this.#waitsSinceMs ?? this.#now());
    this.#waitsSinceMs = null;
    this.#gate?.open();
    return 0;
  }

  get isWaiting(): boolean {
    return this.#waitsSinceMs !== null && !this.#isOver;
  }

  #admitNext(): number {
    const data = this.#queue.shift();
    const bytes = sizeOf(data);
    this.#queuedBytes -= bytes;
    this.#admit(data);
    return bytes;
  }

  /** Counts what the network has read. @returns whether it may pass now. */
  #mayPass(bytes: number): boolean {
    return this.#mayArrive(bytes) && !this.isWaiting && this.rank === 'burst';
  }

  /** Counts bytes before they are a message: one that never ends is a flood, too. */
  #mayArrive(bytes: number): boolean {
    this.#weigh(bytes / BYTES_PER_TOKEN);
    if (this.#spend('bytes', bytes)) return true;
    this.evict('sends too much');
    return false;
  }

  #weigh(tokens: number): void {
    if (!this.#spend('light', tokens)) this.#busyUntilMs = this.#now() + BUSY_MS;
  }

  #wait(): void {
    if (this.#isOver) return;
    this.#waitsSinceMs ??= this.#now();
    this.#lane.add(this);
  }

  #take(data: unknown): void {
    if (this.#isOver) return;
    const bytes = sizeOf(data);
    this.#weigh(1);
    if (this.#isLight()) return data === GOODBYE ? this.#admitGoodbye() : this.#admit(data);
    this.#queue.push(data);
    this.#queuedBytes += bytes;
    if (this.#queue.length > MAX_QUEUED || this.#queuedBytes > MAX_QUEUED_BYTES)
      return this.evict('sends too much at once');
    this.#gate?.shut();
    this.#wait();
  }

  /** A turn would be too late: who leaves ends the connection right behind. */
  #admitGoodbye(): void {
    process.nextTick(() => {
      if (!this.#isOver) this.#admit(GOODBYE);
    });
  }

  #isLight(): boolean {
    if (this.isWaiting || this.rank !== 'burst') return false;
    const { loop } = this.#lane;
    this.#light = { loop, count: this.#light.loop === loop ? this.#light.count + 1 : 1 };
    return this.#light.count <= LIGHT_PER_LOOP;
  }

  #admit(data: unknown): void {
    if (typeof data !== 'string') return this.#admitAttachment(data);
    if (this.#unfinished?.parts) return this.evict('breaks off an event');
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
    if (bucket === 'join_game') this.#joinsInLoop = this.#lane.loop;
    const isJoining = this.#joinsInLoop === this.#lane.loop;
    if (PLAYERS_ONLY.has(bucket) && !this.isSeated && !isJoining) return NOT_JOINED;
    if (data.length > MAX_EVENT_BYTES[bucket]) return tooLarge(message);
    if (attachments > MAX_ATTACHMENTS) return badPayload(`expected at most ${MAX_ATTACHMENTS} attachments`);
    return isParseable(data) ? null : badPayload('too deep, or too many members');
  }

  /** An event is parsed when all of it is here: only then is it known whether it is too large. */
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
    this.spendRefusal();
  }

  #countHeartbeat(type: string): void {
    if (type === 'message' || this.#isOver || this.#spend('heartbeats')) return;
    this.evict('sends too much that is no message');
  }

  /** Who was thrown out, by us or by the parser, is still heard until the next poll takes the goodbye along. */
  #mayUnpack(payload: string): boolean {
    if (this.#isOver || this.#conn.readyState !== 'open') return false;
    if (payload.split(PACKET_SEPARATOR, MAX_PACKETS + 1).length <= MAX_PACKETS)
      return this.#mayArrive(payload.length);
    this.evict('sends too much at once');
    return false;
  }

  #countPings(): void {
    webSocketOf(this.#conn.transport)?.on('ping', () => {
      if (!this.#isOver && !this.#spend('pings')) this.evict('pings too much');
    });
  }

  /** Takes tokens from an allowance. It does not refill while the client waits: a flood that is served slowly is a flood all the same. */
  #spend(bucket: BucketName, cost = 1): boolean {
    const restedMs = (this.#waitsSinceMs ?? this.#now()) - this.#waitedMs;
    return this.#buckets[bucket].take(restedMs, cost);
  }

  /** `transport error`: its WebSocket has thrown the client out, for too many fragments or a message that is too large. It is held as if we had. */
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
    this.#lane.remove(this);
  }
}

export const sizeOf = (data: unknown): number => {
  if (typeof data === 'string') return data.length;
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data.byteLength : 0;
};
