import type { SessionRecord } from 'holdfast/inspect';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { rewriteSignal } from '../rewrite-candidates.js';
import type { UdpRelay } from '../udp-relay.js';
import type { SoakLook } from './soak-page.js';

/** What the browser counts in one page, after a garbage collection. */
export interface PageMetrics {
  readonly heapBytes: number;
  readonly eventListeners: number;
  /** `RTCPeerConnection`s that were not collected. */
  readonly connections: number;
}

export interface SoakPlayerOptions {
  readonly browser: Browser;
  readonly peer: 'a' | 'b';
  readonly udp: UdpRelay;
  readonly pagesUrl: string;
  readonly signalingUrl: string;
  /** The bundle of soak-page.ts. */
  readonly source: string;
}

/** One page that keeps playing. */
export class SoakPlayer {
  readonly errors: string[] = [];
  readonly #page: Page;
  readonly #cdp: CDPSession;

  private constructor(page: Page, cdp: CDPSession) {
    this.#page = page;
    this.#cdp = cdp;
    page.on('pageerror', ({ message }) => this.errors.push(message));
  }

  static async start(options: SoakPlayerOptions): Promise<SoakPlayer> {
    const { browser, peer, udp, pagesUrl, signalingUrl, source } = options;
    const context = await browser.newContext();
    const page = await context.newPage();
    const player = new SoakPlayer(page, await context.newCDPSession(page));
    await player.#cdp.send('Performance.enable');
    await page.exposeFunction('carry', (signal: { type: string; payload: unknown }) =>
      rewriteSignal(udp, peer, signal),
    );
    await page.goto(pagesUrl);
    await page.addScriptTag({ content: source });
    const [me, other] = peer === 'a' ? [1, 2] : [2, 1];
    await page.evaluate((given) => window.soak.start(given), { url: signalingUrl, me, other });
    return player;
  }

  look(): Promise<SoakLook> {
    return this.#page.evaluate(() => window.soak.look());
  }

  take(): Promise<SessionRecord[]> {
    return this.#page.evaluate(() => window.soak.take());
  }

  async measure(): Promise<PageMetrics> {
    // Twice: what the first frees may have held others.
    await this.#cdp.send('HeapProfiler.collectGarbage');
    await this.#cdp.send('HeapProfiler.collectGarbage');
    const { metrics } = await this.#cdp.send('Performance.getMetrics');
    const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
    return {
      heapBytes: metric('JSHeapUsedSize'),
      eventListeners: metric('JSEventListeners'),
      connections: metric('RTCPeerConnections'),
    };
  }
}
