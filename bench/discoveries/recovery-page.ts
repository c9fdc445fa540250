/**
 * The page's half of the recovery measurements: bare peer connections, and the strategies that are compared.
 * Many sessions live on one page and go through the same outage, each with a strategy of its own.
 */
import { io } from 'socket.io-client';
import { type Part, parseStrategy } from './strategy.js';

export type Role = 'a' | 'b';

type Signal = { readonly session: string; readonly connection: number } & (
  | { readonly kind: 'offer' | 'answer'; readonly sdp: string }
  | { readonly kind: 'candidate'; readonly candidate: RTCIceCandidateInit }
);

export interface Report {
  /** Milliseconds after the heal; null if no fresh data arrived. */
  readonly firstFreshMs: number | null;
  readonly onConnection: number | null;
  readonly connections: number;
  /** Messages older than 500 ms that were delivered after the cut. */
  readonly stale: number;
  readonly states: string;
}

const SEND_INTERVAL_MS = 16;
const SUSPICION_MS = 800;
const FRESH_MS = 500;
const TICK_MS = 50;

interface Connection {
  readonly number: number;
  readonly pc: RTCPeerConnection;
  readonly channel: RTCDataChannel;
  /** Candidates are signalled only for generations whose description was signalled. */
  readonly toldUfrags: Set<string>;
}

class Session {
  readonly #connections = new Map<number, Connection>();
  readonly #parts: readonly Part[];
  readonly #due = new Map<Part, number>();
  #work: Promise<void> = Promise.resolve();
  #highest = 0;
  #main = 0;
  #lastHeard = 0;
  #suspectSince = 0;
  #receipts: (readonly [at: number, sentAt: number, connection: number])[] = [];

  constructor(
    readonly id: string,
    readonly role: Role,
    strategy: string,
    readonly configuration: RTCConfiguration,
    readonly emit: (signal: Signal) => void,
  ) {
    this.#parts = parseStrategy(strategy);
  }

  connect(): void {
    this.#enqueue(() => this.#offerFresh());
  }

  get heard(): boolean {
    return this.#lastHeard > 0;
  }

  handle(signal: Signal): void {
    this.#enqueue(() => this.#handle(signal));
  }

  send(): void {
    for (const { channel } of this.#connections.values()) {
      if (channel.readyState === 'open') channel.send(String(Date.now()));
    }
  }

  forgetReceipts(): void {
    this.#receipts = [];
  }

  tick(): void {
    const now = Date.now();
    const silent = this.heard && now - this.#lastHeard > SUSPICION_MS;
    if (!silent) {
      this.#suspectSince = 0;
      this.#due.clear();
      return;
    }
    if (this.#suspectSince === 0) this.#suspectSince = now;
    for (const part of this.#parts) {
      if (!part.sides.includes(this.role)) continue;
      const due = this.#due.get(part) ?? this.#suspectSince + part.delayMs;
      if (now < due) continue;
      this.#due.set(part, now + part.periodMs);
      this.#enqueue(() => this.#play(part));
    }
  }

  report(healedAt: number): Report {
    const fresh = this.#receipts.find(([at, sentAt]) => at >= healedAt && at - sentAt < FRESH_MS);
    return {
      firstFreshMs: fresh === undefined ? null : fresh[0] - healedAt,
      onConnection: fresh?.[2] ?? null,
      connections: this.#highest,
      stale: this.#receipts.filter(([at, sentAt]) => at - sentAt >= FRESH_MS).length,
      states: [...this.#connections.values()]
        .map(({ number, pc, channel }) => {
          return `${number}:${pc.connectionState}/${pc.iceConnectionState}/${pc.signalingState}/${channel.readyState}`;
        })
        .join(' '),
    };
  }

  #enqueue(job: () => Promise<void>): void {
    this.#work = this.#work.then(job).catch((error: unknown) => console.log(`${this.id}: ${String(error)}`));
  }

  async #play(part: Part): Promise<void> {
    if (part.kind === 'fresh' || part.kind === 'relay') {
      await this.#offerFresh();
      return;
    }
    const main = this.#connections.get(this.#main);
    if (main === undefined || main.pc.signalingState === 'closed') return;
    const { pc } = main;
    if (part.kind === 'restart') {
      if (pc.signalingState === 'have-local-offer') await pc.setLocalDescription({ type: 'rollback' });
      await this.#offer(main, true);
      return;
    }
    if (pc.signalingState === 'have-local-offer') await pc.setLocalDescription({ type: 'rollback' });
    if (pc.signalingState !== 'stable') return;
    await pc.setLocalDescription(await pc.createOffer({ iceRestart: true }));
    if (part.kind === 'hold') await pc.setLocalDescription({ type: 'rollback' });
  }

