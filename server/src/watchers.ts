import type { ClientSocket } from './client-socket';
import type { Game, Games } from './games';
import { type Id, isSame } from './ids';
import { accept, type Reply, refuse } from './protocol';
import type { ClientMessage } from './schemas';

type InspectMessage = ClientMessage<'holdfast_inspect'>['message'];

/** Enough for a developer, a projector and a phone. */
const MAX_WATCHERS_PER_GAME = 8;

/**
 * The watchers of games. Forwards the records of players to the watchers of their game, and a watcher's `hello` to the players. Forwards no
 * controls, stores nothing, and drops messages that a slow watcher cannot take.
 */
export class Watchers {
  readonly #games: Games;
  readonly #clients: ReadonlyMap<string, ClientSocket>;
  readonly #watching = new Map<string, Id>();

  constructor(games: Games, clients: ReadonlyMap<string, ClientSocket>) {
    this.#games = games;
    this.#clients = clients;
  }

  has(client: ClientSocket): boolean {
    return this.#watching.has(client.id);
  }

  leave(client: ClientSocket): void {
    this.#watching.delete(client.id);
  }

  watch(client: ClientSocket, { game_id: gameId }: ClientMessage<'holdfast_watch'>): Reply {
    if (this.#games.seatOf(client.id))
      return refuse('not-yours', 'the socket of a player cannot watch: use another socket');
    const others = [...this.#watching].filter(([id, game]) => id !== client.id && isSame(game, gameId));
    if (others.length >= MAX_WATCHERS_PER_GAME)
      return refuse('game-full', 'this game has the maximum number of watchers');
    this.#watching.set(client.id, gameId);
    return accept();
  }

  pass(client: ClientSocket, { game_id: gameId, message }: ClientMessage<'holdfast_inspect'>): Reply {
    const seat = this.#games.seatOf(client.id);
    const watched = this.#watching.get(client.id);
    const own = seat?.game.id ?? watched;
    if (own === undefined) return refuse('not-joined', 'join or watch a game first');
    if (!isSame(own, gameId)) return refuse('not-yours', 'this socket joined or watches another game');
    // Only a watcher sends `hello`, only a player sends records and `bye`.
    if ((message.type === 'hello') === (seat !== undefined)) {
      const allowed = seat ? '`records` and `bye`' : '`hello`';
      return refuse('bad-payload', `this socket may only send ${allowed}`);
    }
    return seat ? this.#tellWatchers(seat.game, message) : this.#tellPlayers(gameId, message);
  }

  #tellWatchers({ id }: Game, message: InspectMessage): Reply {
    for (const [watcher, gameId] of this.#watching) if (isSame(gameId, id)) this.#tell(watcher, id, message);
    return accept();
  }

  #tellPlayers(gameId: Id, message: InspectMessage): Reply {
    for (const client of this.#clients.values()) {
      const game = this.#games.seatOf(client.id)?.game;
      if (game && isSame(game.id, gameId)) this.#tell(client.id, game.id, message);
    }
    return accept();
  }

  #tell(socketId: string, gameId: Id, message: InspectMessage): void {
    this.#clients.get(socketId)?.emit('holdfast_inspect', { game_id: gameId, message });
  }
}
