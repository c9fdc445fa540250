import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type TestBrowser, type TestPage } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { launchFirefox } from '../support/firefox';
import { bundle } from '../support/page-bundles';
import { requires } from '../support/requirements';
import { openVenue, type Player, seat, type Venue } from './players';
import type { UpstreamPage } from './upstream.page';

interface Patience {
  readonly timeoutMs?: number;
}

const told = (page: TestPage) =>
  page.evaluate((): UpstreamPage['peer']['told'] => [...window.upstream.peer.told], undefined);

describe.skipIf(!requires('chromium', 'firefox'))('a mixed pair in real browsers', () => {
  let venue: Venue;
  let browsers: Readonly<Record<'chromium' | 'firefox', TestBrowser>>;
  let script: string;

  beforeAll(async () => {
    const [opened, chromium, firefox, code] = await Promise.all([
      openVenue(),
      launchChromium(),
      launchFirefox(),
      bundle({ entry: 'tests/browser/upstream.page.ts', format: 'iife' }),
    ]);
    [venue, browsers, script] = [opened, { chromium, firefox }, code];
  });
  afterAll(() => Promise.all([venue.close(), browsers.chromium.close(), browsers.firefox.close()]));

  /** A connected pair; the player with the lower id offers. */
  async function mixedPair(upstreamIs: 'offerer' | 'answerer', browser: 'chromium' | 'firefox') {
    const game = randomUUID();
    const [upstreamId, holdfastId] = upstreamIs === 'offerer' ? ([1, 2] as const) : ([2, 1] as const);
    const upstream = await browsers[browser].newPage();
    await upstream.goto(venue.pages.blankUrl);
    await upstream.evaluate((text) => {
      const element = document.createElement('script');
      element.textContent = text;
      document.head.append(element);
    }, script);
    await upstream.evaluate(({ url, game, id }) => window.upstream.enter(url, game, id), {
      url: venue.relay.url,
      game,
      id: upstreamId,
    });
    const holdfast = await seat(venue, browsers.chromium, holdfastId, { game });
    await holdfast.drive('connect', upstreamId);
    await upstream.evaluate((peerId) => window.upstream.peer.connectToPeer(peerId), holdfastId);
    await holdfast.untilState('connected');
    return { holdfast, upstream };
  }

  /** Sends it until it arrives: the channel may lose a message, and a Firefox that restarted loses the first for seconds. */
  async function talk(
    holdfast: Player,
    upstream: TestPage,
    text: string,
    patience: Patience = {},
  ): Promise<void> {
    await eventually(
      async () => {
        await holdfast.drive('sendText', `${text} from holdfast`);
        return upstream.evaluate(() => [...window.upstream.peer.messages], undefined);
      },
      (messages) => messages.at(-1) === `${text} from holdfast`,
      patience,
    );
    await eventually(
      async () => {
        await upstream.evaluate((line) => window.upstream.peer.send(line), `${text} from upstream`);
        return holdfast.drive('others');
      },
      (messages) => messages.at(-1) === `${text} from upstream`,
      patience,
    );
  }

  /** A Firefox may close its end if it restarts sooner: docs/discoveries/firefox-after-a-restart.md. */
  async function settle(holdfast: Player, upstream: TestPage, patience: Patience = {}): Promise<void> {
    const turns = upstream.browser === 'firefox' ? 100 : 3;
    for (let turn = 0; turn < turns; turn += 1) await talk(holdfast, upstream, `turn ${turn}`, patience);
  }

  /** After Chromium's restart, nothing may reach a Firefox, or nothing after some messages, and the next restart heals it: the same discovery. */
  async function restartUntilHeard(holdfast: Player, upstream: TestPage, attempt = 1): Promise<void> {
    expect(await holdfast.drive('restart')).toBe(true);
    await holdfast.untilTold('callback', 'onConnectionRestored', attempt);
    try {
      await talk(holdfast, upstream, `after our restart ${attempt}`, { timeoutMs: 8_000 });
      await settle(holdfast, upstream, { timeoutMs: 8_000 });
    } catch (error) {
      if (upstream.browser !== 'firefox' || attempt === 3) throw error;
      await restartUntilHeard(holdfast, upstream, attempt + 1);
    }
  }

  it.each([
    ['chromium', 'offerer'],
    ['chromium', 'answerer'],
    ['firefox', 'offerer'],
    ['firefox', 'answerer'],
  ] as const)('with upstream in %s as %s: connects, restarts and closes', async (browser, role) => {
    const { holdfast, upstream } = await mixedPair(role, browser);
    await settle(holdfast, upstream);
    await restartUntilHeard(holdfast, upstream);
    await upstream.evaluate(() => window.upstream.peer.attemptIceRestart(), undefined);
    await settle(holdfast, upstream);
    expect(await holdfast.drive('look')).toMatchObject({ state: 'connected', ready: true });
    expect(await upstream.evaluate(() => [...window.upstream.peer.announced], undefined)).toEqual(
      role === 'offerer' ? [] : ['game'],
    );
    await holdfast.drive('close');
    await eventually(
      () => told(upstream),
      (names) => names.includes('close'),
    );
    expect(upstream.errors).toEqual([]);
    await Promise.all([holdfast.page.close(), upstream.close()]);
  });

  it('ends in `failed` when upstream closes, which sends nothing else', async () => {
    const { holdfast, upstream } = await mixedPair('answerer', 'chromium');
    await talk(holdfast, upstream, 'first');
    await upstream.evaluate(() => window.upstream.peer.close(), undefined);
    expect(await holdfast.untilTold('event', 'failed')).toMatchObject({
      detail: { reason: 'channel-closed' },
    });
    const callbacks = await holdfast.callbacks();
    expect(callbacks.slice(-2)).toEqual(['onDataChannelClose', 'onConnectionFailed']);
    await Promise.all([holdfast.page.close(), upstream.close()]);
  });
});
