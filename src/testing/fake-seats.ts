export type Id = string | number;

/** A player's place in a game; it outlives the connection that sits in it. */
export interface Seat<Holder> {
  readonly game: Game<Holder>;
  readonly player: Id;
  readonly token: string;
  holder: Holder | null;
  /** When it was left; meaningful while `holder` is null. */
  leftAtMs: number;
}

interface Game<Holder> {
  readonly id: Id;
  readonly seats: Map<string, Seat<Holder>>;
  /** Its players were told that each seat is taken. */
  isReady: boolean;
  /** Who was told that the game is paused, and by which connection, null where that is gone; nobody where it is not paused. */
  readonly paused: Map<Seat<Holder>, Holder | null>;
}

export interface Joined<Holder> {
  readonly seat: Seat<Holder>;
  readonly resumed: boolean;
  /** Who had to give way. */
  readonly replaced: Holder | null;
}

/** The project's relay has it as its default. */
const SEAT_HOLD_MS = 120_000;
/** Of a token that a page names; a shorter one may be guessed. */
const MIN_TOKEN_CHARS = 16;

/** Who sits where, by the rules of the project's own relay: a seat belongs to its token, and is held for it while nobody sits there. */
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

  /** The seat is held. */
  leave(holder: Holder): void {
    const seat = this.of(holder);
    this.#byHolder.delete(holder);
    if (!seat) return;
    Object.assign(seat, { holder: null, leftAtMs: performance.now() });
    if (seat.game.paused.has(seat)) seat.game.paused.set(seat, null);
  }

  /** Forgets every game; who sits in one leaves by itself. */
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
