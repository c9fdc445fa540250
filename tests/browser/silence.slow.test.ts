import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBrowser } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { requires } from '../support/requirements';
import { leave, openVenue, playing, untilReceived, type Venue } from './players';

describe.skipIf(!requires('chromium'))('a player who vanishes', () => {
  let venue: Venue;
  let chromium: TestBrowser;

  beforeAll(async () => {
    [venue, chromium] = await Promise.all([openVenue(), launchChromium()]);
  });
  afterAll(() => Promise.all([venue.close(), chromium.close()]));

  it('fails the link as `peer-silent`, announced once', async () => {
    const doomed = await launchChromium();
    const [one] = await playing(venue, [chromium, doomed], { options: { recoveryBudgetMs: 4_000 } });
    await untilReceived(one, 30);
    await one.untilTold('callback', 'onConnectionTypeDetected');
    await doomed.kill();
    expect(await one.untilTold('event', 'failed')).toMatchObject({ detail: { reason: 'peer-silent' } });
    expect(await one.callbacks()).toEqual([
      'onDataChannelOpen',
      'onConnectionTypeDetected',
      'onConnectionLost',
      'onDataChannelClose',
      'onConnectionFailed',
    ]);
    await leave([one]);
  });

  it('is not assumed when the server pauses a live link: both callers are resumed, once', async () => {
    const game = randomUUID();
    const pair = await playing(venue, [chromium, chromium], { game });
    for (const player of pair) {
      await untilReceived(player, 30);
      await player.untilTold('callback', 'onConnectionTypeDetected');
      await player.drive('restartOnPause');
    }
    const [one] = pair;
    await one.drive('emit', 'p2p_connection_lost', { game_id: game, player_id: 1, frame_number: 7 });
    for (const player of pair) await player.untilTold('callback', 'onConnectionRestored');
    for (const player of pair) await untilReceived(player, 60);
    for (const player of pair) {
      expect(await player.callbacks()).toEqual([
        'onDataChannelOpen',
        'onConnectionTypeDetected',
        'onConnectionRestored',
      ]);
      expect(await player.drive('look')).toMatchObject({ state: 'connected', iceRestartAttempts: 0 });
      expect((await player.drive('traffic')).longestLoss).toBeLessThanOrEqual(6);
    }
    await leave(pair);
  });
});
