import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { type LabBrowser, labPage, type PageDriver } from './lab-page.js';

export const CHROMIUM_PATH = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

export const CHROMIUM_ARGS: readonly string[] = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Plain host candidates: nobody answers mDNS here.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

export interface ChromiumOptions {
  /** The network namespace to live in; none is the machine's own network. */
  readonly namespace?: string;
  readonly args?: readonly string[];
}

/** Playwright speaks to Chromium over a pipe (inherited file descriptors), which crosses namespaces by itself. */
export async function launchChromium(options: ChromiumOptions = {}): Promise<LabBrowser> {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-chromium-'));
  const removeScratch = (): void => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', removeScratch);
  const browser = await chromium.launch({
    executablePath: executableFor(options.namespace, scratch),
    args: [...CHROMIUM_ARGS, ...(options.args ?? [])],
  });
  const context = await browser.newContext();
  return {
    name: 'chromium',
    newPage: async () => labPage(driverOf(await context.newPage())),
    crash: async () => {
      const session = await browser.newBrowserCDPSession();
      // The answer never comes: the browser is gone.
      await session.send('Browser.crash').catch(() => undefined);
    },
    close: async () => {
      await browser.close();
      process.off('exit', removeScratch);
      removeScratch();
    },
  };
}

function executableFor(namespace: string | undefined, scratch: string): string {
  if (namespace === undefined) return CHROMIUM_PATH;
  const wrapper = join(scratch, 'chromium-in-namespace');
  writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${namespace} ${CHROMIUM_PATH} "$@"\n`, {
    mode: 0o755,
  });
  return wrapper;
}

function driverOf(page: Page): PageDriver {
  return {
    goto: (url) => page.goto(url),
    evaluateText: (expression) => page.evaluate<unknown>(expression),
    addScript: (source) => page.addScriptTag({ content: source }),
    reload: () => page.reload(),
    close: () => page.close(),
  };
}
