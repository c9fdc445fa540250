import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { PLAIN_CHROMIUM_FLAGS } from '../../support/chromium';
import { programPath } from '../../support/requirements';
import { type LabBrowser, labPage, type PageDriver } from './lab-page.js';

export interface ChromiumOptions {
  /** The network namespace of the browser; by default the machine's own network. */
  readonly namespace?: string;
  readonly args?: readonly string[];
}

/** Playwright talks to Chromium over a pipe (inherited file descriptors), which crosses namespaces by itself. */
export async function launchChromium(options: ChromiumOptions = {}): Promise<LabBrowser> {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-chromium-'));
  const removeScratch = (): void => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', removeScratch);
  const browser = await chromium.launch({
    executablePath: executableFor(options.namespace, scratch),
    args: [...PLAIN_CHROMIUM_FLAGS, ...(options.args ?? [])],
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
  if (namespace === undefined) return programPath('chromium');
  const wrapper = join(scratch, 'chromium-in-namespace');
  writeFileSync(wrapper, `#!/bin/sh\nexec ip netns exec ${namespace} ${programPath('chromium')} "$@"\n`, {
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
