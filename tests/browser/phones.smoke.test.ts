import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFixture } from '../inspect/fixtures';
import { requires } from '../support/requirements';
import { soon } from './soon';
import { openText, openWatchVenue, type WatchVenue } from './watch-venue';

const BUILD_MS = 180_000;

/** Those of these elements that are not completely in the window. */
const outOfSight = (page: Page, selectors: readonly string[]) =>
  page.evaluate(
    (all) =>
      all.filter((selector) => {
        const box = document.querySelector(selector)?.getBoundingClientRect();
        return !box || box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight;
      }),
    selectors,
  );

const isShown = (page: Page, selector: string) => page.locator(selector).isVisible();

/** The focused element if the header or the timeline covers some of it. */
function coveredFocus(): string | null {
  const { activeElement: focused, body } = document;
  const [header, transport] = [document.querySelector('.top'), document.querySelector('#transport')];
  if (!focused || !header || !transport || focused === body || focused.closest('.top, #transport'))
    return null;
  const { top, bottom } = focused.getBoundingClientRect();
  const isClear =
    top >= header.getBoundingClientRect().bottom && bottom <= transport.getBoundingClientRect().top;
  return isClear ? null : focused.outerHTML.slice(0, 80);
}

describe.skipIf(!requires('chromium'))('on a phone, in a small window, or in system colours', () => {
  let venue: WatchVenue;

  beforeAll(async () => {
    venue = await openWatchVenue();
  }, BUILD_MS);
  afterAll(() => venue.close());

  const phone = (width: number, height: number) =>
    venue.openProfile({ viewport: { width, height }, hasTouch: true, isMobile: true });

  it.each([
    ['upright', 390, 844],
    ['upright and small', 320, 568],
    ['on its side', 844, 390],
    ['on its side and small', 568, 320],
  ])('shows the arena and both controls of the game, %s', async (_how, width, height) => {
    const { play, close } = await phone(width, height);
    expect(await outOfSight(await play(1), ['#arena', '#stick', '#fire'])).toEqual([]);
    await close();
  });

  it('copies the address of a game over plain HTTP, where pages have no clipboard', async () => {
    const { context, play, close } = await phone(390, 844);
    await context.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    const page = await play(1);
    const share = page.locator('.share');
    await share.getByRole('button').click();
    await soon(() => share.getByRole('button').textContent()).toBe('Copied');
    const address = await share.getByRole('textbox').inputValue();
    const paper = await page.evaluateHandle(() =>
      document.body.appendChild(document.createElement('textarea')),
    );
    await paper.focus();
    await page.keyboard.press('Control+V');
    expect(await paper.evaluate(({ value }) => value)).toBe(address);
    await close();
  });

  it.each(['light', 'dark'] as const)(
    'keeps the background of the arena, and distinguishes the state of the link, in forced %s colours',
    async (colorScheme) => {
      const { play, close } = await venue.openProfile({ forcedColors: 'active', colorScheme });
      const page = await play(1);
      const ground = (selector: string) =>
        page.locator(selector).evaluate((element) => getComputedStyle(element).backgroundColor);
      expect(await ground('#stage')).toBe('rgb(7, 11, 24)');
      await soon(() => ground('[data-state=new]')).not.toBe(await ground('[data-state=failed]'));
      await close();
    },
  );

  it("shows the visualizer in the selected theme, whatever the system's colours", async () => {
    const { openVisualizer, close } = await venue.openProfile({ colorScheme: 'dark' });
    const page = await openVisualizer();
    const theme = page.locator('#theme');
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await theme.click();
    expect(await theme.textContent()).toBe('Light');
    const light = await ground();
    expect(light).not.toBe(dark);
    await page.emulateMedia({ colorScheme: 'light' });
    await theme.click();
    expect([await theme.textContent(), await ground()]).toEqual(['Dark', dark]);
    await theme.click();
    expect([await theme.textContent(), await ground()]).toEqual(['Auto', light]);
    await close();
  });

  it.each([
    ['one of two windows side by side on a laptop', 683, 700],
    ['a page enlarged to 200 %', 640, 400],
    ['a low window', 640, 360],
  ])('shows the arena and its keys if there is a mouse, in %s', async (_where, width, height) => {
    const { play, close } = await venue.openProfile({ viewport: { width, height } });
    const page = await play(1);
    expect(await outOfSight(page, ['#arena', '.keys'])).toEqual([]);
    expect([await isShown(page, '.keys'), await isShown(page, '#stick')]).toEqual([true, false]);
    await close();
  });

  it.each([
    ['a phone', 390, 844],
    ['one of two windows side by side on a laptop', 683, 700],
  ])('first says what to do when there is no link to watch, on %s', async (_where, width, height) => {
    const { openVisualizer, close } = await venue.openProfile({ viewport: { width, height } });
    const page = await openVisualizer();
    await page.locator('#picture .box').first().waitFor({ state: 'attached' });
    expect(await outOfSight(page, ['#empty h2', '#empty li:nth-child(2)'])).toEqual([]);
    await close();
  });

  it.each([
    [390, 844],
    [320, 568],
  ])('keeps all text of the visualizer within its panels, at %i by %i', async (width, height) => {
    const { openVisualizer, close } = await phone(width, height);
    const page = await openVisualizer();
    await page.locator('#empty pre').waitFor();
    const overhanging = (selector: string) =>
      page.locator(selector).evaluateAll((elements) =>
        elements.flatMap((element) => {
          const room = element.closest('.panel')?.getBoundingClientRect();
          return !room || element.getBoundingClientRect().right > room.right ? [element.textContent] : [];
        }),
      );
    expect(await overhanging('#empty :is(p, li, input, button, pre)')).toEqual([]);
    await openText(page, readFixture('outage'));
    const clock = page.locator('.clock-now');
    await soon(() => clock.textContent()).toMatch(/\d/);
    // Widths are rounded.
    expect(await clock.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBeLessThan(2);
    await close();
  });

  it.each([
    [390, 844],
    [320, 568],
    [844, 390],
    [568, 320],
  ])('leaves most of the screen to the content of the visualizer, at %i by %i', async (width, height) => {
    const { openVisualizer, close } = await phone(width, height);
    const page = await openVisualizer();
    await openText(page, readFixture('outage'));
    await page.locator('.story h3').waitFor();
    const covered = await page.evaluate(() => {
      scrollTo(0, 400);
      const [header, transport] = ['.top', '#transport'].map((bar) =>
        document.querySelector(bar)?.getBoundingClientRect(),
      );
      return Math.max(0, header?.bottom ?? innerHeight) + innerHeight - (transport?.top ?? 0);
    });
    expect(covered).toBeLessThan(height / 4);
    await close();
  });

  it.each([
    [390, 844],
    [320, 568],
  ])(
    'keeps what the keyboard focuses clear of the bars of the visualizer, at %i by %i',
    async (width, height) => {
      const { openVisualizer, close } = await phone(width, height);
      const page = await openVisualizer();
      await openText(page, readFixture('outage'));
      await page.locator('.story h3').waitFor();
      const covered: (string | null)[] = [];
      for (let stop = 0; stop < 60; stop++) {
        await page.keyboard.press('Tab');
        covered.push(await page.evaluate(coveredFocus));
      }
      expect(covered.filter((element) => element !== null)).toEqual([]);
      await close();
    },
  );
});
