import type { WebRTCManagerOptions } from 'holdfast';
import {
  createRecorder,
  type Recorder,
  type RecorderOptions,
  type RecordKind,
  type RecordOf,
} from 'holdfast/inspect';
import type { FakeWorldOptions } from 'holdfast/testing';
import { createPlayer, HANDSHAKE_MS, type Player, pass, startWorld } from '../contract/players';

export interface Recorded {
  readonly world: ReturnType<typeof startWorld>;
  readonly a: Player;
  readonly b: Player;
  readonly recorder: Recorder;
  /** Detaches the recorder from player a. */
  readonly detach: () => void;
}

/** Two players, the first of them recorded; not connected yet. */
export function startRecorded(
  options: WebRTCManagerOptions = {},
  recorderOptions: RecorderOptions = {},
  worldOptions: FakeWorldOptions = {},
): Recorded {
  const world = startWorld(worldOptions);
  const recorder = createRecorder({ label: 'player 1', ...recorderOptions });
  const a = createPlayer(world, world.a, { ...options, inspect: recorder.inspect });
  const b = createPlayer(world, world.b, options);
  return { world, a, b, recorder, detach: recorder.attach(a.manager) };
}

/** The same, connected. */
export async function connectRecorded(...options: Parameters<typeof startRecorded>): Promise<Recorded> {
  const recorded = startRecorded(...options);
  void recorded.a.manager.connectToPeer(recorded.b.end.playerId);
  void recorded.b.manager.connectToPeer(recorded.a.end.playerId);
  await pass(HANDSHAKE_MS);
  return recorded;
}

export const ofKind = <Kind extends RecordKind>(recorder: Recorder, kind: Kind): RecordOf<Kind>[] =>
  recorder.records.filter((record): record is RecordOf<Kind> => record.kind === kind);
