import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openCountedPage, type Remains } from '../browser/remains';
import { eventually, type TestBrowser, type TestPage } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { type PageServer, startPageServer } from '../support/page-server';
import { requires } from '../support/requirements';
import { Loopback } from './support/loopback.js';

interface Looks extends Remains {
  readonly states: readonly string[];
  readonly told: readonly string[];
}

declare global {
  interface Window {
    look(): Looks;
    leave(): void;
  }
}

// Runs in the page.

function connect(timings: { recoveryBudgetMs: number }): void {
  const { sockets, game } = window;
  const told: string[] = [];
  const managers = sockets.map((socket, index) => {
    const manager = new window.Holdfast.WebRTCManager(socket, game, index + 1, {
      preset: 'rollback',
      iceServers: [],
      logger: 'silent',
      ...timings,
    });
    manager.on('restored', () => told.push('restored'));
    manager.on('failed', () => told.push('failed'));
    return manager;
  });
  window.look = () => ({ ...window.remains(), states: managers.map(({ state }) => state), told });
  window.leave = () => {
    for (const manager of managers) manager.close();
  };
  managers.forEach((manager, index) => void manager.connectToPeer(2 - index));
}

function leave(): Looks {
  window.leave();
  return window.look();
}

async function hearTheRelay(): Promise<Looks> {
  await Promise.all(window.sockets.map((socket) => socket.emitWithAck('holdfast_ping', {})));
  return window.look();
}

describe.skipIf(!requires('chromium'))('close() in a real browser, with a network that breaks', () => {
  let pages: PageServer;
  let ground: Loopback;
  let chromium: TestBrowser;
  let page: TestPage;

  beforeAll(async () => {
    [pages, chromium] = await Promise.all([
      startPageServer(),
      launchChromium({ args: ['--allow-loopback-in-peer-connection'] }),
    ]);
  });
  afterAll(() => Promise.all([pages.close(), chromium.close()]));

  beforeEach(async () => {
    ground = await Loopback.open();
    page = await openCountedPage(chromium, { pages: pages.blankUrl, signaling: ground.origin });
  });
  afterEach(async () => {
    await page.close();
    await ground.close();
  });

  const until = (isSo: (looks: Looks) => boolean, what: string) =>
    eventually(() => page.evaluate(() => window.look(), undefined), isSo, { what });
  const areAll = (state: string) => (looks: Looks) => looks.states.every((each) => each === state);

  it.each([
    {
      when: 'in an outage, with races under way',
      budgetMs: 90_000,
      live: async () => {
        ground.udp.blackHole();
        return until((looks) => areAll('restarting')(looks) && looks.open > 2, 'a race');
      },
    },
    {
      when: 'as soon as an outage is over, with the losers still there',
      budgetMs: 90_000,
      live: async () => {
        ground.udp.blackHole();
        await until((looks) => areAll('restarting')(looks) && looks.open > 2, 'a race');
        ground.udp.heal();
        return until(areAll('connected'), 'the end of the outage');
      },
    },
    {
      when: 'once the losers of an outage are gone',
      budgetMs: 90_000,
      live: async () => {
        ground.udp.blackHole();
        await until(areAll('restarting'), 'an outage');
        ground.udp.heal();
        return until((looks) => looks.told.length === 2 && looks.open === 2, 'peace');
      },
    },
    {
      when: 'after an outage that failed',
      budgetMs: 1_500,
      live: async () => {
        ground.udp.blackHole();
        return until(areAll('failed'), 'the failure');
      },
    },
  ])('leaves nothing alive $when', async ({ budgetMs, live }) => {
    const before = await page.evaluate(() => window.remains(), undefined);
    await page.evaluate(connect, { recoveryBudgetMs: budgetMs });
    await until(areAll('connected'), 'a link');
    const during = await live();
    expect(during.made).toBeGreaterThan(2);
    expect(during.onSockets).toBeGreaterThan(before.onSockets);
    const looks = [await page.evaluate(leave, undefined), await page.evaluate(hearTheRelay, undefined)];
    for (const { told: _, made, ...remains } of looks)
      expect({ ...remains, made }).toEqual({ ...before, made, states: ['closed', 'closed'] });
    expect(page.errors).toEqual([]);
  });
});
