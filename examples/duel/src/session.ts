import type { Socket } from 'socket.io-client';
import { loadSeat, type PlayerId, releaseSeat, type StoredSeat, saveSeat } from './seat-storage';

export interface TurnConfig {
  readonly username: string;
  readonly credential: string;
  readonly force_relay: boolean;
  readonly urls?: readonly string[];
}

export type SessionPhase =
  | 'connecting'
  | 'unreachable'
  | 'waiting'
  | 'ready'
  | 'game-full'
  | 'seat-taken'
  | 'replaced'
  | 'refused'
  | 'left';

type Refusal = { readonly ok: false; readonly error: { readonly code: string } };
type JoinReply = { readonly ok: true } | Refusal;
type TurnReply = { readonly ok: true; readonly turn_config: TurnConfig | null } | Refusal;

interface GameReady {
  readonly game_id: string;
  readonly turn_config: TurnConfig | null;
}

export interface SessionOptions {
  readonly socket: Socket;
  readonly gameId: string;
  /** The seat that the address names; null takes any free seat. */
  readonly wanted: PlayerId | null;
  readonly onPhase: (phase: SessionPhase) => void;
  readonly onReady: (turn: TurnConfig | null) => void;
  readonly onData: (data: unknown) => void;
}

const ANSWER_TIMEOUT_MS = 5000;
/** How many reports wait during an outage of the relay; the oldest are dropped. */
const MAX_WAITING_REPORTS = 100;

/** Our seat in a game at the relay. It survives reloads and lost sockets, because we choose its token before we join. */
export class Session {
  readonly socket: Socket;
  readonly #options: SessionOptions;
  #memory: StoredSeat;
  #playerId: PlayerId | null = null;
  /** Set once all players are there. The event arrives together with the acknowledgement of the join, and is handled before it. */
  #ready: GameReady | null = null;
  #isSeated = false;
  readonly #reports: [event: string, payload: Record<string, unknown>][] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.socket = options.socket;
    this.#memory = loadSeat(options.gameId);
    this.socket.on('connect', () => void this.#join());
    this.socket.on('connect_error', () => options.onPhase('unreachable'));
    this.socket.on('disconnect', (reason) => this.#onDisconnect(reason));
    this.socket.on('pyodide_game_ready', (ready: GameReady) => {
      if (ready.game_id !== options.gameId) return;
      this.#ready = ready;
      if (this.#playerId !== null) this.#begin(ready);
    });
    this.socket.on('game_data', (message: { game_id: string; data: unknown }) => {
      if (message.game_id === options.gameId) options.onData(message.data);
    });
  }

  get playerId(): PlayerId | null {
    return this.#playerId;
  }

  sendData(data: Uint8Array<ArrayBuffer> | string): boolean {
    if (!this.socket.connected) return false;
    // Packets repeat their inputs, so one that would have to wait is dropped. A text is sent only once, so it must arrive.
    const socket = typeof data === 'string' ? this.socket : this.socket.volatile;
    socket.emit('game_data', { game_id: this.#options.gameId, data });
    return true;
  }

  /** Reports wait until we have a seat: Socket.IO would send its buffer before we join, and the relay would refuse it. */
  report(event: string, payload: Record<string, unknown>): void {
    this.#reports.push([event, payload]);
    if (this.#reports.length > MAX_WAITING_REPORTS) this.#reports.shift();
    this.#sendReports();
  }

  /** Asks for fresh TURN credentials; rejects if the relay refuses. */
  async askTurnConfig(): Promise<TurnConfig | null> {
    const reply: TurnReply = await this.socket
      .timeout(ANSWER_TIMEOUT_MS)
      .emitWithAck('holdfast_turn_config', {});
    if (!reply.ok) throw new Error(reply.error.code);
    return reply.turn_config;
  }

  leave(): void {
    this.socket.disconnect();
    this.#options.onPhase('left');
  }

  /** Call it when the page goes away: unless it comes back, the next tab may take our seat. */
  releaseSeat(): void {
    if (this.#playerId !== null) releaseSeat(this.#options.gameId, this.#memory);
  }

  async #join(): Promise<void> {
    this.#ready = null;
    this.#options.onPhase('connecting');
    let code = 'refused';
    for (const seat of this.#seatsToTry()) {
      const reply = await this.#ask(seat);
      // The answer is lost with the connection; the next connection joins again.
      if (!this.socket.connected) return;
      if (reply === null) break;
      if (reply.ok) {
        this.#onSeated(seat);
        return;
      }
      code = reply.error.code;
    }
    this.#refused(code);
  }

  /** Our seat from before a reload comes first, because the other one may be free by now. */
  #seatsToTry(): readonly PlayerId[] {
    const only = this.#playerId ?? this.#options.wanted;
    if (only !== null) return [only];
    return this.#memory.seat === '2' ? ['2', '1'] : ['1', '2'];
  }

  async #ask(seat: PlayerId): Promise<JoinReply | null> {
    const request = { game_id: this.#options.gameId, player_id: seat, resume_token: this.#memory.token };
    try {
      const reply: JoinReply = await this.socket.timeout(ANSWER_TIMEOUT_MS).emitWithAck('join_game', request);
      return reply;
    } catch {
      return null;
    }
  }

  #onSeated(seat: PlayerId): void {
    const isNew = this.#playerId === null;
    this.#playerId = seat;
    this.#memory = { ...this.#memory, seat };
    saveSeat(this.#options.gameId, this.#memory);
    this.#isSeated = true;
    this.#sendReports();
    if (this.#ready === null) this.#options.onPhase('waiting');
    else if (isNew) this.#begin(this.#ready);
  }

  #sendReports(): void {
    if (!this.#isSeated) return;
    for (const [event, payload] of this.#reports.splice(0)) this.socket.emit(event, payload);
  }

  #begin(ready: GameReady): void {
    this.#options.onPhase('ready');
    this.#options.onReady(ready.turn_config);
  }

  /** Without a requested seat, both seats were tried. */
  #refused(code: string): void {
    const taken = code === 'seat-taken' && this.#options.wanted !== null;
    const full = code === 'seat-taken' || code === 'game-full';
    this.#options.onPhase(taken ? 'seat-taken' : full ? 'game-full' : 'refused');
    this.socket.disconnect();
  }

  #onDisconnect(reason: string): void {
    this.#isSeated = false;
    if (reason === 'io client disconnect') return;
    const replaced = reason === 'io server disconnect';
    if (replaced) this.#playerId = null;
    this.#options.onPhase(replaced ? 'replaced' : 'unreachable');
  }
}
