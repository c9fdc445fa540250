import type { Id } from './ids';
import type { ClientMessage } from './schemas';
import type { TurnConfig } from './turn';

/** The events that the relay sends. Names and members are upstream's; the README lists additions. */
export interface ServerToClient {
  webrtc_signal(message: { type: string; from_player_id: Id; game_id: Id; payload: unknown }): void;
  game_data(message: { game_id: Id; from_player_id: Id; data: unknown }): void;
  holdfast_inspect(message: { game_id: Id; message: ClientMessage<'holdfast_inspect'>['message'] }): void;
  pyodide_game_ready(message: GameReady): void;
  p2p_pause(message: { game_id: Id; pause_frame: number | null; detecting_player: Id }): void;
  p2p_resume(message: { game_id: Id }): void;
}

export interface GameReady {
  game_id: Id;
  players: Id[];
  player_subjects: Record<string, string>;
  turn_config: TurnConfig | null;
  scene_metadata: Record<string, never>;
}

/** Why a message was refused; `code` is stable, `message` is for people. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
}

export type RefusalCode =
  | 'bad-payload'
  | 'rate-limited'
  | 'not-joined'
  | 'not-yours'
  | 'no-such-player'
  | 'player-away'
  | 'player-congested'
  | 'seat-taken'
  | 'game-full'
  | 'server-full'
  | 'internal';

export type Reply = ({ ok: true } & Record<string, unknown>) | { ok: false; error: Refusal };

export const NOT_JOINED: Refusal = { code: 'not-joined', message: 'join a game first' };

export const accept = (members: Record<string, unknown> = {}): Reply => ({ ok: true, ...members });

export const refuse = (code: RefusalCode, message: string): Reply => ({
  ok: false,
  error: { code, message },
});
