import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WebRTCManager } from 'holdfast';
import { createFakeWorld, installFakeClock } from 'holdfast/testing';
import { createGame } from './game.mjs';

describe('a game', () => {
  let clock;
  let world;
  let games;

  const linkOf = ({ socket, environment, playerId }) =>
    new WebRTCManager(socket, world.gameId, playerId, { environment, preset: 'rollback', logger: 'silent' });
  const phases = () => games.map(({ phase }) => phase);
  const areBoth = (phase) => () => phases().every((each) => each === phase);

  beforeEach(async () => {
    clock = installFakeClock(); // first, because anything created earlier keeps real time
    world = createFakeWorld({ profile: ['chromium', 'firefox'], seed: 7 });
    const { a, b } = world;
    games = [
      createGame(linkOf(a), { otherPlayer: b.playerId }),
      createGame(linkOf(b), { otherPlayer: a.playerId }),
    ];
    await clock.advanceUntil(areBoth('playing'));
  });

  afterEach(() => {
    for (const game of games) game.leave();
    world.dispose();
    clock.uninstall();
  });

  it('pauses at both players when the network is cut, and goes on where it was', async () => {
    await clock.advance(5_000);
    world.network.cut();
    await clock.advanceUntil(areBoth('paused'), 3_000);
    const frames = games.map(({ frame }) => frame);
    await clock.advance(20_000);
    assert.deepEqual(
      games.map(({ frame }) => frame),
      frames,
    );

    world.network.heal();
    await clock.advanceUntil(areBoth('playing'), 5_000);
    await clock.advance(1_000);
    for (const [index, game] of games.entries()) {
      assert.ok(game.frame > frames[index], 'it goes on');
      assert.ok(game.seen > frames[1 - index], 'and hears the other');
    }
  });

  it('plays on through a blip', async () => {
    world.network.cut();
    await clock.advance(300);
    world.network.heal();
    await clock.advance(5_000);
    assert.deepEqual(phases(), ['playing', 'playing']);
  });

  it('is over, not paused, when the other player leaves', async () => {
    games[0].leave();
    await clock.advanceUntil(() => games[1].phase === 'over', 1_000);
  });

  it('is over when the other browser is gone for good', async () => {
    world.b.kill();
    await clock.advanceUntil(() => games[0].phase === 'over', 120_000);
  });

  for (const seed of [1, 2, 3])
    it(`plays again after any two minutes of chaos (seed ${seed})`, async () => {
      const chaos = world.chaos({ seed });
      await clock.advance(120_000);
      chaos.stop();
      await clock.advance(60_000);
      assert.deepEqual(phases(), ['playing', 'playing'], JSON.stringify(chaos.faults));
    });
});
