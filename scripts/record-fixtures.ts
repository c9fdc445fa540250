/** Records the sample sessions of tests/inspect/fixtures: real managers over the fake world, on a clock that this script moves. */
import { writeFile } from 'node:fs/promises';
import { mock } from 'node:test';
import { WebRTCManager } from 'holdfast';
import { createRecorder, type Recorder } from 'holdfast/inspect';
import { createFakeWorld, type FakeEnd, type FakeWorld } from 'holdfast/testing';

const FOLDER = new URL('../tests/inspect/fixtures/', import.meta.url);
const BEGAN = Date.UTC(2026, 0, 1);
const STEP_MS = 5;

const realImmediate = setImmediate;
mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: BEGAN });
performance.now = () => Date.now() - BEGAN;

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    mock.timers.tick(STEP_MS);
    await new Promise((resolve) => realImmediate(resolve));
  }
}

interface Scene {
  world: FakeWorld;
  recorder: Recorder;
  managers: readonly [WebRTCManager, WebRTCManager];
}

async function record(name: string, play: (scene: Scene) => Promise<void>): Promise<void> {
  const world = createFakeWorld();
  const recorder = createRecorder({ label: 'player 1', world: { randomId: () => `sample-${name}` } });
  const manage = ({ socket, playerId, environment }: FakeEnd, watcher?: Recorder) =>
    new WebRTCManager(socket, world.gameId, playerId, {
      environment,
      logger: 'silent',
      recoveryBudgetMs: 25_000,
      ...(watcher && { inspect: watcher.inspect }),
    });
  const managers = [manage(world.a, recorder), manage(world.b)] as const;
  recorder.attach(managers[0]);
  await play({ world, recorder, managers });
  await writeFile(new URL(`${name}.ndjson`, FOLDER), recorder.toNdjson());
  console.log(`${name}: ${recorder.records.length} records, ends ${managers[0].state}`);
  for (const manager of managers) manager.close();
  world.dispose();
}

async function connect({ managers: [a, b] }: Scene): Promise<void> {
  void a.connectToPeer(2);
  void b.connectToPeer(1);
  await pass(5_000);
}

await record('outage', async (scene) => {
  const { world, recorder } = scene;
  await connect(scene);
  recorder.mark('fault: all packets are dropped');
  world.network.cut();
  await pass(20_000);
  world.network.heal();
  recorder.mark('fault over');
  await pass(10_000);
});

await record('failure', async (scene) => {
  const { world, recorder } = scene;
  await connect(scene);
  recorder.mark('fault: the other page is gone without a word');
  world.b.kill();
  await pass(35_000);
});
