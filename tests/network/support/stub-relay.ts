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

type Ack = ((answer: { ok: boolean }) => void) | undefined;

/** The least that introduces two peers: for measurements, which the real relay's rate limits would disturb. */
export function attachStubRelay(http: HttpServer): void {
  const io = new Server(http, { cors: { origin: '*' } });
  io.on('connection', (socket) => {
    let self: Join | null = null;
    socket.on('join_game', (join: Join, ack?: Ack) => {
      self = join;
      void socket.join(seat(join.game_id, join.player_id));
      ack?.({ ok: true });
    });
    socket.on('webrtc_signal', (signal: Signal, ack?: Ack) => {
      if (self === null) return;
      const { game_id, type, payload } = signal;
      io.to(seat(game_id, signal.target_player_id)).emit('webrtc_signal', {
        type,
        payload,
        game_id,
        from_player_id: self.player_id,
      });
      ack?.({ ok: true });
    });
  });
}

function seat(game: string, player: string): string {
  return `${game}/${player}`;
}
