import { readFile } from 'node:fs/promises';
import { parseNdjson, replay } from 'holdfast/inspect';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readFixture, recordsOf } from '../inspect/fixtures';
import { serveDuelForDevelopment, temporaryFolder } from '../support/built-pages';
import { requires } from '../support/requirements';
import { soon } from './soon';
import { look, openText, openWatchVenue, type Profile, type WatchVenue } from './watch-venue';

/** Credentials for the players; port 9 accepts none, so that the link is direct. */
const TURN = { username: 'planted-user', credential: 'planted-credential', urls: ['turn:127.0.0.1:9'] };

/** Moves the slider as a reader does, to a share of the whole. */
const scrub = (page: Page, share: number) =>
  page.locator('.line-of-time input').evaluate((slider, part) => {
    if (!(slider instanceof HTMLInputElement)) throw new Error('the timeline has no slider');
    slider.valueAsNumber = Math.round(Number(slider.max) * part);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }, share);

/** Where a recording enters a state, as a share of the whole. */
function shareOf(state: string, records = recordsOf('outage')): number {
  const [first, last] = [records[0], records.at(-1)];
  const move = records.find(
    (record) =>
      record.kind === 'transition' && record.machine === 'connection' && record.to.startsWith(state),
  );
  if (!first || !last || !move) throw new Error(`the fixture never is ${state}`);
  return (move.atMs + 1 - first.atMs) / (last.atMs - first.atMs);
}

async function save(page: Page, button: string) {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ]);
  return {
    name: download.suggestedFilename(),
    text: await readFile(await download.path(), 'utf8'),
    download,
  };
}

