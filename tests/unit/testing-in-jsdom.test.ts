import { expect, it, onTestFinished, vi } from 'vitest';

/** Jest's environment of that name gives a test jsdom's globals, without any of Node's. */
it('holdfast runs in a jsdom that has neither TextEncoder nor structuredClone', async () => {
  for (const missing of ['TextEncoder', 'structuredClone']) vi.stubGlobal(missing, undefined);
  vi.resetModules();
  onTestFinished(() => void vi.unstubAllGlobals());
  const [{ WebRTCManager }, { createFakeWorld, installFakeClock }] = await Promise.all([
    import('holdfast'),
    import('holdfast/testing'),
  ]);
  const clock = installFakeClock();
  onTestFinished(() => clock.uninstall());
  const world = createFakeWorld();
  const [a, b] = [world.a, world.b].map(
    ({ socket, playerId, environment }) =>
      new WebRTCManager(socket, world.gameId, playerId, { environment, logger: 'silent' }),
  );
  const heard: unknown[] = [];
  b?.on('message', (data) => void heard.push(data));
  a?.on('open', () => void a.send('grüße'));
  void a?.connectToPeer(world.b.playerId);
  void b?.connectToPeer(world.a.playerId);
  await clock.advance(1_000);
  expect(heard).toEqual(['grüße']);
  for (const manager of [a, b]) manager?.close();
  world.dispose();
});
