import puppeteer, { type Browser } from 'puppeteer-core';
import { type LaunchOptions, type TestBrowser, type TestPage, testPage } from './browser-page';
import { programPath } from './requirements';

const FIREFOX_PREFS = {
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // The window of a test has no user in front of it, yet its timers must run as if it had.
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
  'dom.ipc.processPriorityManager.enabled': false,
  // One content process is enough for one page, and two cores have more to do.
  'dom.ipc.processCount': 1,
};

/** Drives Debian's Firefox by WebDriver BiDi. */
export async function launchFirefox(options: LaunchOptions = {}): Promise<TestBrowser> {
  const browsers: Browser[] = [];
  return {
    name: 'firefox',
    // BiDi opens tabs, of which only one is visible; so each page is a Firefox of its own.
    newPage: async () => {
      const browser = await startFirefox(options);
      browsers.push(browser);
      return firstPage(browser);
    },
    kill: async () => {
      for (const browser of browsers) browser.process()?.kill('SIGKILL');
    },
    close: async () => {
      await Promise.all(browsers.filter((browser) => browser.connected).map((browser) => browser.close()));
    },
  };
}

function startFirefox({ executablePath, args = [] }: LaunchOptions): Promise<Browser> {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: executablePath ?? programPath('firefox-esr'),
    headless: true,
    args: [...args],
    extraPrefsFirefox: FIREFOX_PREFS,
  });
}

async function firstPage(browser: Browser): Promise<TestPage> {
  const [page = await browser.newPage()] = await browser.pages();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error instanceof Error ? error.message : String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return testPage({ browser: 'firefox', page, errors, close: () => browser.close() });
}
