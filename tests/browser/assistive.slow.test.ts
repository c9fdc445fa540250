import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFixture } from '../inspect/fixtures';
import { serveDuelForDevelopment } from '../support/built-pages';
import { requires } from '../support/requirements';
import { soon } from './soon';
import { look, openText, openWatchVenue, type Profile, type WatchVenue } from './watch-venue';

const BUILD_MS = 180_000;
/** WCAG 2.2, 2.5.8. */
const LEAST_TARGET_PX = 24;
/** WCAG 2.2, 1.4.12. */
const WIDE_TEXT =
  '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }';

/** Focusable elements without a name, by role. */
async function nameless(devtools: CDPSession): Promise<string[]> {
  await devtools.send('Accessibility.enable');
  const { nodes } = await devtools.send('Accessibility.getFullAXTree');
  return nodes.flatMap(({ ignored, role, name, properties = [] }) => {
    const takesFocus = properties.some((each) => each.name === 'focusable' && each.value.value === true);
    return takesFocus && !ignored && !name?.value ? [String(role?.value)] : [];
  });
}

/** Records everything that a screen reader would announce from now on. */
const listen = (page: Page) =>
  page.evaluate(() => {
    document.body.dataset.said = '';
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const near = target instanceof Element ? target : target.parentElement;
        const region = near?.closest('[aria-live], [role=status], [role=alert], output');
        if (region && region.getAttribute('aria-live') !== 'off' && region.ariaBusy !== 'true')
          document.body.dataset.said += `${region.id || region.className}: ${region.textContent}\n`;
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });

