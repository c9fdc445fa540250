import { FakeSeats, type Id, type Seat } from './fake-seats';
import type { Timers } from './timers';

/** A socket as the relay sees it. */
export interface RelayClient {
  readonly connected: boolean;
  receive(event: string, message: unknown): void;
  /** Called when the relay or the network ends the connection. */
  drop(reason: string): void;
}

type RelaySeat = Seat<RelayClient>;

/** For ids and tokens. */
const MAX_CHARS = 128;
const MAX_TYPE_CHARS = 64;

type Ack = ((answer: unknown) => void) | null;

/** jsdom has no `structuredClone`; there, only JSON is carried. */
const throughJson = (message: unknown): unknown => JSON.parse(JSON.stringify(message));

/** Copies a message as the wire does: the receiver shares no objects with the sender. */
const copyOf = (message: unknown): unknown =>
  message === undefined ? undefined : (globalThis.structuredClone ?? throughJson)(message);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isText = (value: unknown, maxChars: number): value is string =>
  typeof value === 'string' && value.length <= maxChars;
const isId = (value: unknown): value is Id =>
  Number.isSafeInteger(value) || (isText(value, MAX_CHARS) && value !== '');
/** Players are looked up by the id as given, then by its number. */
const lookupKeys = (id: Id) => [String(id), ...(/^-?\d+$/.test(String(id)) ? [String(Number(id))] : [])];
const isSame = (one: Id, other: unknown) => isId(other) && String(one) === String(other);
const accept = (members: object = {}) => ({ ok: true, ...members });
const refusal = (code: string) => ({ ok: false, error: { code, message: code } });

/**
 * The signaling server in memory. It works like upstream's relay and the project's own: the socket identifies the sender, ids keep
 * their type, unknown types and all payloads pass untouched, and messages without a valid recipient are refused. Seats, reports and
 * refusals are those of the project's own relay. It has no TURN server and no rate limits, and its tokens are easy to guess.
 */
export class FakeRelay {
  /** Delay from page to page, in ms. */
  delayMs = 0;
  /** Random extra delay of up to this many ms for each signal, so that signals overtake each other. */
  jitterMs = 0;
  /** Share of lost signals, in [0, 1]. */
  loss = 0;
  /** Share of signals that arrive twice, in [0, 1]. */
  duplication = 0;
  /** False makes it acknowledge only `join_game`. Some relays acknowledge nothing. */
  acknowledges = true;
  /** Seats in each game. */
  playersPerGame = 2;
  /** Every valid signal that the relay received, in order. */
  readonly signals: { from: Id; message: Record<string, unknown> }[] = [];
  readonly #timers: Timers;
  readonly #random: () => number;
  readonly #clients = new Set<RelayClient>();
  readonly #seats = new FakeSeats<RelayClient>();

  constructor(timers: Timers, random: () => number) {
    this.#timers = timers;
    this.#random = random;
  }

  connect(client: RelayClient): void {
    this.#seats.leave(client);
    this.#clients.add(client);
  }

  /** The client's disconnect arrives after everything that it sent before. Ignored if the client is back by then, because it has a new connection. */
  leave(client: RelayClient): void {
    this.#timers.after(this.delayMs / 2, () => client.connected || this.disconnect(client));
  }

  disconnect(client: RelayClient): void {
    this.#clients.delete(client);
    this.#seats.leave(client);
  }

  /** Ends every connection and forgets every seat. */
  restart(): void {
    this.#seats.clear();
    for (const client of [...this.#clients]) client.drop('transport close');
  }

  /** Handles a message of a client. `ack` is called with the relay's answer if it acknowledges. */
  handle(client: RelayClient, event: string, message: unknown, ack: Ack): void {
    const copy = copyOf(message);
    this.#timers.after(this.delayMs / 2, () => {
      if (!this.#clients.has(client)) return;
      const answer = this.#answer(client, event, copy);
      if (ack && answer && (this.acknowledges || event === 'join_game'))
        this.#timers.after(this.delayMs / 2, () => this.#clients.has(client) && ack(answer));
    });
  }

  /** @returns undefined for an unknown event. */
  #answer(client: RelayClient, event: string, message: unknown): unknown {
    const seat = this.#seats.of(client);
    switch (event) {
      case 'join_game':
        return this.#join(client, message);
      case 'holdfast_ping':
        return accept();
      case 'holdfast_turn_config':
        return seat ? accept({ turn_config: null }) : refusal('not-joined');
      case 'webrtc_signal':
      case 'game_data':
      case 'p2p_connection_type':
      case 'p2p_health_report':
      case 'p2p_episode_summary':
      case 'p2p_connection_lost':
      case 'p2p_reconnection_success':
        return seat ? this.#handleSeated(seat, event, message) : refusal('not-joined');
      default:
        return undefined;
    }
  }

