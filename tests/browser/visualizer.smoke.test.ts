import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requires } from '../support/requirements';
import { soon } from './soon';
import { look, openWatchVenue, type Profile, type WatchVenue } from './watch-venue';

const BUILD_MS = 180_000;

describe.skipIf(!requires('chromium'))('the visualizer beside the game', () => {
  let venue: WatchVenue;
  let profile: Profile;

  beforeAll(async () => {
    venue = await openWatchVenue();
    profile = await venue.openProfile();
  }, BUILD_MS);
  afterAll(() => venue.close());

  it('draws the machine before there is a game, and then both players by itself, whichever page was opened first', async () => {
    const early = await profile.openVisualizer();
    await soon(() => early.locator('#picture .box').count()).toBe(7);
    expect(await early.locator('#empty').textContent()).toContain('No link to watch yet');
    const games = [await profile.play(1), await profile.play(2)];
    const late = await profile.openVisualizer();
    for (const page of [early, late]) {
      await soon(() => look(page).tabs()).toEqual(['player 1', 'player 2']);
      await soon(() => look(page).states()).toEqual(['connected', 'connected']);
      await soon(() => look(page).state()).toBe('connected.steady');
      expect(await look(page).live()).toEqual(['connected']);
      expect(await look(page).taken()).toEqual(['checking>connected']);
      await soon(() => look(page).story()).toMatch(/^Connected: direct/);
      // From its start, even if the page came late; only the end of a longer log is in view.
      await page.locator('#search').fill('start');
      await soon(() => look(page).log()).toContain('start');
    }
    await games[0]?.getByRole('link', { name: 'Open the visualizer' }).waitFor();
    expect(await games[0]?.getByRole('link', { name: 'Open the visualizer' }).getAttribute('href')).toBe(
      'visualizer/',
    );
    expect(await profile.outside()).toEqual([]);
    expect(profile.errors).toEqual([]);
  });
});
