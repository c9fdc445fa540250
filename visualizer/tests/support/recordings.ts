import { WebRTCManager } from 'holdfast';
import { createRecorder, type Recorder } from 'holdfast/inspect';
import { createFakeWorld, type FakeEnd, type FakeWorld } from 'holdfast/testing';
import { onTestFinished, vi } from 'vitest';

/** Two players of the fake world, each watched by a recorder. */
export interface RecordedGame {
  readonly world: FakeWorld;
  readonly recorders: readonly [Recorder, Recorder];
  readonly managers: readonly [WebRTCManager, WebRTCManager];
  pass(ms: number): Promise<unknown>;
}

/** Starts a game on fake timers, with both links connected; all of it ends with the test. */
export async function recordGame(): Promise<RecordedGame> {
  const world = openWorld();
  const [one, two] = [watched(world, world.a, 'player 1'), watched(world, world.b, 'player 2')];
  void one.manager.connectToPeer(world.b.playerId);
  void two.manager.connectToPeer(world.a.playerId);
  await pass(3_000);
  return {
    world,
    recorders: [one.recorder, two.recorder],
    managers: [one.manager, two.manager],
    pass,
  };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function openWorld(): FakeWorld {
  vi.useFakeTimers({ now: Date.UTC(2026, 1, 3, 14, 5, 9) });
  const world = createFakeWorld();
  onTestFinished(() => {
    world.dispose();
    vi.useRealTimers();
  });
  return world;
}

function watched(world: FakeWorld, end: FakeEnd, label: string) {
  const recorder = createRecorder({ label });
  const manager = new WebRTCManager(end.socket, world.gameId, end.playerId, {
    environment: end.environment,
    logger: 'silent',
    inspect: recorder.inspect,
  });
  recorder.attach(manager);
  onTestFinished(() => manager.close());
  return { recorder, manager };
}

/** A cut of so many ms between both pages, including the relay, and the recovery from it. */
export async function recordOutage(cutMs: number): Promise<RecordedGame> {
  const game = await recordGame();
  game.recorders[0].mark('fault: cut off');
  game.world.cutOff();
  await game.pass(cutMs);
  game.world.reachAgain();
  await game.pass(10_000);
  return game;
}

/** A call that nobody answers until it fails and the game leaves. */
export async function recordUnanswered(): Promise<Recorder> {
  const world = openWorld();
  world.b.kill();
  const { recorder, manager } = watched(world, world.a, 'player 1');
  void manager.connectToPeer(world.b.playerId);
  await pass(120_000);
  manager.close();
  return recorder;
}
