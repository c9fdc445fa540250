export type Id = string | number;

/** A player's place in a game. It outlives the connection that occupies it. */
export interface Seat<Holder> {
  readonly game: Game<Holder>;
  readonly player: Id;
  readonly token: string;
  holder: Holder | null;
  /** When the holder left; meaningful only while `holder` is null. */
  leftAtMs: number;
}

interface Game<Holder> {
  readonly id: Id;
  readonly seats: Map<string, Seat<Holder>>;
  /** Whether its players have received `pyodide_game_ready`. */
  isReady: boolean;
  /** The seats that received `p2p_pause`, each with the connection that received it, or null once that is gone. Empty unless the game is paused. */
  readonly paused: Map<Seat<Holder>, Holder | null>;
}

export interface Joined<Holder> {
  readonly seat: Seat<Holder>;
  readonly resumed: boolean;
  /** The connection that lost the seat. */
  readonly replaced: Holder | null;
}

/** The default of the project's relay. */
const SEAT_HOLD_MS = 120_000;
/** Minimum length of a token that a page chooses. A shorter one could be guessed. */
const MIN_TOKEN_CHARS = 16;

/** The seats of all games, with the rules of the project's own relay: a seat belongs to its token and is held for it while it is empty. */
export class FakeSeats<Holder> {
  readonly #games = new Map<string, Game<Holder>>();
  readonly #byHolder = new Map<Holder, Seat<Holder>>();
  #tokens = 0;

  of(holder: Holder): Seat<Holder> | undefined {
    return this.#byHolder.get(holder);
  }

  join(
    holder: Holder,
    { gameId, player, token }: { gameId: Id; player: Id; token: string | null },
    perGame: number,
  ): Joined<Holder> | 'seat-taken' | 'game-full' {
    const game = this.#gameOf(gameId);
    const held = game.seats.get(String(player));
    if (held && held.holder !== holder && held.token !== token) return 'seat-taken';
    if (!held && game.seats.size >= perGame) return 'game-full';
    const seat = held ?? this.#add(game, player, token);
    const replaced = seat.holder === holder ? null : seat.holder;
    if (replaced !== null) this.#byHolder.delete(replaced);
    if (this.of(holder) !== seat) this.leave(holder);
    seat.holder = holder;
    this.#byHolder.set(holder, seat);
    return { seat, resumed: held !== undefined, replaced };
  }

  /** Empties the seat, which stays held for its token. */
  leave(holder: Holder): void {
    const seat = this.of(holder);
    this.#byHolder.delete(holder);
    if (!seat) return;
    Object.assign(seat, { holder: null, leftAtMs: performance.now() });
    if (seat.game.paused.has(seat)) seat.game.paused.set(seat, null);
  }

  /** Forgets every game. Its holders call `leave` themselves. */
  clear(): void {
    this.#games.clear();
  }

  #gameOf(id: Id): Game<Holder> {
    const game = this.#games.get(String(id)) ?? { id, seats: new Map(), isReady: false, paused: new Map() };
    this.#games.set(String(id), game);
    for (const [key, { holder, leftAtMs }] of game.seats) {
      if (holder !== null || performance.now() - leftAtMs < SEAT_HOLD_MS) continue;
      game.seats.delete(key);
      game.isReady = false;
    }
    return game;
  }

  #add(game: Game<Holder>, player: Id, named: string | null): Seat<Holder> {
    this.#tokens += 1;
    const token =
      named !== null && named.length >= MIN_TOKEN_CHARS ? named : `token-of-the-seat-${this.#tokens}`;
    const seat = { game, player, token, holder: null, leftAtMs: 0 };
    game.seats.set(String(player), seat);
    return seat;
  }
}
