import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { CHROMIUM_ARGS, CHROMIUM_PATH } from './chromium.js';
import { type LabBrowser, labPage } from './lab-page.js';

/** What drivers add so that pages never notice that nobody looks at them. */
const ALWAYS_AWAKE = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

export interface HidableBrowser extends LabBrowser {
  /** Opens a tab in front of the others, which are hidden from then on, their timers throttled. */
  hide(): Promise<void>;
}

/** A Chromium whose pages can be hidden; Playwright emulates focus, which keeps every page of its own visible. */
export async function launchHidableChromium(args: readonly string[] = []): Promise<HidableBrowser> {
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM_PATH,
    headless: true,
    pipe: true,
    args: [...CHROMIUM_ARGS, ...args],
    ignoreDefaultArgs: ALWAYS_AWAKE,
  });
  return {
    name: 'chromium',
    newPage: async () => labPage(driverOf(await browser.newPage())),
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

export function driverOf(page: Page) {
  return {
    goto: (url: string) => page.goto(url),
    evaluateText: (expression: string) => page.evaluate(expression),
    addScript: (content: string) => page.addScriptTag({ content }),
    reload: () => page.reload(),
    close: () => page.close(),
  };
}
