import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBrowser } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { launchFirefox } from '../support/firefox';
import { requires } from '../support/requirements';
import { leave, openVenue, playing, untilReceived, type Venue } from './players';

/** Two seconds of 60 Hz: enough to see a pause. */
const TWO_SECONDS = 120;
/** What a live restart may cost: a tenth of a second of play. */
const MAX_LOSS = 6;
/** Longer than a relay may take to answer a ping. */
const LOADING_MS = 1_500;
/** All callbacks of a link that never falters. */
const CALM_CALLBACKS = ['onDataChannelOpen', 'onConnectionTypeDetected'];

describe.skipIf(!requires('chromium', 'firefox'))('two players in real browsers', () => {
  let venue: Venue;
  let chromium: TestBrowser;
  let firefox: TestBrowser;

  beforeAll(async () => {
    [venue, chromium, firefox] = await Promise.all([openVenue(), launchChromium(), launchFirefox()]);
  });
  afterAll(() => Promise.all([venue.close(), chromium.close(), firefox.close()]));

  it('connect, exchange 60 messages a second both ways and detect a direct path', async () => {
    const pair = await playing(venue, [chromium, chromium]);
    for (const player of pair) {
      await untilReceived(player, TWO_SECONDS);
      const { duplicates, longestLoss, stale } = await player.drive('traffic');
      expect({ duplicates, stale }).toEqual({ duplicates: 0, stale: 0 });
      expect(longestLoss).toBeLessThanOrEqual(MAX_LOSS);
      const { detail } = await player.untilTold('callback', 'onConnectionTypeDetected');
      expect(detail).toMatchObject({ connectionType: 'direct', relayProtocol: null });
      expect(await player.drive('connectionType')).toMatchObject({ connectionType: 'direct' });
      expect(await player.callbacks()).toEqual(CALM_CALLBACKS);
      expect(await player.drive('look')).toMatchObject({ state: 'connected', ready: true, usable: true });
      expect(player.page.errors).toEqual([]);
    }
    await leave(pair);
  });

  it.each(['Chromium', 'Firefox'] as const)('connect when %s offers to the other browser', async (name) => {
    const browsers = name === 'Chromium' ? ([chromium, firefox] as const) : ([firefox, chromium] as const);
    const pair = await playing(venue, browsers);
    for (const player of pair) {
      await untilReceived(player, TWO_SECONDS);
      await player.untilTold('callback', 'onConnectionTypeDetected');
      expect(await player.callbacks()).toEqual(CALM_CALLBACKS);
      expect(player.page.errors).toEqual([]);
    }
    await leave(pair);
  });

  it.each(['Chromium', 'Firefox'] as const)(
    'keep link and socket when a page of %s becomes visible and then stalls while it loads a level',
    async (name) => {
      const pair = await playing(venue, [name === 'Chromium' ? chromium : firefox, chromium]);
      const [one] = pair;
      await untilReceived(one, TWO_SECONDS / 2);
      await one.page.evaluate((loadingMs) => {
        document.dispatchEvent(new Event('visibilitychange'));
        for (const startedAtMs = performance.now(); performance.now() - startedAtMs < loadingMs; );
      }, LOADING_MS);
      await untilReceived(one, TWO_SECONDS);
      const records = await one.drive('records');
      expect(records.filter(({ name }) => name === 'disconnect' || name === 'lost')).toEqual([]);
      await leave(pair);
    },
  );

  it('continue through a restart by the offerer and one by the answerer', async () => {
    const pair = await playing(venue, [chromium, chromium]);
    await Promise.all(pair.map((player) => untilReceived(player, TWO_SECONDS / 2)));
    for (const asking of pair) {
      expect(await asking.drive('restart')).toBe(true);
      await asking.untilTold('callback', 'onConnectionRestored');
      await Promise.all(pair.map((player) => untilReceived(player, TWO_SECONDS)));
    }
    for (const player of pair) {
      const { longestLoss, missing } = await player.drive('traffic');
      expect(longestLoss, `of ${missing} missing`).toBeLessThanOrEqual(MAX_LOSS);
      expect(await player.callbacks()).toEqual([...CALM_CALLBACKS, 'onConnectionRestored']);
      expect(await player.drive('look')).toMatchObject({ state: 'connected', iceRestartAttempts: 0 });
    }
    await leave(pair);
  });

  it('continue through restarts by either end of a link that Firefox offered', async () => {
    const pair = await playing(venue, [firefox, chromium]);
    await Promise.all(pair.map((player) => untilReceived(player, TWO_SECONDS)));
    const [offerer, answerer] = pair;
    for (const asking of [offerer, offerer, answerer, answerer]) {
      expect(await asking.drive('restart')).toBe(true);
      await Promise.all(pair.map((player) => untilReceived(player, TWO_SECONDS)));
    }
    for (const player of pair) {
      const records = await player.drive('records');
      expect(records.filter(({ name }) => name === 'onConnectionLost')).toEqual([]);
    }
    await leave(pair);
  });
});