describe.skipIf(!requires('chromium'))('a user of assistive technology', () => {
  let venue: WatchVenue;
  let profile: Profile;

  beforeAll(async () => {
    venue = await openWatchVenue();
    profile = await venue.openProfile();
  }, BUILD_MS);
  afterAll(() => venue.close());

  const openRecording = async ({ openVisualizer }: Profile = profile) => {
    const page = await openVisualizer();
    await openText(page, readFixture('outage'));
    await soon(() => look(page).story()).toMatch(/^Connected/);
    return page;
  };
  const devtoolsOf = (page: Page) => page.context().newCDPSession(page);

  it('finds a name on everything focusable, in both pages', async () => {
    const pages = [await profile.play(1), await profile.openVisualizer(), await openRecording()];
    await pages[0]?.locator('.share').waitFor();
    await pages[2]?.locator('#log-list .log-row').first().click();
    for (const page of pages) {
      expect(await nameless(await devtoolsOf(page))).toEqual([]);
      await page.close();
    }
  });

  it('moves by Tab through the game in reading order', async () => {
    const page = await profile.play(1);
    await page.locator('.share').waitFor();
    const stops: (string | null)[] = [];
    for (let stop = 0; stop < 4; stop++) {
      await page.keyboard.press('Tab');
      stops.push(
        await page.evaluate(
          () =>
            document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent ?? null,
        ),
      );
    }
    expect(stops).toEqual(['Address of this game', 'Copy', 'Leave', 'Open the visualizer']);
    await page.close();
  });

  it('fires with a key, or a press of a screen reader, that ends between two frames', async () => {
    const dev = await serveDuelForDevelopment(venue.url);
    const page = await profile.context.newPage();
    await page.goto(`${dev.resolvedUrls?.local[0]}?game=${profile.game}-keys`);
    // As text: the test runner would answer an import from this file.
    await page.evaluate(`import('/src/controls.ts').then(({ Controls }) => {
      globalThis.controls = new Controls(window, { stick, fire });
    })`);
    const taken = () => page.evaluate<[number, number]>('[controls.take(), controls.take()]');
    await page.keyboard.press('Space');
    const [fired, then] = await taken();
    expect([fired > 0, then]).toEqual([true, 0]);
    await page.locator('#fire').dispatchEvent('click');
    expect(await taken()).toEqual([fired, 0]);
    await page.close();
    await dev.close();
  });

  it('sees a sharp arena when a window moves to a finer screen', async () => {
    const page = await profile.play(1);
    const fineness = () =>
      page
        .locator('#arena')
        .evaluate((arena) => (arena instanceof HTMLCanvasElement ? arena.width / arena.clientWidth : null));
    await soon(fineness).toBe(1);
    const size = { width: 1280, height: 900, mobile: false };
    await (await devtoolsOf(page)).send('Emulation.setDeviceMetricsOverride', {
      ...size,
      deviceScaleFactor: 2,
    });
    await soon(fineness).toBe(2);
    await page.close();
  });

  it('hears only what happened while a game is watched', async () => {
    const games = [await profile.play(1), await profile.play(2)];
    const page = await profile.openVisualizer();
    await soon(() => look(page).states()).toEqual(['connected', 'connected']);
    const count = async () => Number(((await page.locator('#log .count').textContent()) ?? '').match(/\d+/));
    const grows = async () => {
      const before = await count();
      await soon(count).toBeGreaterThan(before + 2);
    };
    await page.getByRole('button', { name: 'samples' }).click();
    await grows();
    await listen(page);
    await grows();
    const said = async () => (await page.locator('body').getAttribute('data-said'))?.trim().split('\n');
    expect(await said()).toEqual(['']);
    await page.getByRole('searchbox').fill('sample');
    await soon(said).toEqual([expect.stringMatching(/ records?$/)]);
    await grows();
    expect(await said()).toHaveLength(1);
    const slider = page.getByRole('slider', { name: 'Position' });
    expect(await slider.getAttribute('aria-valuetext')).toBe('live');
    await page.getByRole('button', { name: 'Record' }).click();
    await page.getByRole('button', { name: 'Stop recording', exact: true }).waitFor();
    await Promise.all([page, ...games].map((each) => each.close()));
  });

  it('hears which state is active, the direction of messages, and their order', async () => {
    const page = await openRecording();
    const alight = page.locator('#picture [aria-current=true]');
    await soon(() =>
      alight.evaluateAll((boxes) => boxes.map((box) => box.getAttribute('aria-label'))),
    ).toEqual(['state connected']);
    const rows = page.locator('#lanes-list [role=option]');
    const names = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('aria-label')));
    expect(names).toContainEqual(expect.stringMatching(/^[\d:.]+ Browser to player 1: link\.up$/));
    await page.locator('#log-list').press('Home');
    await soon(() => page.locator('#log-list [aria-posinset="1"]').count()).toBe(1);
    const places = await page
      .locator('#log-list [role=option]')
      .evaluateAll((all) => all.map((row) => Number(row.getAttribute('aria-posinset'))));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    await page.close();
  });

  it('steps from move to move on the timeline, and returns to where a panel was opened', async () => {
    const page = await openRecording();
    const focus = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
    await page.getByRole('slider', { name: 'Position' }).press('ArrowLeft');
    await page.locator('#details').waitFor();
    await page.locator('#details').getByRole('button', { name: 'Close' }).press('Enter');
    await soon(focus).toBe('Log of the link');
    await page.getByRole('button', { name: 'state checking' }).press('Enter');
    await page.locator('#chart-details').getByRole('button', { name: 'Close' }).press('Enter');
    expect(await focus()).toBe('state checking');
    await page.close();
  });

  it('enters the chart with one Tab, and reaches each state and arrow with arrow keys', async () => {
    const page = await openRecording();
    const chart = page.getByRole('toolbar', { name: 'State machine connection' });
    const focus = () => page.evaluate(() => document.activeElement?.getAttribute('data-id') ?? null);
    const press = async (key: string) => {
      await page.keyboard.press(key);
      return focus();
    };
    const moment = () => page.getByRole('slider', { name: 'Position' }).getAttribute('aria-valuetext');
    const end = await moment();
    await page.getByRole('checkbox', { name: 'Nested states' }).focus();
    const stops = [await press('Tab')];
    const count = await chart.getByRole('button').count();
    while (stops.length < count) stops.push(await press('ArrowDown'));
    expect(stops.slice(0, 3)).toEqual(['new', 'new>checking', 'checking']);
    expect(new Set(stops).size).toBe(count);
    expect(await press('ArrowDown')).toBe('new');
    expect(await press('ArrowUp')).toBe(stops.at(-1));
    expect(await press('Home')).toBe('new');
    expect(await press('End')).toBe(stops.at(-1));
    expect(await press('ArrowUp')).toBe(stops.at(-2));
    expect(await press('Tab')).toBeNull();
    expect(await press('Shift+Tab')).toBe(stops.at(-2));
    expect(await moment()).toBe(end);
    await chart.getByRole('button', { name: 'state failed' }).click();
    // The keys to the left and right move through time here, too.
    expect(await press('ArrowLeft')).toBe('failed');
    await expect.poll(moment).not.toBe(end);
    expect(await press('Shift+Tab')).toBeNull();
    expect(await press('Tab')).toBe('failed');
    await page.close();
  });

  it('keeps the focus on a state when the chart is drawn with nested states', async () => {
    const page = await openRecording();
    const focus = () => page.evaluate(() => document.activeElement?.getAttribute('data-id') ?? null);
    await page.getByRole('button', { name: 'state failed' }).focus();
    await page.keyboard.press('n');
    await page.locator('body[data-chart=full] #picture [data-id="restarting.waiting"]').waitFor();
    expect(await focus()).toBe('failed');
    await page.close();
  });

  it('can turn off single-character keys, which speech input may type by accident', async () => {
    const page = await openRecording();
    const full = page.locator('#full');
    await page.keyboard.press('N');
    expect(await full.isChecked()).toBe(true);
    await page.keyboard.press('?');
    await page.getByRole('checkbox', { name: 'Single-character shortcuts' }).uncheck();
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    expect(await full.isChecked()).toBe(true);
    await page.reload();
    await page.locator('#picture .box').first().waitFor();
    await page.keyboard.press('?');
    expect(await page.locator('#help-dialog').isVisible()).toBe(false);
    await page.evaluate(() => localStorage.clear());
    await page.close();
  });

  it('enlarges the plot without a drag', async () => {
    const page = await openRecording();
    await page.getByRole('slider', { name: 'Position' }).press('ArrowLeft');
    const playhead = page.locator('#plot .playhead');
    await playhead.waitFor();
    const place = () => playhead.getAttribute('style');
    const whole = await place();
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await soon(place).not.toBe(whole);
    const more = page.getByRole('button', { name: 'Zoom out' });
    await more.click();
    await soon(place).toBe(whole);
    const { x, y } = (await page.locator('#plot .u-over').boundingBox()) ?? { x: 0, y: 0 };
    for (let drag = 0; drag < 2; drag++) {
      await page.mouse.move(x + 50, y + 20);
      await page.mouse.down();
      await page.mouse.move(x + 56, y + 20, { steps: 2 });
      await page.mouse.up();
      await soon(place).not.toBe(whole);
    }
    await soon(async () => {
      await more.click();
      return place();
    }).toBe(whole);
    await page.close();
  });

  it.each(['light', 'dark'] as const)(
    'sees what is selected, and the direction of messages, in forced %s colours',
    async (colorScheme) => {
      const forced = await venue.openProfile({ forcedColors: 'active', colorScheme });
      const page = await openRecording(forced);
      const ground = (selector: string) =>
        page
          .locator(selector)
          .first()
          .evaluate((element) => getComputedStyle(element).backgroundColor);
      for (const [chosen, other] of [
        ['.segments :checked + span', '.segments :not(:checked) + span'],
        ['.chip[aria-pressed=true]', '.chip[aria-pressed=false]'],
        ['#links [aria-selected=true]', '#open'],
      ] as const)
        expect(await ground(chosen)).not.toBe(await ground(other));
      const ways = await page
        .locator('#lanes .lane-arrow, .strip')
        .evaluateAll((all) =>
          all.map((each) => getComputedStyle(each).getPropertyValue('forced-color-adjust')),
        );
      expect(new Set(ways)).toEqual(new Set(['none']));
      await forced.close();
    },
  );

  it('can hit each control with a thumb, at 320 px', async () => {
    const small = await venue.openProfile({
      viewport: { width: 320, height: 568 },
      hasTouch: true,
      isMobile: true,
    });
    const game = await small.play(1);
    await game.locator('.share').waitFor();
    const page = await openRecording(small);
    await page.locator('#log-list .log-row').first().click();
    // The states at the ends of an arrow of the chart list it.
    for (const each of [game, page])
      expect(
        await each
          .locator('button, select, a, input[type=range], label, [role=button]:not(.line)')
          .evaluateAll((all, least) => {
            const seen = all.filter((target) => target.checkVisibility());
            return seen.flatMap((target) => {
              const { width, height } = target.getBoundingClientRect();
              return Math.min(width, height) < least ? [target.outerHTML.slice(0, 80)] : [];
            });
          }, LEAST_TARGET_PX),
      ).toEqual([]);
    await small.close();
  });

  it('can read everything over the arena when the text spacing is wide', async () => {
    const small = await venue.openProfile({ viewport: { width: 320, height: 568 } });
    const page = await small.play(1);
    await page.locator('.share').waitFor();
    await page.addStyleTag({ content: WIDE_TEXT });
    const above = await page.locator('#screen').evaluate((screen) => {
      screen.scrollTop = 0;
      const top = screen.firstElementChild?.getBoundingClientRect().top ?? 0;
      return screen.getBoundingClientRect().top - top;
    });
    expect(above).toBeLessThanOrEqual(0);
    await page.locator('.share button').click();
    await small.close();
  });
});
