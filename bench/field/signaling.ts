import { io } from 'socket.io-client';
import type { Party } from './subject';

const ID = { a: 1, b: 2 } as const;
/** Sent to the other player by a player who has joined again, as most relays would do. */
const BACK = 'back';

export interface Seat {
  socket: ReturnType<typeof io>;
  me: number;
  other: number;
  /** Whether the seat was taken before: this page was reloaded, or opened after a crash. */
  isBack: boolean;
  /** Takes the seat again, for libraries that do so themselves when the socket is back. */
  join(): Promise<unknown>;
}

/** A seat at the project's relay. Both players are there when it resolves. */
export async function takeSeat({ me, origin, game }: Party): Promise<Seat> {
  const socket = io(origin, { transports: ['websocket'] });
  const seat = { game_id: game, player_id: ID[me], resume_token: `token of player ${me}, ${game}` };
  const join = () => socket.emitWithAck('join_game', seat);
  await new Promise<void>((resolve) => void socket.once('connect', resolve));
  const ready = new Promise<void>((resolve) => void socket.once('pyodide_game_ready', () => resolve()));
  const { resumed } = await join();
  await ready;
  return { socket, me: ID[me], other: ID[me === 'a' ? 'b' : 'a'], isBack: resumed, join };
}

/** For libraries that pass their signals to the game: calls back with the other end's signals in order, and with `joinedAgain` if either player has joined again. */
export async function openSignaling(
  party: Party,
  take: (signal: unknown) => void,
  joinedAgain: () => void,
): Promise<(signal: unknown) => void> {
  const { socket, other, isBack, join } = await takeSeat(party);
  const say = (signal: unknown) => {
    const message = { game_id: party.game, target_player_id: other, type: 'field', payload: { signal } };
    socket.emit('webrtc_signal', message);
  };
  socket.on('webrtc_signal', ({ payload: { signal } }) => (signal === BACK ? joinedAgain() : take(signal)));
  socket.on('connect', async () => {
    await join();
    say(BACK);
    joinedAgain();
  });
  if (isBack) say(BACK);
  return say;
}
