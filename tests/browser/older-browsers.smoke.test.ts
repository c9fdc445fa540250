import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requires } from '../support/requirements';
import { soon } from './soon';
import { look, openWatchVenue, type WatchVenue } from './watch-venue';

const BUILD_MS = 180_000;
/** The loading time of Duel at 50 kB/s, and some more. */
const SLOWEST_LOAD_MS = 8_000;

/** Advances the animations of the page by so much. */
const wait = (page: Page, ms: number) =>
  page.evaluate((passed) => {
    for (const animation of document.getAnimations()) animation.currentTime = passed;
  }, ms);

/** Removes what Chrome 92, Firefox 90 or Safari 15.4 does not have, as far as it is ever called. */
function growOld(): void {
  const iterator = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  const younger: [object, string[]][] = [
    [globalThis, ['structuredClone', 'RTCIceTransport', 'RTCSctpTransport', 'CompressionStream']],
    [Object, ['hasOwn', 'groupBy']],
    [Promise, ['withResolvers', 'try']],
    [AbortSignal, ['any', 'timeout']],
    [URL, ['parse', 'canParse']],
    [Array.prototype, ['findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'with']],
    [Set.prototype, ['union', 'intersection', 'difference', 'isSubsetOf']],
    [iterator, ['map', 'filter', 'some', 'every', 'find', 'flatMap', 'forEach', 'reduce', 'take', 'toArray']],
    [CanvasRenderingContext2D.prototype, ['roundRect', 'reset']],
    [Crypto.prototype, ['randomUUID']],
    [Element.prototype, ['checkVisibility', 'setHTML']],
    [RTCPeerConnection.prototype, ['sctp', 'onicecandidateerror']],
  ];
  for (const [owner, names] of younger) for (const name of names) Reflect.deleteProperty(owner, name);
}

describe.skipIf(!requires('chromium'))('in an older browser', () => {
  let venue: WatchVenue;

  beforeAll(async () => {
    venue = await openWatchVenue();
  }, BUILD_MS);
  afterAll(() => venue.close());

  it('the game can be played, and watched', async () => {
    const { context, play, openVisualizer, errors, close } = await venue.openProfile();
    await context.addInitScript(growOld);
    const pages = [await play(1), await play(2)];
    for (const page of pages) await soon(() => page.locator('#round').textContent()).toMatch(/^Round 1/);
    await soon(() => pages[0]?.locator('#path').textContent() ?? Promise.resolve(null)).toBe('direct');
    const visualizer = await openVisualizer();
    await soon(() => look(visualizer).states()).toEqual(['connected', 'connected']);
    expect(errors).toEqual([]);
    await close();
  });

  it('a page that cannot start names the required browsers, but not while a slow network may still bring its script', async () => {
    const { play, openVisualizer, close } = await venue.openProfile({ javaScriptEnabled: false });
    for (const page of [await play(1), await openVisualizer()]) {
      const isTold = () => page.getByText('Chrome 92, Firefox 90, Safari 15.4 or newer').isVisible();
      await wait(page, SLOWEST_LOAD_MS);
      expect(await isTold()).toBe(false);
      await soon(isTold).toBe(true);
    }
    await close();
  });
});
