import { mock } from 'node:test';
import { WebRTCManager } from 'holdfast';
import { createRecorder, type Recorder } from 'holdfast/inspect';
import { createFakeWorld, type FakeEnd, type FakeWorld } from 'holdfast/testing';

const BEGAN = Date.UTC(2026, 0, 1);
const STEP_MS = 5;

/** What a scenario can use: the world, and the recorders of both players. */
export interface RecordedWorld {
  readonly world: FakeWorld;
  readonly recorders: readonly [Recorder, Recorder];
  /** Lets `ms` pass for everything in this process. */
  pass(ms: number): Promise<void>;
}

/** Connects two real managers over the fake world and runs `play` with them. @returns the session logs of players 1 and 2. */
export async function recordWorld(
  name: string,
  play: (scene: RecordedWorld) => Promise<void>,
): Promise<readonly [string, string]> {
  const realNow = performance.now;
  const realImmediate = setImmediate;
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: BEGAN });
  performance.now = () => Date.now() - BEGAN;
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += STEP_MS) {
      mock.timers.tick(STEP_MS);
      await new Promise((resolve) => realImmediate(resolve));
    }
  };
  const world = createFakeWorld();
  const [one, two] = [
    watched(world, world.a, 'player 1', `sample-${name}`),
    watched(world, world.b, 'player 2', `sample-${name}-2`),
  ];
  void one.manager.connectToPeer(world.b.playerId);
  void two.manager.connectToPeer(world.a.playerId);
  await pass(5_000);
  if (one.manager.state !== 'connected') throw new Error(`${name}: the players did not connect`);
  await play({ world, recorders: [one.recorder, two.recorder], pass });
  const logs = [one.recorder.toNdjson(), two.recorder.toNdjson()] as const;
  console.log(`${name}: ${one.recorder.records.length} records, ends ${one.manager.state}`);
  for (const { manager } of [one, two]) manager.close();
  world.dispose();
  mock.timers.reset();
  performance.now = realNow;
  return logs;
}

function watched(world: FakeWorld, end: FakeEnd, label: string, id: string) {
  const recorder = createRecorder({ label, world: { randomId: () => id } });
  const manager = new WebRTCManager(end.socket, world.gameId, end.playerId, {
    environment: end.environment,
    logger: 'silent',
    recoveryBudgetMs: 25_000,
    inspect: recorder.inspect,
  });
  recorder.attach(manager);
  return { recorder, manager };
}
