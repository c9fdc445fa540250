import { io } from 'socket.io-client';
import { afterEach, describe, expect, it } from 'vitest';
import { requires } from '../support/requirements';
import { soon } from './soon';
import { look, openWatchVenue, type Profile, type WatchVenue } from './watch-venue';

describe.skipIf(!requires('chromium'))('the visualizer on another device', () => {
  let venue: WatchVenue;
  let players: Profile;
  /** Another browser profile, which no broadcast of the players reaches. */
  let device: Profile;

  const open = async (inspect: boolean) => {
    venue = await openWatchVenue({ inspect });
    [players, device] = [await venue.openProfile(), await venue.openProfile()];
    return device.openVisualizer(`?game=${players.game}`);
  };
  afterEach(async () => {
    const outside = await Promise.all([players, device].map((profile) => profile.outside()));
    await venue.close();
    expect(outside.flat()).toEqual([]);
  });

  it('shows a shared game, without controls, and continues after the relay was away', async () => {
    const page = await open(true);
    await soon(() => look(page).banner()).toEqual([
      expect.stringContaining(`the game “${players.game}” can be watched yet`),
    ]);
    await players.play(1, '&inspect');
    await players.play(2, '&inspect');
    await soon(() => look(page).states()).toEqual(['connected', 'connected']);
    await soon(() => look(page).banner()).toEqual([]);
    expect(await page.locator('#controls').isVisible()).toBe(false);
    // A healthy link sends nothing else for minutes.
    await page.getByRole('button', { name: 'samples' }).click();
    await venue.relay.stop();
    await soon(() => look(page).banner()).toEqual([expect.stringContaining('Cannot reach')]);
    expect(await look(page).states()).toEqual(['connected', 'connected']);
    await venue.relay.start();
    await soon(() => look(page).banner()).toEqual([]);
    const before = await page.locator('#log .count').textContent();
    await soon(() => page.locator('#log .count').textContent()).not.toBe(before);
  });

  it('says what to do when a game has all the watchers that the relay allows', async () => {
    const page = await open(true);
    await soon(() => look(page).banner()).toEqual([expect.stringContaining(players.game)]);
    const others = Array.from({ length: 7 }, () => io(venue.url, { forceNew: true }));
    await Promise.all(others.map((other) => other.emitWithAck('holdfast_watch', { game_id: players.game })));
    const late = await device.openVisualizer(`?game=${players.game}`);
    await soon(() => look(late).banner()).toEqual([expect.stringContaining('maximum number of watchers')]);
    for (const other of others) other.disconnect();
  });

  it('says what to do when the relay lets nobody watch', async () => {
    const page = await open(false);
    await soon(() => look(page).banner()).toEqual([expect.stringContaining('npm start -- --inspect')]);
    expect(await page.locator('#empty').isVisible()).toBe(true);
  });
});
