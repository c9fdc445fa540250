import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

import { type Id, keyOf, lookupKeys } from './ids';

/** The shortest token that a player may choose. A shorter one could be guessed. */
const MIN_TOKEN_LENGTH = 16;

export interface GameLimits {
  readonly playersPerGame: number;
  readonly maxGames: number;
  /** How long a seat is held after its player's socket has disconnected. */
  readonly seatHoldMs: number;
}

/** A player's place in a game. It outlives the socket that occupies it (`holder`, a socket id). */
export interface Seat {
  readonly game: Game;
  readonly playerId: Id;
  readonly resumeToken: string;
  holder: string | null;
  /** When the holder left; meaningful only while `holder` is null. */
  leftAt: number;
}

export interface Game {
  readonly id: Id;
  readonly seats: Map<string, Seat>;
  /** Whether its players have received `pyodide_game_ready`. */
  ready: boolean;
  /**
   * The seats that received `p2p_pause`, each with the socket that received it. Empty unless the game is paused. A page that reloads has another socket and must
   * be told again.
   */
  readonly paused: Map<Seat, string>;
}

export interface JoinRequest {
  readonly gameId: Id;
  readonly playerId: Id;
  /** The token of the seat to resume. A free seat takes this token as its own, so that the player knows it even if our answer is lost. */
  readonly resumeToken: string | null;
  readonly holder: string;
}

export type JoinResult =
  | {
      readonly ok: true;
      readonly seat: Seat;
      readonly resumed: boolean;
      /** The socket that lost the seat. */
      readonly replaced: string | null;
      /** Who receives `pyodide_game_ready`. */
      readonly announce: 'everyone' | 'joiner' | 'nobody';
    }
  | { readonly ok: false; readonly reason: 'seat-taken' | 'game-full' | 'server-full' };

/** The games and their seats. Knows sockets only by id. */
export class Games {
  readonly #games = new Map<string, Game>();
  readonly #seatByHolder = new Map<string, Seat>();
  /** Games in which every seat is empty, oldest first: those that never became ready, and those that did. */
  readonly #abandoned: Readonly<Record<'unready' | 'ready', Map<string, Game>>> = {
    unready: new Map(),
    ready: new Map(),
  };
  /** The seat that a socket left for another one. Only the latest of each socket is held. */
  readonly #formerSeat = new Map<string, Seat>();
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

  /** A socket may speak only for the seat that it occupies. */
  seatOf(holder: string): Seat | undefined {
    return this.#seatByHolder.get(holder);
  }

  /** Looks a player up by the id as given, as a string and as an integer. */
  find(game: Game, id: Id): Seat | undefined {
    for (const key of lookupKeys(id)) {
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
    return game === undefined ? refused('server-full') : this.#takeFreeSeat(game, request);
  }

  /** The socket has disconnected; its seat is held. */
  leave(holder: string): void {
    this.#formerSeat.delete(holder);
    const seat = this.#seatByHolder.get(holder);
    if (seat !== undefined) this.#vacate(seat, holder);
  }

  #vacate(seat: Seat, holder: string): void {
    this.#seatByHolder.delete(holder);
    seat.holder = null;
    seat.leftAt = this.#now();
    const { game } = seat;
    if (isDeserted(game)) this.#abandoned[game.ready ? 'ready' : 'unready'].set(keyOf(game.id), game);
  }

  /** A socket that moves from seat to seat leaves only one held seat behind. */
  #leaveFormerSeat(holder: string, next: Seat): void {
    const seat = this.#seatByHolder.get(holder);
    if (seat === undefined || seat === next) return;
    const former = this.#formerSeat.get(holder);
    this.#vacate(seat, holder);
    this.#formerSeat.set(holder, seat);
    if (former !== undefined && former !== next && former.holder === null) this.#forget(former);
  }

  #forget(seat: Seat): void {
    const { game } = seat;
    if (game.seats.get(keyOf(seat.playerId)) !== seat) return;
    game.seats.delete(keyOf(seat.playerId));
    game.paused.delete(seat);
    game.ready = false;
    if (game.seats.size === 0) this.#drop(game);
  }

  #drop(game: Game): void {
    // Another game may start under this id; a seat of this one must not count as a seat there.
    game.seats.clear();
    this.#games.delete(keyOf(game.id));
    this.#reclaim(game);
  }

  #reclaim(game: Game): void {
    for (const games of Object.values(this.#abandoned)) games.delete(keyOf(game.id));
  }

  /** Forgets seats whose hold has expired, and games without seats. */
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

  #takeFreeSeat(game: Game, request: JoinRequest): JoinResult {
    const seat: Seat = {
      game,
      playerId: request.playerId,
      resumeToken: isSecret(request.resumeToken)
        ? request.resumeToken
        : randomBytes(24).toString('base64url'),
      holder: null,
      leftAt: 0,
    };
    game.seats.set(keyOf(request.playerId), seat);
    return this.#occupy(seat, request.holder, false, null);
  }

  #occupy(seat: Seat, holder: string, resumed: boolean, replaced: string | null): JoinResult {
    this.#leaveFormerSeat(holder, seat);
    this.#reclaim(seat.game);
    seat.holder = holder;
    this.#seatByHolder.set(holder, seat);
    return { ok: true, seat, resumed, replaced, announce: this.#announcement(seat.game) };
  }

  #announcement(game: Game): 'everyone' | 'joiner' | 'nobody' {
    if (game.ready) return 'joiner';
    const complete = game.seats.size === this.#limits.playersPerGame;
    if (!complete || [...game.seats.values()].some((seat) => seat.holder === null)) return 'nobody';
    game.ready = true;
    game.paused.clear();
    return 'everyone';
  }

  #open(id: Id): Game | undefined {
    if (this.#games.size >= this.#limits.maxGames && !this.#makeRoom()) return undefined;
    const game: Game = { id, seats: new Map(), ready: false, paused: new Map() };
    this.#games.set(keyOf(id), game);
    return game;
  }

  // Drops the game that was abandoned first, preferably one that never became ready.
  #makeRoom(): boolean {
    const { unready, ready } = this.#abandoned;
    const game = firstOf(unready) ?? firstOf(ready);
    if (game === undefined) return false;
    this.#drop(game);
    return true;
  }

  #dropExpired(game: Game): void {
    const oldest = this.#now() - this.#limits.seatHoldMs;
    for (const seat of [...game.seats.values()])
      if (seat.holder === null && seat.leftAt <= oldest) this.#forget(seat);
  }
}

const firstOf = (games: ReadonlyMap<string, Game>): Game | undefined => {
  const [first] = games.values();
  return first;
};

const isDeserted = (game: Game): boolean => [...game.seats.values()].every((seat) => seat.holder === null);

const refused = (reason: 'seat-taken' | 'game-full' | 'server-full'): JoinResult => ({ ok: false, reason });

const isSecret = (token: string | null): token is string =>
  token !== null && token.length >= MIN_TOKEN_LENGTH;

// Hashed because `timingSafeEqual` needs equal lengths, whatever the client sent.
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const tokenMatches = (expected: string, given: string | null): boolean =>
  given !== null && timingSafeEqual(digest(expected), digest(given));
