import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBrowser, TestPage } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { requires } from '../support/requirements';
import { leave, openVenue, playing, untilReceived, type Venue } from './players';
import { openCountedPage, type Remains } from './remains';

interface Outcome {
  readonly before: Remains;
  /** While the link was in use, or had failed. */
  readonly during: Remains;
  /** Right after `close()`, and once the relay has answered again. */
  readonly after: readonly Remains[];
}

/** Runs a link of the given kind in one page, between two managers, and counts what it keeps. */
async function countLink(kind: 'used' | 'unanswered' | 'without relay'): Promise<Outcome> {
  const { sockets, game } = window;
  const count = () => window.remains();
  const before = count();
  const options = {
    iceServers: [],
    logger: 'silent' as const,
    forceRelay: kind === 'without relay',
    connectTimeoutMs: kind === 'unanswered' ? 300 : 15_000,
    recoveryBudgetMs: kind === 'unanswered' ? 600 : 90_000,
  };
  const present = kind === 'used' ? sockets : sockets.slice(0, 1);
  const managers = present.map((socket, index) => {
    const manager = new window.Holdfast.WebRTCManager(socket, game, index + 1, options);
    manager.on('message', () => manager.isReady());
    return manager;
  });
  const all = (event: 'failed' | 'path' | 'restored', of = managers) =>
    Promise.all(of.map((manager) => new Promise<void>((resolve) => manager.on(event, () => resolve()))));
  const reached = all(kind === 'used' ? 'path' : 'failed');
  managers.forEach((manager, index) => void manager.connectToPeer(2 - index));
  await reached;
  const restored = all('restored', managers.slice(0, 1));
  if (kind === 'used' && (await managers[0]?.attemptIceRestart())) await restored;
  const during = count();
  for (const manager of managers) manager.close();
  const atOnce = count();
  await Promise.all(sockets.map((socket) => socket.emitWithAck('holdfast_ping', {})));
  return { before, during, after: [atOnce, count()] };
}

describe.skipIf(!requires('chromium'))('leaving in a real browser', () => {
  let venue: Venue;
  let chromium: TestBrowser;

  beforeAll(async () => {
    [venue, chromium] = await Promise.all([openVenue(), launchChromium()]);
  });
  afterAll(() => Promise.all([venue.close(), chromium.close()]));

  describe('close()', () => {
    let page: TestPage;

    beforeAll(async () => {
      page = await openCountedPage(chromium, { pages: venue.pages.blankUrl, signaling: venue.relay.url });
    });
    afterAll(() => page.close());

    it.each(['used', 'unanswered', 'without relay'] as const)(
      'leaves nothing alive of a link that was %s',
      async (kind) => {
        const { before, during, after } = await page.evaluate(countLink, kind);
        expect(during.made).toBeGreaterThan(before.made);
        expect(during.onSockets).toBeGreaterThan(before.onSockets);
        expect(during.listeners).toBeGreaterThan(before.listeners);
        // A first connection that failed is closed already.
        if (kind === 'used') expect(during.handlers).toBeGreaterThan(before.handlers);
        if (kind === 'used') expect(during.intervals).toBeGreaterThan(before.intervals);
        expect(during.open > 0).toBe(kind === 'used');
        const nothingMore = { ...before, made: during.made, open: 0 };
        expect(after).toEqual([nothingMore, nothingMore]);
        expect(page.errors).toEqual([]);
      },
    );
  });

  it('reaches the other player, who ends in `closed` and offers nothing', async () => {
    const [one, two] = await playing(venue, [chromium, chromium]);
    await Promise.all([one, two].map((player) => untilReceived(player, 30)));
    await Promise.all([one, two].map((player) => player.untilTold('callback', 'onConnectionTypeDetected')));
    const signals = await one.signals();
    await two.drive('close');
    expect(await one.untilTold('event', 'closed')).toMatchObject({ detail: { reason: 'peer-left' } });
    expect(await one.drive('look')).toMatchObject({ state: 'closed', ready: false, usable: false });
    expect(await one.callbacks()).toEqual([
      'onDataChannelOpen',
      'onConnectionTypeDetected',
      'onDataChannelClose',
    ]);
    expect(await one.signals()).toEqual(signals);
    expect((await two.signals()).at(-1)).toBe('bye');
    expect(await two.drive('look')).toMatchObject({ state: 'closed', ready: false });
    await leave([one, two]);
  });
});
