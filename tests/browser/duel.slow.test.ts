import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, type TestBrowser, type TestPage } from '../support/browser-page';
import { buildDuel, temporaryFolder } from '../support/built-pages';
import { launchChromium } from '../support/chromium';
import { type RunningRelay, startRelay } from '../support/relay';
import { requires } from '../support/requirements';

/** A second of play. */
const SECOND = 60;

const shown = (page: TestPage) => page.evaluate(() => ({ ...document.body.dataset }), undefined);

const frameOf = async (page: TestPage) => Number((await shown(page)).frame);

async function untilPlayed(page: TestPage, frames: number): Promise<void> {
  const target = (await frameOf(page)) + frames;
  await eventually(
    () => frameOf(page),
    (frame) => frame >= target,
    { what: `frame ${target}` },
  );
}

describe.skipIf(!requires('chromium'))('the duel in two windows', () => {
  let relay: RunningRelay;
  let chromium: TestBrowser;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let windows: TestPage[];

  beforeAll(async () => {
    folder = await temporaryFolder();
    await buildDuel(folder.path);
    [relay, chromium] = await Promise.all([startRelay({ staticDir: folder.path }), launchChromium()]);
    const address = `${relay.url}/?game=${randomUUID()}`;
    windows = [await chromium.newPage(), await chromium.newPage()];
    for (const page of windows) await page.goto(address);
  });
  afterAll(async () => {
    await Promise.all([relay.stop(), chromium.close()]);
    await folder.remove();
  });

  it('is played peer to peer, and continues through a restart from either', async () => {
    for (const page of windows) {
      await eventually(
        () => shown(page),
        ({ link, route, paused }) => link === 'connected' && route === 'p2p' && paused === 'false',
      );
    }
    await Promise.all(windows.map((page) => untilPlayed(page, 2 * SECOND)));
    for (const page of windows) {
      await page.evaluate(() => document.getElementById('restart')?.click(), undefined);
      await Promise.all(windows.map((each) => untilPlayed(each, 2 * SECOND)));
    }
    for (const page of windows) {
      expect(await shown(page)).toMatchObject({
        link: 'connected',
        route: 'p2p',
        path: 'direct',
        paused: 'false',
      });
      expect(page.errors).toEqual([]);
    }
    const [here = 0, there = 0] = await Promise.all(windows.map(frameOf));
    expect(Math.abs(here - there)).toBeLessThan(SECOND);
  });

  it('continues while the server is away, with nothing over the arena, and shows when it is back', async () => {
    const told = (page: TestPage, text: string) =>
      eventually(
        () => page.evaluate(() => document.getElementById('notices')?.textContent ?? '', undefined),
        (notices) => notices.includes(text),
        { what: text },
      );
    await relay.stop();
    for (const page of windows) await told(page, 'The server is unreachable');
    await Promise.all(windows.map((page) => untilPlayed(page, SECOND)));
    await relay.start();
    for (const page of windows) await told(page, 'The server is back');
    await Promise.all(windows.map((page) => untilPlayed(page, SECOND)));
    for (const page of windows) {
      expect(await shown(page)).toMatchObject({ link: 'connected', route: 'p2p', paused: 'false' });
      expect(await page.evaluate(() => document.getElementById('screen')?.hidden, undefined)).toBe(true);
    }
  });

  it('is continued by a player who closes the tab and opens another', async () => {
    const [page, other] = windows as [TestPage, TestPage];
    // The storage of a tab ends with it: the next one, in this window for the test, finds none of it.
    await page.evaluate(() => addEventListener('pagehide', () => sessionStorage.clear()), undefined);
    await page.reload();
    await eventually(
      () => shown(page),
      ({ link, route }) => link === 'connected' && route === 'p2p',
    );
    await Promise.all([page, other].map((each) => untilPlayed(each, SECOND)));
  });
});
