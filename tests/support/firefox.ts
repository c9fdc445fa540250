import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { eventually, type LaunchOptions, type TestBrowser, type TestPage, testPage } from './browser-page';
import { programPath } from './requirements';

const FIREFOX_PREFS = {
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // No user looks at the window of a test, but its timers must run as if one did.
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
  'dom.ipc.processPriorityManager.enabled': false,
  // Windows are opened by script, see newWindow.
  'dom.disable_open_during_load': false,
  'browser.link.open_newwindow.restriction': 2,
};

/** Drives Debian's Firefox by WebDriver BiDi. */
export async function launchFirefox({ executablePath, args = [] }: LaunchOptions = {}): Promise<TestBrowser> {
  // If HOME cannot be written, as often in a container, Firefox never listens.
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-firefox-'));
  const removeScratch = (): void => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', removeScratch);
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: executablePath ?? programPath('firefox-esr'),
    headless: true,
    args: [...args],
    env: { ...process.env, HOME: scratch },
    extraPrefsFirefox: FIREFOX_PREFS,
  });
  const [home = await browser.newPage()] = await browser.pages();
  // One after another: a new window is recognised because it was not there before.
  let last: Promise<unknown> = Promise.resolve();
  const openNext = () => {
    const opened = last.then(() => newWindow(browser, home));
    last = opened.catch(() => undefined);
    return opened;
  };
  return {
    name: 'firefox',
    newPage: async () => firefoxPage(await openNext()),
    kill: async () => void browser.process()?.kill('SIGKILL'),
    close: async () => {
      await browser.close();
      process.off('exit', removeScratch);
      removeScratch();
    },
  };
}

/** Puppeteer opens tabs, of which only one is visible; so the first page opens windows, which are all visible. */
async function newWindow(browser: Browser, home: Page): Promise<Page> {
  const known = new Set(await browser.pages());
  await home.evaluate(
    () => void window.open('about:blank', '_blank', 'popup,noopener,width=1200,height=800'),
  );
  const find = async () => (await browser.pages()).find((page) => !known.has(page));
  const opened = await eventually(find, (page) => page !== undefined, { what: 'a new window' });
  if (opened === undefined) throw new Error('Firefox opened no window');
  return opened;
}

function firefoxPage(page: Page): TestPage {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error instanceof Error ? error.message : String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return testPage({ browser: 'firefox', page, errors, close: () => page.close() });
}