describe.skipIf(!requires('chromium'))('the visualizer', () => {
  let venue: WatchVenue;
  let profile: Profile;

  beforeAll(async () => {
    venue = await openWatchVenue({ turn: TURN });
  });
  afterAll(() => venue.close());
  afterEach(async () => {
    // Each test opens its own; whatever it did, nothing else was requested.
    expect(await profile.outside()).toEqual([]);
    expect(profile.errors).toEqual([]);
    await profile.close();
  });

  const watchGame = async () => {
    profile = await venue.openProfile();
    const games = [await profile.play(1), await profile.play(2)] as const;
    const page = await profile.openVisualizer();
    await soon(() => look(page).states()).toEqual(['connected', 'connected']);
    return { games, page };
  };

  it('follows a restart that the game requests, with the arrow taken, timers and both players', async () => {
    const { games, page } = await watchGame();
    await soon(() => page.locator('#picture .box.live .delay').allTextContents()).toContain('directRetry');
    await page.locator('#full').check();
    await games[0].locator('#restart').click();
    await soon(() => look(page).log()).toContain('restart');
    await soon(() => page.locator('#lanes').textContent()).toContain('game: restart');
    await soon(() => page.locator('#lanes .lane-heads span').allTextContents()).toEqual([
      '',
      'Browser',
      'player 1',
      'Relay',
      'player 2',
      'Browser',
    ]);
    await soon(() => look(page).taken()).toEqual(['connected.renewing>connected.steady']);
    expect(await look(page).live()).toEqual(['connected', 'connected.steady']);
  });

  it('notices a page that is reloaded or killed, and continues with its next link', async () => {
    const { games, page } = await watchGame();
    await games[0].reload();
    await soon(() => look(page).tabs()).toEqual(['player 1', 'player 1', 'player 2']);
    await soon(() => page.locator('#links [aria-selected=true]').getAttribute('data-status')).toBe('live');
    await soon(() => look(page).state()).toBe('connected.steady');
    const killer = await profile.context.newCDPSession(games[0]);
    // A crash sends no `bye`; the session ends with the page that it kills.
    await Promise.race([killer.send('Page.crash'), games[0].waitForEvent('crash')]);
    await soon(() => look(page).banner()).toEqual([expect.stringContaining('This link of player 1 is gone')]);
    await page.getByRole('button', { name: 'Forget' }).click();
    await soon(() => look(page).tabs()).toEqual(['player 2']);
    await games[0].close();
  });

  it('keeps credentials and addresses out of the page, the file and the shared page', async () => {
    const { page } = await watchGame();
    await page.getByRole('button', { name: 'events' }).click();
    const saved = await save(page, 'Save');
    const shared = await save(page, 'Share');
    const planted = [TURN.username, TURN.credential, 'turn:', '127.0.0.1', 'candidate:', 'a=ice-', 'ufrag'];
    const recording = /<script type="application\/json" id="shared">([^<]*)</.exec(shared.text)?.[1] ?? '';
    for (const text of [await look(page).words(), saved.text, recording]) {
      expect(text.length).toBeGreaterThan(500);
      expect(planted.filter((secret) => text.includes(secret))).toEqual([]);
    }
  });

  it('records a take, which can be scrubbed, and leaves the live link as it was', async () => {
    const { games, page } = await watchGame();
    await page.getByRole('button', { name: 'Record' }).click();
    await games[0].locator('#restart').click();
    await soon(() => look(page).log()).toContain('restart');
    await page.getByRole('button', { name: /^Stop/ }).click();
    await soon(() => look(page).banner()).toEqual([expect.stringMatching(/^Recording live .+: 2 links/)]);
    expect(await page.getByRole('button', { name: 'Record' }).isDisabled()).toBe(true);
    const { name, text } = await save(page, 'Save');
    expect(name).toMatch(/\.ndjson$/);
    const { records, refused } = parseNdjson(text);
    expect(refused).toBe(0);
    const links = [...new Set(records.map(({ link }) => link))];
    expect(links.map((link) => replay(records.filter((record) => record.link === link)))).toEqual([[], []]);
    await page.getByRole('button', { name: 'Back to live' }).click();
    await soon(() => look(page).state()).toBe('connected.steady');
  });

  it('records what is live, even if a recording is opened meanwhile', async () => {
    const { page } = await watchGame();
    await page.getByRole('button', { name: 'Record' }).click();
    await openText(page, readFixture('failure'), 'failure.ndjson');
    await soon(() => look(page).story()).toMatch(/^Why it failed: /);
    await page.getByRole('button', { name: /^Stop/ }).click();
    await soon(() => look(page).banner()).toEqual([expect.stringMatching(/^Recording live .+: 2 links/)]);
    await soon(() => look(page).states()).toEqual(['connected', 'connected']);
  });

  it('opens a recording: chart, plot, log and story follow the slider', async () => {
    profile = await venue.openProfile();
    const page = await profile.openVisualizer();
    await openText(page, readFixture('outage'));
    const hand = page.locator('.playhead');
    const places: string[] = [];
    for (const state of ['checking', 'connected', 'disconnected', 'restarting']) {
      await scrub(page, shareOf(state));
      await soon(() => look(page).live()).toEqual([state]);
      await soon(() => look(page).states()).toEqual([state]);
      places.push((await hand.getAttribute('style')) ?? '');
      const current = page.locator('#log-list [aria-selected=true]');
      await current.waitFor();
      expect(await current.textContent()).not.toBe('');
      expect(await page.locator('#log-list').getAttribute('aria-activedescendant')).toBe(
        await current.getAttribute('id'),
      );
    }
    expect(new Set(places).size).toBe(places.length);
    expect(await page.locator('#log .log-row.future').count()).toBeGreaterThan(0);
    await soon(() => look(page).story()).toMatch(/^Recovering/);
    await scrub(page, 1);
    await soon(() => look(page).story()).toMatch(/^Connected/);
    await page.keyboard.press('l');
    await soon(() => page.locator('#log-list').getAttribute('aria-activedescendant')).toBeNull();
  });

  it('opens a file that is dropped, and reports another that is not a recording', async () => {
    profile = await venue.openProfile();
    const page = await profile.openVisualizer();
    const drop = async (text: string) => {
      const data = await page.evaluateHandle((content) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([content], 'dropped.ndjson'));
        return transfer;
      }, text);
      await page.dispatchEvent('body', 'drop', { dataTransfer: data });
    };
    await drop('this is no recording\n');
    await soon(() => look(page).banner()).toEqual([
      expect.stringContaining('dropped.ndjson is not a recording'),
    ]);
    await drop(readFixture('failure').replaceAll('{"v":1,', '{"v":2,'));
    await soon(() => look(page).banner()).toEqual([
      expect.stringContaining('dropped.ndjson was recorded by a newer Holdfast'),
    ]);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await drop(`${readFixture('failure')}not a record\n`);
    await soon(() => look(page).banner()).toEqual([
      expect.stringContaining('1 line of the file could not be read'),
    ]);
    await soon(() => look(page).story()).toMatch(/^Why it failed: /);
    expect(await page.locator('.advice').textContent()).toMatch(/^What to do: /);
    await page.getByRole('button', { name: 'Back to live' }).click();
    // There is nothing to read, so that nothing is drawn frame by frame.
    await page.locator('body[data-view=empty]:not([data-reading])').waitFor();
  });

  it('replays a recording through the machine, and flags where one was tampered with', async () => {
    profile = await venue.openProfile();
    const page = await profile.openVisualizer();
    const run = () => page.getByRole('button', { name: 'Replay through the machine' }).click();
    await openText(page, readFixture('outage'));
    await run();
    await soon(() => look(page).banner()).toEqual([expect.stringContaining('matches the recording')]);
    const tampered = recordsOf('outage');
    const forged = tampered.find(
      (record) =>
        record.kind === 'transition' &&
        record.machine === 'connection' &&
        record.to.startsWith('disconnected'),
    );
    if (forged?.kind !== 'transition') throw new Error('the fixture has an outage');
    forged.to = 'failed';
    await openText(page, tampered.map((record) => JSON.stringify(record)).join('\n'), 'tampered.ndjson');
    await run();
    await soon(() => look(page).banner()).toEqual([expect.stringContaining(`record ${forged.seq}`)]);
    await page.getByRole('button', { name: 'Go to record' }).click();
    await soon(() => page.locator('#log .divergent').count()).toBeGreaterThan(0);
    expect(await page.locator('#details h3').textContent()).toBe(`transition ${forged.seq}`);
    expect(await page.locator('.ticks i').count()).toBe(1);
  });

  it('is shared as one file that opens from a disk and requests nothing', async () => {
    profile = await venue.openProfile();
    const page = await profile.openVisualizer();
    await openText(page, readFixture('failure'), 'failure.ndjson');
    await soon(() => look(page).story()).toMatch(/^Why it failed: /);
    const { name, download } = await save(page, 'Share');
    expect(name).toBe('failure.html');
    const folder = await temporaryFolder();
    const address = `file://${folder.path}/${name}`;
    await download.saveAs(`${folder.path}/${name}`);
    const elsewhere = await venue.openProfile({ offline: true });
    const asked: string[] = [];
    elsewhere.context.on('request', (request) => asked.push(request.url()));
    const shared = await elsewhere.context.newPage();
    await shared.goto(address);
    await soon(() => look(shared).story()).toMatch(/^Why it failed: /);
    expect(await look(shared).live()).toEqual(['failed']);
    await scrub(shared, shareOf('connected', recordsOf('failure')));
    await soon(() => look(shared).live()).toEqual(['connected']);
    await shared.locator('#full').check();
    await soon(() => look(shared).live()).toEqual(['connected', 'connected.steady']);
    const again = await save(shared, 'Share');
    expect(again.text.match(/id="shared"/g)).toHaveLength(1);
    expect(asked.filter((url) => url !== address && !/^(?:data|blob):/.test(url))).toEqual([]);
    expect(elsewhere.errors).toEqual([]);
    await elsewhere.close();
    await folder.remove();
  });

  it('lays out a machine from another library', async () => {
    profile = await venue.openProfile();
    const page = await profile.openVisualizer();
    await openText(page, readFixture('outage').replaceAll('disconnected', 'doubtful'));
    await soon(() =>
      page.locator('#picture .box').evaluateAll((boxes) => boxes.map((box) => box.getAttribute('data-id'))),
    ).toContain('doubtful');
    await scrub(page, shareOf('disconnected'));
    await soon(() => look(page).live()).toEqual(['doubtful']);
  });

  it('says so when a machine cannot be laid out', async () => {
    profile = await venue.openProfile();
    const page = await profile.openVisualizer();
    await page.route(/elk-worker/, (route) => route.abort());
    await openText(page, readFixture('outage').replaceAll('disconnected', 'doubtful'));
    await soon(() => page.locator('#caption').textContent()).toBe(
      'The chart of this machine could not be laid out.',
    );
  });

  it('has no controls for a game that was built for production, which ignores any', async () => {
    const { page } = await watchGame();
    expect(await page.locator('#controls').isVisible()).toBe(false);
    await page.evaluate(() => {
      const channel = new BroadcastChannel('holdfast-inspect');
      channel.onmessage = ({ data }) => {
        const [record] = data.records ?? [];
        if (record)
          channel.postMessage({ holdfast: 1, type: 'control', link: record.link, event: { type: 'close' } });
      };
      channel.postMessage({ holdfast: 1, type: 'hello' });
    });
    const samples = async () => ((await page.locator('#log .count').textContent()) ?? '').replace(/\D/g, '');
    await page.getByRole('button', { name: 'samples' }).click();
    const before = Number(await samples());
    await soon(async () => Number(await samples())).toBeGreaterThan(before + 2);
    expect(await look(page).states()).toEqual(['connected', 'connected']);
  });

  it('explains why a game with a newer Holdfast cannot be shown', async () => {
    profile = await venue.openProfile();
    const page = await profile.openVisualizer();
    const game = await profile.openVisualizer();
    await game.evaluate(
      (records) => {
        const message = { holdfast: 1, type: 'records', isControllable: false, records };
        new BroadcastChannel('holdfast-inspect').postMessage(JSON.stringify(message));
      },
      recordsOf('outage')
        .slice(0, 3)
        .map((record) => ({ ...record, v: 2 })),
    );
    await soon(() => look(page).banner()).toEqual([expect.stringContaining('A game uses a newer Holdfast')]);
    expect(await page.locator('#empty').isVisible()).toBe(true);
  });

  it('controls a game under development: loss, restart and close', async () => {
    const dev = await serveDuelForDevelopment(venue.url);
    const url = dev.resolvedUrls?.local[0]?.replace(/\/$/, '') ?? '';
    profile = await venue.openProfile({ url });
    await profile.play(1);
    await profile.play(2);
    const page = await profile.openVisualizer();
    await soon(() => look(page).states()).toEqual(['connected', 'connected']);
    const press = (name: string) =>
      page.locator('#controls').getByRole('button', { name, exact: true }).click();
    await press('Simulate loss');
    await soon(() => look(page).log()).toContain('ice.disconnected');
    await soon(() => look(page).states()).toEqual(['connected', 'connected']);
    await press('Restart');
    await soon(() => look(page).log()).toContain('restart');
    await press('Close');
    await soon(async () => (await look(page).states())[0]).toBe('closed');
    await dev.close();
  });

  it('can be used by keyboard, and shows the focus', async () => {
    profile = await venue.openProfile();
    const page = await profile.openVisualizer();
    await openText(page, readFixture('outage'));
    await soon(() => look(page).story()).toMatch(/^Connected/);
    const moment = () => page.locator('.clock-now').textContent();
    await page.keyboard.press('ArrowLeft');
    await soon(moment).not.toBe('');
    const later = await moment();
    await page.keyboard.press('ArrowLeft');
    await soon(moment).not.toBe(later);
    await page.keyboard.press('l');
    await soon(() => page.locator('#transport .live').getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('/');
    await page.keyboard.type('restored');
    // The whole log contains the word, too, and while a search runs there may be no result.
    await soon(async () => {
      const log = await look(page).log();
      return { isNarrowed: log.length < 5, isFound: log.includes('restored') };
    }).toEqual({ isNarrowed: true, isFound: true });
    const ring = () =>
      page.evaluate(() => {
        const { activeElement } = document;
        if (!activeElement || activeElement === document.body) return 'solid';
        const beside = activeElement.matches('[type=radio]') ? activeElement.nextElementSibling : null;
        const inside = activeElement.querySelector(':scope > .frame, :scope > .stroke');
        if (inside) return Number.parseFloat(getComputedStyle(inside).strokeWidth) > 2 ? 'solid' : 'none';
        return getComputedStyle(beside ?? activeElement).outlineStyle;
      });
    const box = page.locator('#picture .box').first();
    for (const [key, stops] of [
      ['Tab', 30],
      ['ArrowDown', await page.locator('#picture [role=button]').count()],
    ] as const) {
      for (let stop = 0; stop < stops; stop++) {
        await page.keyboard.press(key);
        expect(await ring()).toBe('solid');
      }
      await box.focus();
    }
    await page.keyboard.press('Enter');
    expect(await page.locator('#chart-details h3').textContent()).toBe('new');
    await page.keyboard.press('Escape');
    await soon(() => page.locator('#chart-details').isVisible()).toBe(false);
    await page.keyboard.press('?');
    expect(await page.locator('#help-dialog').isVisible()).toBe(true);
  });

  it.each([
    ['a desk', 1280, 900],
    ['a phone', 390, 844],
  ])('keeps its text in place on %s', async (_name, width, height) => {
    profile = await venue.openProfile({ viewport: { width, height } });
    const page = await profile.openVisualizer();
    await openText(page, readFixture('outage'));
    for (const state of ['connected', 'restarting']) {
      await scrub(page, shareOf(state));
      await soon(() => look(page).live()).toEqual([state]);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
      const wide = await page.locator('#picture text[data-room]').evaluateAll((texts) =>
        texts.flatMap((text) => {
          if (!(text instanceof SVGTextElement)) return [];
          return text.getComputedTextLength() > Number(text.dataset.room) + 1 ? [text.textContent] : [];
        }),
      );
      expect(wide).toEqual([]);
    }
  });

  it('saves what it opened', async () => {
    profile = await venue.openProfile();
    const page = await profile.openVisualizer();
    await openText(page, readFixture('outage'));
    await soon(() => look(page).story()).toMatch(/^Connected/);
    const { name, text } = await save(page, 'Save');
    expect(name).toBe('outage.ndjson');
    expect(parseNdjson(text)).toEqual(parseNdjson(readFixture('outage')));
  });
});
