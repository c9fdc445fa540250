import puppeteer, { type Browser } from 'puppeteer-core';
import { ALWAYS_AWAKE_FLAGS, PLAIN_CHROMIUM_FLAGS } from '../../support/chromium';
import { programPath } from '../../support/requirements';
import type { LabBrowser } from './lab-page.js';
import { puppeteerPage } from './puppeteer-page.js';

export interface HidableBrowser extends LabBrowser {
  /** Opens a tab in front of the others, which are hidden from then on, with throttled timers. */
  hide(): Promise<void>;
}

/** A Chromium whose pages can be hidden; Playwright emulates focus, which keeps all its pages visible. */
export async function launchHidableChromium(args: readonly string[] = []): Promise<HidableBrowser> {
  const browser = await puppeteer.launch({
    executablePath: programPath('chromium'),
    headless: true,
    pipe: true,
    args: [...PLAIN_CHROMIUM_FLAGS, ...args],
    // Puppeteer's own flags: with them its pages never notice that they are hidden.
    ignoreDefaultArgs: ALWAYS_AWAKE_FLAGS,
  });
  return {
    name: 'chromium',
    newPage: async () => puppeteerPage(await browser.newPage()),
    hide: async () => (await browser.newPage()).bringToFront(),
    crash: () => crash(browser),
    close: () => browser.close(),
  };
}

async function crash(browser: Browser): Promise<void> {
  const ended = new Promise((resolve) => browser.once('disconnected', resolve));
  browser.process()?.kill('SIGKILL');
  await ended;
}
