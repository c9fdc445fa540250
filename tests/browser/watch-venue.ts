import { randomUUID } from 'node:crypto';
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { buildDuel, buildVisualizer, temporaryFolder } from '../support/built-pages';
import { CHROMIUM_FLAGS } from '../support/chromium';
import { type RelayOptions, type RunningRelay, startRelay } from '../support/relay';
import { programPath } from '../support/requirements';

/** The windows of one browser profile: broadcasts reach all of them. */
export interface Profile {
  readonly context: BrowserContext;
  /** The id of the game that this profile plays. */
  readonly game: string;
  /** Opens the game of this profile in a window; `search` is added to its address. */
  play(seat: 1 | 2, search?: string): Promise<Page>;
  openVisualizer(search?: string): Promise<Page>;
  /** Requested addresses other than those of our server, including STUN and TURN servers. */
  outside(): Promise<string[]>;
  /** Uncaught exceptions and `console.error` lines of all windows. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export interface WatchVenue {
  readonly url: string;
  readonly relay: RunningRelay;
  openProfile(options?: BrowserContextOptions & { url?: string }): Promise<Profile>;
  close(): Promise<void>;
}

declare global {
  interface Window {
    askedIceServers?: string[];
  }
}

/** Records which STUN and TURN servers a page passes to its connections, then or later. */
function noteIceServers(): void {
  const asked: string[] = [];
  window.askedIceServers = asked;
  const note = (configuration: RTCConfiguration | undefined) => {
    for (const { urls } of configuration?.iceServers ?? []) asked.push(...[urls].flat());
  };
  const Real = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Real {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      note(configuration);
    }
    override setConfiguration(configuration?: RTCConfiguration): void {
      note(configuration);
      super.setConfiguration(configuration);
    }
  };
}

const isLocal = (iceUrl: string): boolean =>
  /^(?:stuns?|turns?):(?:127\.0\.0\.1|localhost)(?::\d+)?(?:\?|$)/.test(iceUrl);

/** The game and the visualizer as `npm start` serves them, built from the current sources. */
export async function openWatchVenue(options: RelayOptions = {}): Promise<WatchVenue> {
  const [duel, visualizer] = [await temporaryFolder(), await temporaryFolder()];
  await Promise.all([buildDuel(duel.path), buildVisualizer(visualizer.path)]);
  const [relay, browser] = await Promise.all([
    startRelay({ staticDir: duel.path, visualizerDir: visualizer.path, ...options }),
    chromium.launch({ executablePath: programPath('chromium'), args: CHROMIUM_FLAGS }),
  ]);
  return {
    url: relay.url,
    relay,
    async openProfile({ url = relay.url, ...contextOptions } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...contextOptions });
      // tsx wraps named functions in a helper of this name, which pages do not have.
      await context.addInitScript({ content: 'globalThis.__name = (value) => value;' });
      await context.addInitScript(noteIceServers);
      const asked: string[] = [];
      const errors: string[] = [];
      const game = randomUUID();
      context.on('request', (request) => asked.push(request.url()));
      context.on('weberror', (error) => errors.push(error.error().message));
      context.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
      const open = async (path: string) => {
        const page = await context.newPage();
        await page.goto(`${url}${path}`);
        return page;
      };
      return {
        context,
        errors,
        game,
        play: (seat, search = '') => open(`/?game=${game}&player=${seat}${search}`),
        openVisualizer: (search = '') => open(`/visualizer/${search}`),
        async outside() {
          const ice = await Promise.all(
            context.pages().map((page) => page.evaluate(() => window.askedIceServers ?? [])),
          );
          const isOurs = (address: string) => address.startsWith(url) || /^(?:data|blob):/.test(address);
          return [
            ...asked.filter((address) => !isOurs(address)),
            ...ice.flat().filter((server) => !isLocal(server)),
          ];
        },
        close: () => context.close(),
      };
    },
    close: async () => {
      await browser.close();
      await relay.stop();
      await Promise.all([duel.remove(), visualizer.remove()]);
    },
  };
}

/** Opens a recording in the visualizer by its text, not by a path: in the locale C, Chromium opens no path with a letter beyond ASCII. */
export const openText = (page: Page, text: string, name = 'outage.ndjson') =>
  page.setInputFiles('#file', { name, mimeType: 'application/x-ndjson', buffer: Buffer.from(text) });

/** What a window of the visualizer shows. */
export const look = (page: Page) => ({
  /** The path of the state in the chart. */
  state: () => page.locator('#picture').getAttribute('data-state'),
  live: () =>
    page
      .locator('#picture .box.live')
      .evaluateAll((boxes) => boxes.map((box) => box.getAttribute('data-id'))),
  taken: () =>
    page
      .locator('#picture .line.taken')
      .evaluateAll((lines) => lines.map((line) => line.getAttribute('data-id'))),
  tabs: () => page.locator('#links .name').allTextContents(),
  states: () => page.locator('#links .pill').allTextContents(),
  selected: () => page.locator('#links [aria-selected=true] .name').textContent(),
  story: () => page.locator('.story h3').textContent(),
  banner: () => page.locator('#banner p').allTextContents(),
  log: () => page.locator('#log .log-row b').allTextContents(),
  words: async () => (await page.locator('header, #banner, main, #transport').allTextContents()).join('\n'),
});