  async #offerFresh(): Promise<void> {
    const connection = this.#create(this.#highest + 1);
    await this.#offer(connection, false);
  }

  #create(number: number): Connection {
    this.#closeRaces();
    this.#highest = number;
    const relayed = number > 1 && this.#parts.some(({ kind }) => kind === 'relay');
    const pc = new RTCPeerConnection({
      ...this.configuration,
      iceTransportPolicy: relayed ? 'relay' : 'all',
    });
    const channel = pc.createDataChannel('game', {
      ordered: false,
      maxPacketLifeTime: 250,
      negotiated: true,
      id: 0,
    });
    const connection: Connection = { number, pc, channel, toldUfrags: new Set() };
    this.#connections.set(number, connection);
    channel.onopen = () => channel.send(String(Date.now()));
    channel.onmessage = (event) => this.#hear(number, Number(event.data));
    pc.onicecandidate = ({ candidate }) => {
      if (candidate === null || !connection.toldUfrags.has(candidate.usernameFragment ?? '')) return;
      this.emit({ session: this.id, connection: number, kind: 'candidate', candidate: candidate.toJSON() });
    };
    return connection;
  }

  /** The old link and the newest races are kept. */
  #closeRaces(): void {
    const races = [...this.#connections.keys()]
      .filter((number) => number !== this.#main)
      .sort((x, y) => y - x);
    const kept = Math.max(1, ...this.#parts.map((part) => part.races)) - 1;
    for (const number of races.slice(kept)) {
      this.#connections.get(number)?.pc.close();
      this.#connections.delete(number);
    }
  }

  #hear(number: number, sentAt: number): void {
    const at = Date.now();
    this.#lastHeard = at;
    if (number > this.#main) this.#main = number;
    this.#receipts.push([at, sentAt, number]);
  }

  async #offer(connection: Connection, iceRestart: boolean): Promise<void> {
    const { pc } = connection;
    const offer = await pc.createOffer({ iceRestart });
    this.#tell(connection, offer);
    await pc.setLocalDescription(offer);
  }

  #tell(connection: Connection, description: RTCSessionDescriptionInit): void {
    const { type, sdp = '' } = description;
    if (type !== 'offer' && type !== 'answer') return;
    for (const [, ufrag = ''] of sdp.matchAll(/a=ice-ufrag:(\S+)/g)) connection.toldUfrags.add(ufrag);
    this.emit({ session: this.id, connection: connection.number, kind: type, sdp });
  }

  async #handle(signal: Signal): Promise<void> {
    let connection = this.#connections.get(signal.connection);
    if (connection === undefined) {
      if (signal.kind !== 'offer' || signal.connection <= this.#highest) return;
      connection = this.#create(signal.connection);
    }
    const { pc } = connection;
    if (signal.kind === 'candidate') {
      await pc.addIceCandidate(signal.candidate).catch(() => undefined);
      return;
    }
    if (signal.kind === 'answer') {
      if (pc.signalingState === 'have-local-offer')
        await pc.setRemoteDescription({ type: 'answer', sdp: signal.sdp });
      return;
    }
    await pc.setRemoteDescription({ type: 'offer', sdp: signal.sdp });
    const answer = await pc.createAnswer();
    this.#tell(connection, answer);
    await pc.setLocalDescription(answer);
  }
}

const sessions = new Map<string, Session>();
let joined = false;

function start(
  role: Role,
  strategies: Readonly<Record<string, string>>,
  configuration: RTCConfiguration,
): void {
  const socket = io({ transports: ['websocket'] });
  const other: Role = role === 'a' ? 'b' : 'a';
  const emit = (payload: Signal): void => {
    socket.emit('webrtc_signal', { game_id: 'bench', target_player_id: other, type: 'bench', payload });
  };
  for (const [id, strategy] of Object.entries(strategies)) {
    sessions.set(id, new Session(id, role, strategy, configuration, emit));
  }
  socket.on('webrtc_signal', ({ payload }: { payload: Signal }) =>
    sessions.get(payload.session)?.handle(payload),
  );
  socket.emit('join_game', { game_id: 'bench', player_id: role }, () => {
    joined = true;
  });
  setInterval(() => {
    for (const session of sessions.values()) session.send();
  }, SEND_INTERVAL_MS);
  setInterval(() => {
    for (const session of sessions.values()) session.tick();
  }, TICK_MS);
}

const handle = {
  start,
  isJoined: () => joined,
  connect: () => {
    for (const session of sessions.values()) session.connect();
  },
  allHeard: () => [...sessions.values()].every((session) => session.heard),
  forgetReceipts: () => {
    for (const session of sessions.values()) session.forgetReceipts();
  },
  reports: (healedAt: number): Record<string, Report> =>
    Object.fromEntries([...sessions].map(([id, session]) => [id, session.report(healedAt)])),
};

declare global {
  var bench: Bench;
}
export type Bench = typeof handle;
globalThis.bench = handle;