  #join(client: RelayClient, message: unknown): unknown {
    if (!isRecord(message)) return refusal('bad-payload');
    const { game_id: gameId, player_id: player, resume_token: named } = message;
    const token = named ?? null;
    const isToken = token === null || isText(token, MAX_CHARS);
    if (!isId(gameId) || !isId(player) || !isToken) return refusal('bad-payload');
    const joined = this.#seats.join(client, { gameId, player, token }, this.playersPerGame);
    if (typeof joined === 'string') return refusal(joined);
    const { seat, resumed, replaced } = joined;
    replaced?.drop('io server disconnect');
    // After the acknowledgement.
    this.#timers.after(0, () => this.#announceReady(seat));
    return accept({ resume_token: seat.token, players: playersOf(seat), resumed });
  }

  /** Sent to all once every seat is taken, and again to a player who resumes. */
  #announceReady(joiner: RelaySeat): void {
    const { game } = joiner;
    const seats = [...game.seats.values()];
    const isComplete = seats.length === this.playersPerGame && seats.every(({ holder }) => holder !== null);
    if (!game.isReady && !isComplete) return;
    const players = playersOf(joiner);
    for (const seat of game.isReady ? [joiner] : seats)
      this.#tell(seat, 'pyodide_game_ready', {
        game_id: game.id,
        players,
        player_subjects: Object.fromEntries(players.map((id) => [id, String(id)])),
        turn_config: null,
        scene_metadata: {},
      });
    if (game.isReady) return;
    game.isReady = true;
    game.paused.clear();
  }

  #handleSeated(seat: RelaySeat, event: string, message: unknown): unknown {
    if (!isRecord(message) || !isId(message.game_id)) return refusal('bad-payload');
    if (event === 'webrtc_signal') return this.#relay(seat, message);
    const isReport = event.startsWith('p2p_');
    if (isReport && !isId(message.player_id)) return refusal('bad-payload');
    const isOwn =
      isSame(seat.game.id, message.game_id) && (!isReport || isSame(seat.player, message.player_id));
    if (!isOwn) return refusal('not-yours');
    if (event === 'game_data') this.#broadcast(seat, message.data);
    if (event === 'p2p_connection_lost') this.#pause(seat, message.frame_number ?? null);
    if (event === 'p2p_reconnection_success') this.#resume(seat);
    return accept();
  }

  #relay(seat: RelaySeat, message: Record<string, unknown>): unknown {
    const { type, payload, game_id: game, target_player_id: to } = message;
    if (!isId(to) || !isText(type, MAX_TYPE_CHARS) || type === '') return refusal('bad-payload');
    if (!isSame(seat.game.id, game)) return refusal('not-yours');
    this.signals.push({ from: seat.player, message });
    const [target] = lookupKeys(to).flatMap((key) => seat.game.seats.get(key) ?? []);
    if (!target || target === seat) return refusal('no-such-player');
    if (!target.holder) return refusal('player-away');
    const from = { from_player_id: seat.player, game_id: seat.game.id };
    this.#deliver(target.holder, 'webrtc_signal', { type, ...from, payload });
    return accept();
  }

  #broadcast(seat: RelaySeat, data: unknown): void {
    const message = { game_id: seat.game.id, from_player_id: seat.player, data };
    for (const { holder } of seat.game.seats.values())
      if (holder && holder !== seat.holder) this.#deliver(holder, 'game_data', message);
  }

  #pause({ game, player }: RelaySeat, frame: unknown): void {
    const message = { game_id: game.id, pause_frame: frame, detecting_player: player };
    for (const seat of game.seats.values()) {
      if (seat.holder === null || game.paused.get(seat) === seat.holder) continue;
      game.paused.set(seat, seat.holder);
      this.#tell(seat, 'p2p_pause', message);
    }
  }

  #resume({ game }: RelaySeat): void {
    if (game.paused.size === 0) return;
    game.paused.clear();
    for (const seat of game.seats.values()) this.#tell(seat, 'p2p_resume', { game_id: game.id });
  }

  /** The relay's own messages are neither lost nor duplicated. */
  #tell({ holder }: RelaySeat, event: string, message: unknown): void {
    this.#timers.after(this.delayMs / 2, () => holder?.receive(event, copyOf(message)));
  }

  #deliver(target: RelayClient, event: string, message: unknown): void {
    if (this.#random() < this.loss) return;
    const copies = this.#random() < this.duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1)
      this.#timers.after(this.#tripMs(), () => target.receive(event, copyOf(message)));
  }

  #tripMs(): number {
    return this.delayMs / 2 + (this.jitterMs > 0 ? this.#random() * this.jitterMs : 0);
  }
}

const playersOf = ({ game }: RelaySeat): Id[] => [...game.seats.values()].map(({ player }) => player);
