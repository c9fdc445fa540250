import { ClientSocket, type RelaySocket } from './client-socket';
import { type Game, type GameLimits, Games, type Seat } from './games';
import { type Id, isSame, keyOf } from './ids';
import type { Intake } from './intake';
import type { LogFields, RelayLogger } from './logger';
import { accept, NOT_JOINED, type Reply, refuse, type ServerToClient } from './protocol';
import type { ResearchLog } from './research-log';
import type { ClientEvent, ClientMessage } from './schemas';
import { scrub } from './scrub';
import { mintTurnConfig, type TurnConfig, type TurnOptions } from './turn';
import { Watchers } from './watchers';

export interface RelayOptions extends GameLimits {
  /** A socket that has not joined a game within this time is closed. */
  readonly joinTimeoutMs: number;
  readonly turn: TurnOptions | null;
  readonly logger: RelayLogger;
  readonly researchLog: ResearchLog | null;
  /** Forwards players' records to the watchers of their game. */
  readonly inspect: boolean;
  /** Milliseconds since 1970, for TURN expiry. */
  readonly wallClock: () => number;
  /** Monotonic milliseconds, for seat holds and rates. */
  readonly now: () => number;
  /** Called when a socket takes a seat or watches a game. */
  readonly joined: (socket: RelaySocket) => void;
  /** Called when a socket is closed because it did not join in time. */
  readonly joinTimedOut: () => void;
}

type Report = Extract<ClientEvent, `p2p_${string}`>;

