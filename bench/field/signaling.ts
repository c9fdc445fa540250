import { io } from 'socket.io-client';
import type { Party } from './subject';

const ID = { a: 1, b: 2 } as const;
/** What a player who has joined again says to the other, as most relays would for it. */
const BACK = 'back';

export interface Seat {
  socket: ReturnType<typeof io>;
  me: number;
  other: number;
  /** Somebody sat here before: this page was reloaded, or opened after a crash. */
  isBack: boolean;
  /** Takes the seat again: for who does so itself when the socket is back. */
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

/** For libraries that hand their signals to the game: what the other end said comes in order, and `joinedAgain` where either player has. */
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
