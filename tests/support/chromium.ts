import { chromium } from 'playwright-core';
import { type LaunchOptions, type TestBrowser, type TestPage, testPage } from './browser-page';
import { programPath } from './requirements';

/** For Debian's Chromium as root, silent on the network except for what a test does. */
export const PLAIN_CHROMIUM_FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Plain host candidates: a name ending in .local resolves here only in the browser that made it.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

/** No user looks at the window of a test, but its timers must run as if one did. */
export const ALWAYS_AWAKE_FLAGS = [
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

export const CHROMIUM_FLAGS = [...PLAIN_CHROMIUM_FLAGS, ...ALWAYS_AWAKE_FLAGS];

export async function launchChromium({
  executablePath,
  args = [],
}: LaunchOptions = {}): Promise<TestBrowser> {
  // A server, because only that can be killed, which `kill` needs; its profile is a fresh temporary folder.
  const server = await chromium.launchServer({
    executablePath: executablePath ?? programPath('chromium'),
    args: [...CHROMIUM_FLAGS, ...args],
    host: '127.0.0.1',
  });
  const browser = await chromium.connect(server.wsEndpoint());
  return {
    name: 'chromium',
    newPage: async () => openPage(await browser.newContext()),
    kill: () => server.kill(),
    close: () => server.close(),
  };
}

type Context = Awaited<ReturnType<Awaited<ReturnType<typeof chromium.launch>>['newContext']>>;

async function openPage(context: Context): Promise<TestPage> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return testPage({ browser: 'chromium', page, errors, close: () => context.close() });
}
