import { io } from 'socket.io-client';
import type { Party } from './subject';

const ID = { a: 1, b: 2 } as const;

export interface Seat {
  socket: ReturnType<typeof io>;
  me: number;
  other: number;
}

/** A seat at the project's relay, taken again whenever the socket reconnects. Both players are there when it resolves. */
export async function takeSeat({ me, origin, game }: Party): Promise<Seat> {
  const socket = io(origin, { transports: ['websocket'] });
  const seat = { game_id: game, player_id: ID[me], resume_token: `token of player ${me}, ${game}` };
  const join = () => socket.emitWithAck('join_game', seat);
  await new Promise<void>((resolve) => void socket.once('connect', resolve));
  const ready = new Promise<void>((resolve) => void socket.once('pyodide_game_ready', () => resolve()));
  await join();
  await ready;
  socket.on('connect', () => void join());
  return { socket, me: ID[me], other: ID[me === 'a' ? 'b' : 'a'] };
}

/** For libraries that hand their signals to the game: what the other end said comes in order. */
export async function openSignaling(
  party: Party,
  take: (signal: unknown) => void,
): Promise<(signal: unknown) => void> {
  const { socket, other } = await takeSeat(party);
  socket.on('webrtc_signal', ({ payload }) => take(payload.signal));
  return (signal) => {
    const message = { game_id: party.game, target_player_id: other, type: 'field', payload: { signal } };
    socket.emit('webrtc_signal', message);
  };
}
