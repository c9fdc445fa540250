import { describe, expect, it } from 'vitest';
import { connectPlayers, namesOf, pass } from '../contract/players';

type World = Awaited<ReturnType<typeof connectPlayers>>;

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1);
const FAULTS_PER_WORLD = 12;
/** Longer than stableMs and every deadline that may still run. */
const PEACE_MS = 60_000;

/** One fault of the network, the relay or the players, by a number in [0, 1). */
function strike({ world, a, b }: World, random: () => number): void {
  const fate = random();
  if (fate < 0.25) world.network.cut();
  else if (fate < 0.4) world.network.cut(random() < 0.5 ? 0 : 1);
  else if (fate < 0.5) world.cutOff();
  else if (fate < 0.6) world.relay.restart();
  else if (fate < 0.7) void a.manager.attemptIceRestart();
  else if (fate < 0.8) void b.manager.attemptIceRestart();
  else if (fate < 0.9) Object.assign(world.relay, { loss: 0.3, duplication: 0.3, delayMs: 300 * random() });
  else world.network.setLoss(0.3);
}

describe('a world of random faults', () => {
  it.each(SEEDS)(
    '%i ends connected on one connection each, and carries data, once it is whole',
    async (seed) => {
      const profile = seed % 2 === 0 ? 'chromium' : 'firefox';
      const players = await connectPlayers(
        {},
        { seed, profile: [profile, seed % 3 === 0 ? 'chromium' : profile] },
      );
      const { world, a, b } = players;
      const random = world.a.environment.random;
      for (let fault = 0; fault < FAULTS_PER_WORLD; fault += 1) {
        strike(players, random);
        await pass(random() * 12_000);
        world.reachAgain();
        await pass(random() * 4_000);
      }
      world.relay.loss = 0;
      world.network.setLoss(0);
      world.reachAgain();
      await pass(PEACE_MS);

      for (const { manager } of [a, b]) {
        expect(manager.state).toBe('connected');
        expect(manager.peerConnection?.signalingState).toBe('stable');
        expect(manager.iceRestartAttempts).toBe(0);
      }
      const open = [a, b].map(
        ({ end }) => end.peerConnections.filter((pc) => pc.signalingState !== 'closed').length,
      );
      expect(open).toEqual([1, 1]);
      a.manager.send('from a');
      b.manager.send('from b');
      await pass(1_000);
      expect(b.heard.at(-1)).toEqual(['onDataChannelMessage', 'from a']);
      expect(a.heard.at(-1)).toEqual(['onDataChannelMessage', 'from b']);
      for (const { heard } of [a, b]) expectPairedAnnouncements(namesOf(heard));
    },
  );
});

/** *Lost* and *restored* strictly by turns, but for a restart that was asked for under a live link, and a revival out of *failed*. */
function expectPairedAnnouncements(names: readonly string[]): void {
  let isLost = false;
  for (const name of names) {
    if (name === 'onConnectionLost') expect(isLost, 'lost twice').toBe(false);
    if (name === 'onConnectionLost') isLost = true;
    if (name === 'onConnectionRestored' || name === 'onConnectionFailed') isLost = false;
  }
  expect(isLost, 'lost and never answered').toBe(false);
}
