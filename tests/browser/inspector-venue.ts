import { type BrowserContextOptions, chromium, type FrameLocator, type Page } from 'playwright-core';
import { build, preview } from 'vite';
import { CHROMIUM_FLAGS } from '../support/chromium';
import { programPath } from '../support/requirements';
import { root } from '../support/root';

export type InspectorName = 'stately' | 'classic';

/** The demo of one inspector in a window: the page with two players, and the viewer in it. */
export interface InspectorWindow {
  readonly page: Page;
  readonly viewer: FrameLocator;
  /** Presses a button of the demo. */
  press(name: string): Promise<void>;
  /** What was posted to the viewer since its page was opened. */
  heard(): Promise<string[]>;
  /** Requested addresses other than those of the server. */
  readonly outside: readonly string[];
  /** Uncaught exceptions and `console.error` lines. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export interface InspectorVenue {
  open(name: InspectorName, options?: BrowserContextOptions & { search?: string }): Promise<InspectorWindow>;
  close(): Promise<void>;
}

declare global {
  interface Window {
    heardMessages?: string[];
  }
}

/** Builds the pages of `inspectors/` and serves them to a Chromium. */
export async function openInspectorVenue(): Promise<InspectorVenue> {
  const folder = `${root}inspectors`;
  await build({ root: folder, logLevel: 'error' });
  const server = await preview({ root: folder, logLevel: 'error', preview: { port: 0, host: '127.0.0.1' } });
  const [url = ''] = server.resolvedUrls?.local ?? [];
  const browser = await chromium.launch({ executablePath: programPath('chromium'), args: CHROMIUM_FLAGS });
  return {
    async open(name, { search = '', ...options } = {}) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const outside: string[] = [];
      const errors: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(url) && !request.url().startsWith('data:')) outside.push(request.url());
      });
      page.on('pageerror', ({ message }) => errors.push(message));
      page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
      await page.addInitScript(() => {
        const heard: string[] = [];
        window.heardMessages = heard;
        addEventListener('message', ({ data }) => heard.push(JSON.stringify(data)));
      });
      await page.goto(`${url}${name}/${search}`);
      return {
        page,
        viewer: page.frameLocator('#viewer'),
        outside,
        errors,
        press: (button) => page.getByRole('button', { name: button }).click(),
        heard: async () => {
          const frame = page.frames().find((each) => each.url().includes('viewer.html'));
          return (await frame?.evaluate(() => window.heardMessages)) ?? [];
        },
        close: () => context.close(),
      };
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}
