import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { programPath } from '../../support/requirements';
import { startChild } from './child-process.js';
import type { LabBrowser } from './lab-page.js';
import { bridgeOut } from './port-bridge.js';
import { puppeteerPage } from './puppeteer-page.js';

/** A first start on a busy machine builds its profile slowly. */
const START_TIMEOUT_MS = 60_000;

const PREFS: Readonly<Record<string, boolean | number | string>> = {
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  // A hidden or idle page must tick like a visible one: only the tests of throttling need it otherwise.
  'dom.min_background_timeout_value': 4,
  'dom.timeout.enable_budget_timer_throttling': false,
};

export interface FirefoxOptions {
  readonly namespace?: string;
}

/** Firefox is driven over WebDriver BiDi, whose port is inside the namespace and has to be bridged out. */
export async function launchFirefox(options: FirefoxOptions = {}): Promise<LabBrowser> {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-firefox-'));
  const removeScratch = (): void => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', removeScratch);
  writeFileSync(join(scratch, 'user.js'), userJs());
  // The bridge uses the same port outside, because Firefox compares the Host header with its own.
  const port = await freePort();
  const command = [
    programPath('firefox-esr'),
    '--headless',
    '--no-remote',
    `--remote-debugging-port=${port}`,
    '--profile',
    scratch,
  ];
  const { namespace } = options;
  const [program = '', ...args] =
    namespace === undefined ? command : ['ip', 'netns', 'exec', namespace, ...command];
  const firefox = startChild(program, args, { HOME: scratch, MOZ_CRASHREPORTER_DISABLE: '1' });
  await firefox.waitFor(/WebDriver BiDi listening/, { timeoutMs: START_TIMEOUT_MS });
  const bridge =
    namespace === undefined ? null : await bridgeOut(namespace, port, join(scratch, 'bidi.sock'));
  const browser = await puppeteer.connect({
    browserWSEndpoint: `ws://127.0.0.1:${port}/session`,
    protocol: 'webDriverBiDi',
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await firefox.stop(signal);
    await bridge?.close();
    process.off('exit', removeScratch);
    removeScratch();
  };
  return {
    name: 'firefox',
    newPage: async () => puppeteerPage(await browser.newPage()),
    crash: () => firefox.stop('SIGKILL'),
    close: async () => {
      await browser.close().catch(() => undefined);
      await end('SIGTERM');
    },
  };
}

function userJs(): string {
  return Object.entries(PREFS)
    .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
    .join('');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
