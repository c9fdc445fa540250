/** Regenerates docs/visualizer*.png: a recorded outage, a live game, a failure in the dark theme, and a phone. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { openWatchVenue, type Profile } from '../tests/browser/watch-venue';
import { recordWorld } from './recorded-world';

const outage = await recordWorld('outage', async ({ world, recorders, pass }) => {
  recorders[0].mark('fault: all packets are dropped');
  world.network.cut();
  await pass(12_000);
  world.network.heal();
  recorders[0].mark('fault over');
  await pass(10_000);
});
const failure = await recordWorld('failure', async ({ world, recorders, pass }) => {
  recorders[0].mark('fault: the other page is gone without a word');
  world.b.kill();
  await pass(35_000);
});
const venue = await openWatchVenue();

interface Shot {
  file: string;
  options: BrowserContextOptions;
  /** Brings the page into the state of the screenshot. */
  show(page: Page, profile: Profile): Promise<void>;
}

const DESK = { width: 1280, height: 1100 };
/** As tall as the chart with its nested states. */
const TALL = { width: 1280, height: 1260 };
const PHONE = { width: 390, height: 1300 };
const STORY = '.story h3';

const open = (page: Page, name: string, logs: readonly string[]) =>
  page.setInputFiles('#file', { name, mimeType: 'application/x-ndjson', buffer: Buffer.from(logs.join('')) });

/** Seeks to a time after the start. */
async function moveTo(page: Page, afterMs: number): Promise<void> {
  await page.locator('.line-of-time input').evaluate((slider, ms) => {
    if (!(slider instanceof HTMLInputElement)) throw new Error('the timeline has no slider');
    slider.valueAsNumber = ms;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }, afterMs);
}

/** Waits until the page has read the whole recording. */
const rest = (page: Page) => page.locator('body:not([data-reading])').waitFor();

async function replayOutage(page: Page): Promise<void> {
  await open(page, 'outage.ndjson', outage);
  await page.locator(STORY, { hasText: 'Connected' }).waitFor();
  await moveTo(page, 14_000);
  await page.locator(STORY, { hasText: 'Recovering' }).waitFor();
  await rest(page);
}

const shots: Shot[] = [
  {
    file: 'visualizer-outage',
    options: { viewport: DESK, colorScheme: 'light' },
    show: replayOutage,
  },
  {
    file: 'visualizer',
    options: { viewport: DESK, colorScheme: 'light' },
    async show(page, profile) {
      const game = await profile.play(1);
      await profile.play(2);
      const connected = page.locator('#links .pill', { hasText: 'connected' }).nth(1);
      await page.bringToFront();
      await connected.waitFor();
      // A hidden window draws no frames and does not update its buttons.
      await game.bringToFront();
      await game.locator('#restart').click();
      await page.bringToFront();
      await connected.waitFor();
      // The log follows the newest record and has scrolled past the restart, so filter it.
      const search = page.locator('#log input[type=search]');
      await search.fill('restart');
      await page.locator('#log .log-row b', { hasText: 'restart' }).first().waitFor();
      await search.fill('');
      await search.blur();
      // 15 s of samples are enough for a curve.
      await page.waitForTimeout(15_000);
    },
  },
  {
    file: 'visualizer-dark',
    options: { viewport: TALL, colorScheme: 'dark' },
    async show(page) {
      await open(page, 'failure.ndjson', failure);
      await page.locator(STORY, { hasText: 'Why it failed' }).waitFor();
      await page.locator('#full').check();
      await rest(page);
    },
  },
  {
    file: 'visualizer-phone',
    options: { viewport: PHONE, colorScheme: 'light', isMobile: true, hasTouch: true },
    show: replayOutage,
  },
];

const [only] = process.argv.slice(2);
for (const { file, options, show } of shots) {
  if (only !== undefined && file !== only) continue;
  const profile = await venue.openProfile({ ...options, timezoneId: 'UTC', locale: 'en-GB' });
  const page = await profile.openVisualizer();
  await show(page, profile);
  await page.screenshot({ path: `docs/${file}.png` });
  const outside = await profile.outside();
  if (outside.length > 0 || profile.errors.length > 0)
    throw new Error(`${file}: ${[...outside, ...profile.errors].join(', ')}`);
  await profile.close();
  console.log(`docs/${file}.png`);
}
await venue.close();