/** Relays signals between the players of a game so that they can connect, and their game data while they have no peer link. */
export class Relay {
  readonly games: Games;
  readonly #options: RelayOptions;
  readonly #clients = new Map<string, ClientSocket>();
  readonly #watchers: Watchers | null;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.games = new Games(options, options.now);
    this.#watchers = options.inspect ? new Watchers(this.games, this.#clients) : null;
  }

  handleConnection(socket: RelaySocket, intake: Intake): void {
    const { logger, joinTimeoutMs, joinTimedOut } = this.#options;
    const client = new ClientSocket({ socket, intake, logger });
    this.#clients.set(socket.id, client);
    const joinDeadline = setTimeout(() => {
      if (this.games.seatOf(client.id) !== undefined || this.#watchers?.has(client)) return;
      joinTimedOut();
      client.disconnect();
    }, joinTimeoutMs);
    socket.on('disconnect', (why) => {
      clearTimeout(joinDeadline);
      this.#clients.delete(socket.id);
      const seat = this.games.seatOf(socket.id);
      if (seat !== undefined) logger.info('player left', { ...namesOf(seat, client), why });
      this.games.leave(socket.id);
      this.#watchers?.leave(client);
    });
    this.#listen(client);
  }

  #listen(client: ClientSocket): void {
    const watchers = this.#watchers;
    if (watchers) {
      client.on('holdfast_watch', (message) => {
        const reply = watchers.watch(client, message);
        if (reply.ok) this.#options.joined(client.socket);
        return reply;
      });
      client.on('holdfast_inspect', (message) => watchers.pass(client, message));
    }
    client.onUnchecked('holdfast_ping', () => accept());
    client.onUnchecked('holdfast_turn_config', () => this.#handleTurnConfig(client));
    client.on('join_game', (message) => this.#handleJoin(client, message));
    client.on('webrtc_signal', (message) => this.#handleSignal(client, message));
    client.on('game_data', (message) => this.#handleGameData(client, message));
    this.#listenForReport(client, 'p2p_connection_type');
    this.#listenForReport(client, 'p2p_health_report');
    this.#listenForReport(client, 'p2p_episode_summary');
    this.#listenForReport(client, 'p2p_connection_lost', (seat, message) =>
      this.#pause(seat, message.frame_number ?? null),
    );
    this.#listenForReport(client, 'p2p_reconnection_success', (seat) => this.#resume(seat.game));
  }

  #handleJoin(client: ClientSocket, message: ClientMessage<'join_game'>): Reply {
    const joined = this.games.join({
      gameId: message.game_id,
      playerId: message.player_id,
      resumeToken: message.resume_token ?? null,
      holder: client.id,
    });
    if (!joined.ok) return this.#refuseJoin(client, joined.reason);
    const { seat, resumed, replaced, announce } = joined;
    client.markSeated();
    this.#watchers?.leave(client);
    this.#options.joined(client.socket);
    this.#options.logger.info('player joined', { ...namesOf(seat, client), resumed });
    if (replaced !== null) this.#clients.get(replaced)?.disconnect();
    // After the acknowledgement, which the caller sends once this method returns.
    queueMicrotask(() => this.#announceReady(seat, announce));
    return accept({ resume_token: seat.resumeToken, players: playersOf(seat.game), resumed });
  }

  /** No warning for a taken seat: a second window asks for the first seat before it tries the other. */
  #refuseJoin(client: ClientSocket, code: keyof typeof JOIN_REFUSALS): Reply {
    const message = JOIN_REFUSALS[code];
    if (code === 'server-full') client.warnOnce('join_game', code, message);
    else this.#options.logger.debug('join refused', { socket: client.id, code });
    return refuse(code, message);
  }

  #announceReady(joiner: Seat, announce: 'everyone' | 'joiner' | 'nobody'): void {
    if (announce === 'nobody') return;
    const { game } = joiner;
    const players = playersOf(game);
    for (const seat of announce === 'everyone' ? game.seats.values() : [joiner]) {
      this.#tell(seat, 'pyodide_game_ready', {
        game_id: game.id,
        players,
        player_subjects: Object.fromEntries(players.map((id) => [keyOf(id), keyOf(id)])),
        turn_config: this.#turnConfig(seat),
        scene_metadata: {},
      });
    }
  }

  #turnConfig(seat: Seat): TurnConfig | null {
    const { turn, wallClock } = this.#options;
    return turn === null ? null : mintTurnConfig(turn, seat.game.id, seat.playerId, wallClock());
  }

  #handleTurnConfig(client: ClientSocket): Reply {
    const seat = this.games.seatOf(client.id);
    return seat === undefined ? notJoined() : accept({ turn_config: this.#turnConfig(seat) });
  }

  // The socket alone decides who the sender is. What the message claims about its sender is not read.
  #handleSignal(client: ClientSocket, message: ClientMessage<'webrtc_signal'>): Reply {
    const seat = this.games.seatOf(client.id);
    if (seat === undefined) return notJoined();
    if (!isSame(seat.game.id, message.game_id)) return notYours();
    const target = this.games.find(seat.game, message.target_player_id);
    if (target === undefined || target === seat)
      return refuse('no-such-player', 'this game has no other player with that id');
    if (target.holder === null) return refuse('player-away', 'this player is not connected');
    const relayed = this.#tell(target, 'webrtc_signal', {
      type: message.type,
      from_player_id: seat.playerId,
      game_id: seat.game.id,
      payload: message.payload,
    });
    return relayed
      ? accept()
      : refuse('player-congested', 'too much data is still waiting to be sent to this player');
  }

  #handleGameData(client: ClientSocket, message: ClientMessage<'game_data'>): Reply {
    const seat = this.games.seatOf(client.id);
    if (seat === undefined) return notJoined();
    if (!isSame(seat.game.id, message.game_id)) return notYours();
    for (const other of seat.game.seats.values()) {
      if (other === seat) continue;
      const { id } = seat.game;
      this.#tell(other, 'game_data', { game_id: id, from_player_id: seat.playerId, data: message.data });
    }
    return accept();
  }

  #listenForReport<Event extends Report>(
    client: ClientSocket,
    event: Event,
    act?: (seat: Seat, message: ClientMessage<Event>) => void,
  ): void {
    client.on(event, (message) => {
      const seat = this.games.seatOf(client.id);
      if (seat === undefined) return notJoined();
      const { game_id: gameId, player_id: playerId, ...members } = message;
      if (!isSame(seat.game.id, gameId) || !isSame(seat.playerId, playerId)) {
        client.warnOnce(event, 'not-yours', NOT_YOURS);
        return notYours();
      }
      this.#options.researchLog?.append(event, seat.game.id, seat.playerId, members);
      act?.(seat, message);
      return accept();
    });
  }

  #pause(detector: Seat, frame: number | null): void {
    const { game } = detector;
    const message = { game_id: game.id, pause_frame: frame, detecting_player: detector.playerId };
    for (const seat of game.seats.values()) {
      const { holder } = seat;
      if (holder === null || game.paused.get(seat) === holder) continue;
      game.paused.set(seat, holder);
      this.#tell(seat, 'p2p_pause', message);
    }
  }

  #resume(game: Game): void {
    if (game.paused.size === 0) return;
    game.paused.clear();
    for (const seat of game.seats.values()) this.#tell(seat, 'p2p_resume', { game_id: game.id });
  }

  /** Returns false if the player is not connected or too far behind. */
  #tell<Event extends keyof ServerToClient>(
    seat: Seat,
    event: Event,
    ...args: Parameters<ServerToClient[Event]>
  ): boolean {
    const client = seat.holder === null ? undefined : this.#clients.get(seat.holder);
    return client?.emit(event, ...args) ?? false;
  }
}

const JOIN_REFUSALS = {
  'seat-taken': 'a player with this id has already joined; to take the seat back, send its resume_token',
  'game-full': 'every seat in this game is taken',
  'server-full': 'this server has no room for another game',
} as const;

const NOT_YOURS = 'this socket has joined another game, or as another player';

const notJoined = (): Reply => refuse(NOT_JOINED.code, NOT_JOINED.message);
const notYours = (): Reply => refuse('not-yours', NOT_YOURS);
/** Identifies the player in a log line. Other lines name only the socket. */
const namesOf = ({ game, playerId }: Seat, { id }: ClientSocket): LogFields => ({
  game: scrub(game.id),
  player: scrub(playerId),
  socket: id,
});
const playersOf = (game: Game): Id[] => [...game.seats.values()].map((seat) => seat.playerId);
