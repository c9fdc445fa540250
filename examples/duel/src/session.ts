import type { Socket } from 'socket.io-client';
import { leaveSeatBehind, type PlayerId, recallSeat, rememberSeat, type SeatMemory } from './seat-memory';

export interface TurnConfig {
  readonly username: string;
  readonly credential: string;
  readonly force_relay: boolean;
  readonly urls?: readonly string[];
}

export type SessionPhase =
  | 'reaching'
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
  /** The seat that the address asks for; without one whichever is free. */
  readonly wanted: PlayerId | null;
  readonly onPhase: (phase: SessionPhase) => void;
  readonly onReady: (turn: TurnConfig | null) => void;
  readonly onData: (data: unknown) => void;
}

const ANSWER_TIMEOUT_MS = 5000;
/** What an outage of the relay leaves to be told; the oldest are forgotten first. */
const MAX_WAITING_REPORTS = 100;

/** Our seat in a game at the relay: taken once, kept over reloads and dropped sockets by a token that is ours from before we join. */
export class Session {
  readonly socket: Socket;
  readonly #options: SessionOptions;
  #memory: SeatMemory;
  #playerId: PlayerId | null = null;
  /** That all are there: told in the same turn as the join is acknowledged, and handled before it. */
  #ready: GameReady | null = null;
  #isSeated = false;
  readonly #reports: [event: string, payload: Record<string, unknown>][] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.socket = options.socket;
    this.#memory = recallSeat(options.gameId);
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
    // Packets repeat themselves: one that has to wait is worth nothing. A word is said once.
    const socket = typeof data === 'string' ? this.socket : this.socket.volatile;
    socket.emit('game_data', { game_id: this.#options.gameId, data });
    return true;
  }

  /** Reports wait for our seat: what Socket.IO keeps while it is away comes before we join, and the relay refuses it. */
  report(event: string, payload: Record<string, unknown>): void {
    this.#reports.push([event, payload]);
    if (this.#reports.length > MAX_WAITING_REPORTS) this.#reports.shift();
    this.#sendReports();
  }

  /** Fresh ones; rejects where the relay does not give any. */
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

  /** The page goes away: where it is not to come back, our seat is for the tab that is opened next. */
  leaveSeatBehind(): void {
    if (this.#playerId !== null) leaveSeatBehind(this.#options.gameId, this.#memory);
  }

  async #join(): Promise<void> {
    this.#ready = null;
    this.#options.onPhase('reaching');
    let code = 'refused';
    for (const seat of this.#seatsToTry()) {
      const reply = await this.#ask(seat);
      // Its answer is lost with the connection; the next one joins again.
      if (!this.socket.connected) return;
      if (reply === null) break;
      if (reply.ok) {
        this.#sitDown(seat);
        return;
      }
      code = reply.error.code;
    }
    this.#refused(code);
  }

  /** The seat that we had before a reload comes first: the other one may be free by now. */
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

  #sitDown(seat: PlayerId): void {
    const isNew = this.#playerId === null;
    this.#playerId = seat;
    this.#memory = { ...this.#memory, seat };
    rememberSeat(this.#options.gameId, this.#memory);
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

  /** Without a wish both seats were tried. */
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
