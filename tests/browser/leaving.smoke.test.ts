import { randomUUID } from 'node:crypto';
import type { WebRTCManager as Manager } from 'holdfast';
import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBrowser, TestPage } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { requires } from '../support/requirements';
import { type Census, installCensus } from './census';
import { leave, openVenue, playing, untilReceived, type Venue } from './players';

declare global {
  interface Window {
    io(url: string, options: object): Socket;
    Holdfast: { WebRTCManager: typeof Manager };
    sockets: Socket[];
    game: string;
  }
}

function loadScript(source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = source;
    script.onload = () => resolve();
    script.onerror = reject;
    document.head.append(script);
  });
}

async function openSockets({ url, game }: { url: string; game: string }): Promise<void> {
  window.game = game;
  window.sockets = [1, 2].map(() => window.io(url, { transports: ['websocket'] }));
  await Promise.all(
    window.sockets.map((socket, index) =>
      socket.emitWithAck('join_game', { game_id: game, player_id: index + 1 }),
    ),
  );
}

interface Remains extends Census {
  readonly onSockets: number;
}

interface Outcome {
  readonly before: Remains;
  /** While the link was in use, or had failed. */
  readonly during: Remains;
  /** At once after `close()`, and when the relay has answered once more. */
  readonly after: readonly Remains[];
}

/** Plays a link of the given kind through in one page, between two managers, and counts. */
async function countLink(kind: 'used' | 'unanswered' | 'without relay'): Promise<Outcome> {
  const { sockets, game } = window;
  const count = (): Remains => ({
    ...window.census(),
    onSockets: sockets
      .map((socket) => Object.values<unknown[]>(Reflect.get(socket, '_callbacks') ?? {}).flat().length)
      .reduce((sum, each) => sum + each, 0),
  });
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

    // Signaling first, so that its own timers are not counted; then the census, before the library is loaded.
    beforeAll(async () => {
      page = await chromium.newPage();
      await page.goto(venue.pages.blankUrl);
      await page.evaluate(loadScript, '/socket.io.js');
      await page.evaluate(openSockets, { url: venue.relay.url, game: randomUUID() });
      await page.evaluate(installCensus, undefined);
      await page.evaluate(loadScript, '/holdfast.global.js');
    });
    afterAll(() => page.close());

    it.each(['used', 'unanswered', 'without relay'] as const)(
      'leaves nothing alive of a link that was %s',
      async (kind) => {
        const { before, during, after } = await page.evaluate(countLink, kind);
        expect(during.made).toBeGreaterThan(before.made);
        expect(during.onSockets).toBeGreaterThan(before.onSockets);
        expect(during.listeners).toBeGreaterThan(before.listeners);
        if (kind === 'used') expect(during.intervals).toBeGreaterThan(before.intervals);
        const nothingMore = { ...before, made: during.made, open: 0 };
        expect(after).toEqual([nothingMore, nothingMore]);
        expect(page.errors).toEqual([]);
      },
    );
  });

  it('is told to the other player, who ends closed and offers nothing', async () => {
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
