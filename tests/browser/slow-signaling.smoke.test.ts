import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestBrowser } from '../support/browser-page';
import { launchChromium } from '../support/chromium';
import { bundle } from '../support/page-bundles';
import { type PageServer, startPageServer } from '../support/page-server';
import { requires } from '../support/requirements';
import type { FirstConnect } from './slow-signaling.page';

const ONE_WAY_MS = 200;
/** The answer takes two; one more may have arrived while a busy machine was still checking candidates. */
const MAX_TRIPS = 3;
/** The time that those trips leave to the browser, on an otherwise idle machine. */
const GOAL_MS = 1_200;

describe.skipIf(!requires('chromium'))('a first connect over slow signaling', () => {
  let pages: PageServer;
  let chromium: TestBrowser;

  beforeAll(async () => {
    [pages, chromium] = await Promise.all([startPageServer(), launchChromium()]);
  });
  afterAll(() => Promise.all([pages.close(), chromium.close()]));

  it('waits for one offer and its answer, and for nothing else', async () => {
    const page = await chromium.newPage();
    await page.goto(pages.blankUrl);
    const code = await bundle({ entry: 'tests/browser/slow-signaling.page.ts', format: 'iife' });
    await page.evaluate((text) => {
      const script = document.createElement('script');
      script.textContent = text;
      document.head.append(script);
    }, code);
    const { openMs, trips, sent } = await page.evaluate<number, FirstConnect>(
      (oneWayMs) => window.connectOverSlowSignaling(oneWayMs),
      ONE_WAY_MS,
    );
    process.stdout.write(
      `first connect at ${ONE_WAY_MS} ms one way: ${openMs.toFixed(0)} ms (goal ${GOAL_MS}), ${trips} trips\n`,
    );
    expect(trips).toBeLessThanOrEqual(MAX_TRIPS);
    expect(openMs).toBeGreaterThanOrEqual(2 * ONE_WAY_MS);
    const [offerer = [], answerer = []] = sent;
    expect(offerer[0]).toBe('offer');
    expect(offerer).not.toContain('answer');
    expect(answerer).toContain('answer');
    expect(answerer).not.toContain('offer');
    expect(page.errors).toEqual([]);
    await page.close();
  });
});
