import type { Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';

interface Join {
  readonly game_id: string;
  readonly player_id: string;
}

interface Signal {
  readonly game_id: string;
  readonly target_player_id: string;
  readonly type: string;
  readonly payload: unknown;
}

/** What happens to a signal on its way; null loses it. Signals of one player keep their order. */
export type Carry = (from: string, signal: Signal) => Promise<Signal | null>;

type Ack = ((answer: { ok: boolean }) => void) | undefined;

/** Whether the relay accepts a player's signal, or refuses it. */
export type Accept = (from: string, signal: Signal) => boolean;

/** The minimum that introduces two peers: for measurements, which the real relay's rate limits would disturb. */
export function attachStubRelay(
  http: HttpServer,
  carry: Carry = async (_, signal) => signal,
  accepts: Accept = () => true,
): void {
  const io = new Server(http, { cors: { origin: '*' } });
  io.on('connection', (socket) => {
    let self: Join | null = null;
    let way: Promise<unknown> = Promise.resolve();
    const pass = async (from: Join, sent: Signal): Promise<void> => {
      const signal = await carry(String(from.player_id), sent);
      if (signal === null) return;
      const { game_id, target_player_id, type, payload } = signal;
      const heard = { type, payload, game_id, from_player_id: from.player_id };
      io.to(seat(game_id, target_player_id)).emit('webrtc_signal', heard);
    };
    socket.on('holdfast_ping', (_: unknown, ack?: Ack) => ack?.({ ok: true }));
    socket.on('join_game', (join: Join, ack?: Ack) => {
      self = join;
      void socket.join(seat(join.game_id, join.player_id));
      ack?.({ ok: true });
    });
    socket.on('webrtc_signal', (signal: Signal, ack?: Ack) => {
      const from = self;
      if (from === null) return;
      if (!accepts(String(from.player_id), signal)) return ack?.({ ok: false });
      way = way.then(() => pass(from, signal));
      ack?.({ ok: true });
    });
  });
}

function seat(game: string, player: string): string {
  return `${game}/${player}`;
}
