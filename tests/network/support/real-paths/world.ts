import puppeteer, { type Browser, type CDPSession, type Page } from 'puppeteer-core';
import { PLAIN_CHROMIUM_FLAGS } from '../../../support/chromium';
import { bundle } from '../../../support/page-bundles';
import { programPath } from '../../../support/requirements';
import { type PageServer, servePages } from '../page-server';
import { puppeteerPage } from '../puppeteer-page';
import { openTcpGate, type TcpGate } from '../soak/tcp-gate';
import { attachStubRelay, type Carry } from '../stub-relay';

/** What happens to the signals of one game. */
export interface Post {
  readonly carry: Carry;
  /** Whether the server accepts a signal at all. */
  accepts(from: string): boolean;
}

/** One Chromium, the signaling server and the pages, for any number of games. */
export class World {
  readonly pages: PageServer;
  readonly #browser: Browser;
  readonly #source: string;
  readonly #posts = new Map<string, Post>();

  private constructor(pages: PageServer, browser: Browser, source: string) {
    this.pages = pages;
    this.#browser = browser;
    this.#source = source;
    attachStubRelay(
      pages.http,
      async (from, signal) => (await this.#posts.get(signal.game_id)?.carry(from, signal)) ?? null,
      (from, { game_id }) => this.#posts.get(game_id)?.accepts(from) ?? false,
    );
  }

  static async open(): Promise<World> {
    const [pages, source, browser] = await Promise.all([
      servePages({ port: 0 }),
      bundle({ entry: 'tests/network/support/real-paths/player-page.ts', format: 'iife' }),
      // Playwright emulates focus, which keeps every page visible: none would freeze, or become visible again.
      puppeteer.launch({
        executablePath: programPath('chromium'),
        headless: true,
        pipe: true,
        args: [...PLAIN_CHROMIUM_FLAGS, '--allow-loopback-in-peer-connection'],
      }),
    ]);
    return new World(pages, browser, source);
  }

  get url(): string {
    return this.pages.origin;
  }

  setPost(gameId: string, post: Post | null): void {
    if (post) this.#posts.set(gameId, post);
    else this.#posts.delete(gameId);
  }

  openTab(): Promise<Tab> {
    return Tab.open(this.#browser, this.#source, this.url);
  }

  openGate(): Promise<TcpGate> {
    return openTcpGate(Number(new URL(this.url).port));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.pages.close();
  }
}

const WIRED = { connectionType: 'ethernet', latency: 10, downloadThroughput: 1_000_000 } as const;
const MOBILE = { connectionType: 'cellular3g', latency: 300, downloadThroughput: 100_000 } as const;

/** A page that can be hidden, sleep, lose its network and reload; in a separate window. */
export class Tab {
  readonly errors: string[] = [];
  /** Receives its facts. */
  hear: (json: string) => void = () => {};
  readonly #page: Page;
  readonly #cover: Page;
  readonly #cdp: CDPSession;
  #isFrozen = false;
  #isOffline = false;
  #isMobile = false;

  private constructor(page: Page, cover: Page, cdp: CDPSession) {
    [this.#page, this.#cover, this.#cdp] = [page, cover, cdp];
    page.on('pageerror', (error) => this.errors.push(String(error)));
    cdp.on('Runtime.bindingCalled', ({ payload }) => this.hear(payload));
  }

  static async open(browser: Browser, source: string, origin: string): Promise<Tab> {
    const context = await browser.createBrowserContext();
    const page = await context.newPage();
    await page.evaluateOnNewDocument(source);
    const cdp = await page.createCDPSession();
    await cdp.send('Runtime.enable');
    await cdp.send('Runtime.addBinding', { name: 'tell' });
    await cdp.send('Network.enable');
    await cdp.send('Page.enable');
    await page.goto(`${origin}/blank.html`);
    // Only a hidden page can be frozen.
    const cover = await context.newPage();
    await cover.bringToFront();
    const tab = new Tab(page, cover, cdp);
    await tab.#tellNetwork();
    return tab;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  get isOffline(): boolean {
    return this.#isOffline;
  }

  /** As at first: awake, online and hidden. */
  async calm(): Promise<void> {
    if (this.#isFrozen) await this.resume();
    if (this.#isOffline) await this.goOnline();
    await this.#hide();
  }

  async reload(): Promise<void> {
    await this.#page.reload();
  }

  evaluate<Argument, Result>(fn: (argument: Argument) => Result | Promise<Result>, argument: Argument) {
    return puppeteerPage(this.#page).evaluate(fn, argument);
  }

  /** Makes the page visible; hides it before if it is visible already. */
  async show(): Promise<void> {
    await this.#hide();
    await this.#page.bringToFront();
  }

  async #hide(): Promise<void> {
    await this.#cover.bringToFront();
    // Reported before it is shown again.
    await this.evaluate(() => document.hidden, undefined);
  }

  async freeze(): Promise<void> {
    this.#isFrozen = true;
    await this.#cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  async resume(): Promise<void> {
    this.#isFrozen = false;
    await this.#cdp.send('Page.setWebLifecycleState', { state: 'active' });
  }

  async goOffline(): Promise<void> {
    this.#isOffline = true;
    await this.#tellNetwork();
  }

  async goOnline(): Promise<void> {
    this.#isOffline = false;
    await this.#tellNetwork();
  }

  /** Switches from one kind of network to another, or back. */
  async changeNetwork(): Promise<void> {
    this.#isMobile = !this.#isMobile;
    await this.#tellNetwork();
  }

  /** What the browser believes about its network; its traffic is not affected. The command is newer than the driver's types. */
  async #tellNetwork(): Promise<void> {
    const network = { offline: this.#isOffline, ...(this.#isMobile ? MOBILE : WIRED), uploadThroughput: -1 };
    await Reflect.apply(this.#cdp.send, this.#cdp, ['Network.overrideNetworkState', network]);
  }
}
