import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import { type Id, keyOf, keysFor } from './ids';

export interface GameLimits {
  readonly playersPerGame: number;
  readonly maxGames: number;
  /** How long the seat of a player who dropped out waits for their resume token. */
  readonly seatHoldMs: number;
}

/** A player's place in a game. It outlives the socket that sits in it (`holder`, a socket id). */
export interface Seat {
  readonly game: Game;
  readonly playerId: Id;
  readonly resumeToken: string;
  holder: string | null;
  /** When it was left; meaningful while `holder` is null. */
  leftAt: number;
}

export interface Game {
  readonly id: Id;
  readonly seats: Map<string, Seat>;
  /** Told to its players: each seat was taken at once. */
  ready: boolean;
  paused: boolean;
}

export interface JoinRequest {
  readonly gameId: Id;
  readonly playerId: Id;
  readonly resumeToken: string | null;
  readonly holder: string;
}

export type JoinResult =
  | {
      readonly ok: true;
      readonly seat: Seat;
      readonly resumed: boolean;
      /** The socket that had to give way. */
      readonly replaced: string | null;
      /** Who is to hear that the game is ready. */
      readonly announce: 'everyone' | 'joiner' | 'nobody';
    }
  | { readonly ok: false; readonly reason: 'seat-taken' | 'game-full' | 'server-full' };

/** Games and who sits in them. Knows sockets by id alone; the clock is handed in. */
export class Games {
  readonly #games = new Map<string, Game>();
  readonly #seatByHolder = new Map<string, Seat>();
  readonly #limits: GameLimits;
  readonly #now: () => number;

  constructor(limits: GameLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  get size(): number {
    return this.#games.size;
  }

  get seated(): number {
    return this.#seatByHolder.size;
  }

  /** Every socket that sits in a seat may speak for exactly that seat. */
  seatOf(holder: string): Seat | undefined {
    return this.#seatByHolder.get(holder);
  }

  /** A player of this game, by the id as given, as a string, as an integer. */
  find(game: Game, id: Id): Seat | undefined {
    for (const key of keysFor(id)) {
      const seat = game.seats.get(key);
      if (seat !== undefined) return seat;
    }
    return undefined;
  }

  join(request: JoinRequest): JoinResult {
    const known = this.#games.get(keyOf(request.gameId));
    if (known !== undefined) this.#dropExpired(known);
    const held = known?.seats.get(keyOf(request.playerId));
    if (held !== undefined) return this.#resume(held, request);
    if (known !== undefined && known.seats.size >= this.#limits.playersPerGame) return refused('game-full');
    const game = this.#games.get(keyOf(request.gameId)) ?? this.#open(request.gameId);
    return game === undefined ? refused('server-full') : this.#sitDown(game, request);
  }

  /** The socket is gone; its seat is held. */
  leave(holder: string): void {
    const seat = this.#seatByHolder.get(holder);
    if (seat === undefined) return;
    this.#seatByHolder.delete(holder);
    seat.holder = null;
    seat.leftAt = this.#now();
  }

  /** Forgets seats whose hold ran out, and games in which nobody is left. */
  reap(): void {
    for (const game of this.#games.values()) this.#dropExpired(game);
  }

  #resume(seat: Seat, request: JoinRequest): JoinResult {
    const same = seat.holder === request.holder;
    if (!same && !tokenMatches(seat.resumeToken, request.resumeToken)) return refused('seat-taken');
    const replaced = same ? null : seat.holder;
    if (replaced !== null) this.#seatByHolder.delete(replaced);
    return this.#occupy(seat, request.holder, true, replaced);
  }

  #sitDown(game: Game, request: JoinRequest): JoinResult {
    const seat: Seat = {
      game,
      playerId: request.playerId,
      resumeToken: randomBytes(24).toString('base64url'),
      holder: null,
      leftAt: 0,
    };
    game.seats.set(keyOf(request.playerId), seat);
    return this.#occupy(seat, request.holder, false, null);
  }

  #occupy(seat: Seat, holder: string, resumed: boolean, replaced: string | null): JoinResult {
    if (this.#seatByHolder.get(holder) !== seat) this.leave(holder);
    seat.holder = holder;
    this.#seatByHolder.set(holder, seat);
    return { ok: true, seat, resumed, replaced, announce: this.#announcement(seat.game) };
  }

  #announcement(game: Game): 'everyone' | 'joiner' | 'nobody' {
    if (game.ready) return 'joiner';
    const complete = game.seats.size === this.#limits.playersPerGame;
    if (!complete || [...game.seats.values()].some((seat) => seat.holder === null)) return 'nobody';
    game.ready = true;
    game.paused = false;
    return 'everyone';
  }

  #open(id: Id): Game | undefined {
    if (this.#games.size >= this.#limits.maxGames && !this.#makeRoom()) return undefined;
    const game: Game = { id, seats: new Map(), ready: false, paused: false };
    this.#games.set(keyOf(id), game);
    return game;
  }

  // Under pressure a game that never began and in which nobody sits is the first to go.
  #makeRoom(): boolean {
    for (const [key, game] of this.#games) {
      if (game.ready || [...game.seats.values()].some((seat) => seat.holder !== null)) continue;
      return this.#games.delete(key);
    }
    return false;
  }

  #dropExpired(game: Game): void {
    const oldest = this.#now() - this.#limits.seatHoldMs;
    for (const [key, seat] of game.seats) {
      if (seat.holder !== null || seat.leftAt > oldest) continue;
      game.seats.delete(key);
      game.ready = false;
      game.paused = false;
    }
    if (game.seats.size === 0) this.#games.delete(keyOf(game.id));
  }
}

const refused = (reason: 'seat-taken' | 'game-full' | 'server-full'): JoinResult => ({ ok: false, reason });

// Hashed first: equal lengths for the comparison, whatever the stranger sent.
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const tokenMatches = (expected: string, given: string | null): boolean =>
  given !== null && timingSafeEqual(digest(expected), digest(given));
