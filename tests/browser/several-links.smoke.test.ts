import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBrowser, TestPage } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { bundle } from '../support/page-bundles';
import { type PageServer, startPageServer } from '../support/page-server';
import { type RunningRelay, startRelay } from '../support/relay';
import { requires } from '../support/requirements';
import type { PartyLook } from './several-links.page';
import { soon } from './soon';

const PLAYERS = [1, 2, 3];
const othersOf = (me: number) => PLAYERS.filter((player) => player !== me);
const toEach = <Value>(me: number, value: Value) =>
  Object.fromEntries(othersOf(me).map((other) => [other, value]));

/** One story: each test starts where the last one ended. */
const IN_ORDER = { shuffle: false } as const;

describe.skipIf(!requires('chromium'))('three players in Chromium, two links each', IN_ORDER, () => {
  let relay: RunningRelay;
  let server: PageServer;
  let chromium: TestBrowser;
  let code: string;
  let pages: TestPage[] = [];

  const join = async (page: TestPage, me: number) => {
    await page.goto(server.blankUrl);
    await page.evaluate((text) => {
      const script = document.createElement('script');
      script.textContent = text;
      document.head.append(script);
    }, code);
    await page.evaluate((options) => window.joinParty(options), { url: relay.url, me, others: othersOf(me) });
  };
  const look = (page: TestPage) => page.evaluate<undefined, PartyLook>(() => window.party.look(), undefined);
  const all = <Key extends keyof PartyLook>(key: Key) =>
    Promise.all(pages.map(async (page) => (await look(page))[key]));
  const say = (text: string) =>
    Promise.all(pages.map((page) => page.evaluate((said) => window.party.say(said), text)));
  /** Sent again until it has arrived: the channel guarantees nothing. */
  const hearEachOther = async (text: string) => {
    const come = async () => {
      await say(text);
      return all('heard');
    };
    await soon(come).toEqual(
      PLAYERS.map((me) =>
        Object.fromEntries(
          othersOf(me).map((other) => [other, expect.arrayContaining([`${text} from ${other} to ${me}`])]),
        ),
      ),
    );
  };

  beforeAll(async () => {
    [relay, server, chromium, code] = await Promise.all([
      startRelay({ playersPerGame: PLAYERS.length }),
      startPageServer(),
      launchChromium(),
      bundle({ entry: 'tests/browser/several-links.page.ts', format: 'iife' }),
    ]);
    pages = await Promise.all(PLAYERS.map(() => chromium.newPage()));
    await Promise.all(pages.map((page, index) => join(page, index + 1)));
  });
  afterAll(() => Promise.all([relay.stop(), server.close(), chromium.close()]));

  it('connect, and each receives messages on each link', async () => {
    await soon(() => all('states')).toEqual(PLAYERS.map((me) => toEach(me, 'connected')));
    await hearEachOther('hello');
  });

  it('continue while the relay restarts, and take their seats again once', async () => {
    await relay.restart();
    await soon(() => all('ready')).toEqual([2, 2, 2]);
    await hearEachOther('still here');
    expect(await all('told')).toEqual(PLAYERS.map((me) => toEach(me, ['open'])));
  });

  it('reconnect with a player whose page reloads, without any event between the others', async () => {
    const [, second] = pages;
    if (second) await join(second, 2);
    await soon(() => all('states')).toEqual(PLAYERS.map((me) => toEach(me, 'connected')));
    await hearEachOther('again');
    const [first, , third] = await all('told');
    expect([first?.[3], third?.[1]]).toEqual([['open'], ['open']]);
    expect([first?.[2]?.at(-1), third?.[2]?.at(-1)]).toEqual(['restored', 'restored']);
  });

  it('continue when one leaves, and no message ever reached the wrong link', async () => {
    await pages[1]?.evaluate(() => window.party.leave(), undefined);
    await soon(async () => (await all('states')).map((states) => Object.values(states))).toEqual([
      ['closed', 'connected'],
      ['closed', 'closed'],
      ['connected', 'closed'],
    ]);
    const heard = await all('heard');
    for (const [index, byPlayer] of heard.entries())
      for (const [other, texts] of Object.entries(byPlayer))
        expect(texts.filter((text) => !text.endsWith(` from ${other} to ${index + 1}`))).toEqual([]);
    expect(pages.flatMap(({ errors }) => errors)).toEqual([]);
  });
});
