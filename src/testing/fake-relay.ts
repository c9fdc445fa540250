import type { Timers } from './timers';

type Id = string | number;

/** A socket as the relay sees it. */
export interface RelayClient {
  receive(event: string, message: unknown): void;
  /** The relay or the network ended the connection. */
  drop(reason: string): void;
}

type Ack = ((answer: unknown) => void) | null;

/** A message as it comes off the wire: nothing of the sender's objects is in it. */
const copyOf = (message: unknown): unknown => (message === undefined ? undefined : structuredClone(message));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isId = (value: unknown): value is Id => typeof value === 'string' || typeof value === 'number';
const refusal = (code: string) => ({ ok: false, error: { code, message: code } });

/**
 * The signaling server, in memory, as upstream's and the project's own relay work: the sender is known by its socket, ids keep
 * their type, unknown types and all payloads pass untouched, what cannot be placed is dropped.
 */
export class FakeRelay {
  /** One trip from page to page. */
  delayMs = 0;
  /** Up to so much more, another time for each signal: they overtake each other. */
  jitterMs = 0;
  /** Share of signals that are lost, or arrive twice, in [0, 1]. */
  loss = 0;
  duplication = 0;
  /** Upstream's relay acknowledges nothing. */
  acknowledges = true;
  /** Every signal that was handed over, in order. */
  readonly signals: { from: Id; message: Record<string, unknown> }[] = [];
  readonly #timers: Timers;
  readonly #random: () => number;
  readonly #clients = new Set<RelayClient>();
  readonly #seats = new Map<RelayClient, { game: Id; player: Id }>();

  constructor(timers: Timers, random: () => number) {
    this.#timers = timers;
    this.#random = random;
  }

  connect(client: RelayClient): void {
    this.#clients.add(client);
  }

  disconnect(client: RelayClient): void {
    this.#clients.delete(client);
    this.#seats.delete(client);
  }

  /** Ends every connection and forgets every seat. */
  restart(): void {
    for (const client of [...this.#clients]) client.drop('transport close');
  }

  /** A message of a client; `ack` is called with the relay's answer where it acknowledges. */
  handle(client: RelayClient, event: string, message: unknown, ack: Ack): void {
    const copy = copyOf(message);
    this.#timers.after(this.delayMs / 2, () => {
      if (!this.#clients.has(client)) return;
      const answer = this.#answer(client, event, copy);
      if (ack && (this.acknowledges || event === 'join_game'))
        this.#timers.after(this.delayMs / 2, () => this.#clients.has(client) && ack(answer));
    });
  }

  #answer(client: RelayClient, event: string, message: unknown): unknown {
    switch (event) {
      case 'join_game':
        return this.#join(client, message);
      case 'webrtc_signal':
        return this.#relay(client, message);
      case 'game_data':
        return this.#spread(client, message);
      default:
        return { ok: true };
    }
  }

  #join(client: RelayClient, message: unknown): unknown {
    if (!isRecord(message) || !isId(message.game_id) || !isId(message.player_id))
      return refusal('bad-request');
    this.#seats.set(client, { game: message.game_id, player: message.player_id });
    return { ok: true, resume_token: `seat-${message.player_id}`, players: this.#playersOf(message.game_id) };
  }

  #relay(client: RelayClient, message: unknown): unknown {
    const seat = this.#seats.get(client);
    if (!seat) return refusal('not-joined');
    if (!isRecord(message) || String(message.game_id) !== String(seat.game)) return refusal('not-yours');
    this.signals.push({ from: seat.player, message });
    const target = this.#find(seat.game, message.target_player_id);
    if (!target || target === client) return refusal('no-such-player');
    const { type, payload } = message;
    this.#deliver(target, 'webrtc_signal', {
      type,
      from_player_id: seat.player,
      game_id: seat.game,
      payload,
    });
    return { ok: true };
  }

  #spread(client: RelayClient, message: unknown): unknown {
    const seat = this.#seats.get(client);
    if (!seat || !isRecord(message)) return refusal('not-joined');
    for (const [other, { game, player }] of this.#seats) {
      if (other === client || String(game) !== String(seat.game)) continue;
      const from = { game_id: game, from_player_id: seat.player, data: message.data };
      if (player !== seat.player) this.#deliver(other, 'game_data', from);
    }
    return { ok: true };
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

  /** As given, then as string, then as integer. */
  #find(game: Id, target: unknown): RelayClient | null {
    const players = [...this.#seats].filter(([, seat]) => String(seat.game) === String(game));
    const isTarget = [
      (player: Id) => player === target,
      (player: Id) => player === String(target),
      (player: Id) => player === Number(target),
    ];
    for (const matches of isTarget) {
      const found = players.find(([, { player }]) => matches(player));
      if (found) return found[0];
    }
    return null;
  }

  #playersOf(game: Id): Id[] {
    return [...this.#seats.values()]
      .filter((seat) => String(seat.game) === String(game))
      .map(({ player }) => player);
  }
}
