import { type HidableBrowser, launchHidableChromium } from './background-chromium.js';
import type { Ground } from './ground.js';
import type { Peer } from './namespaces.js';
import { type PageServer, servePages } from './page-server.js';
import { rewriteSignal } from './rewrite-candidates.js';
import { attachStubRelay, type Carry } from './stub-relay.js';
import { UdpRelay } from './udp-relay.js';

/** Throttled timers tick once a second; over this time the result is unambiguous. */
const LOOK_MS = 3_500;
const TICK_MS = 100;

/**
 * A ground without root: two Chromium browsers on loopback. Their signals pass through this process, which gives each the
 * other's candidates as ports of `udp`, a stretch of network with delay, loss, jitter, rebinding and black holes.
 */
export class Loopback implements Ground {
  readonly udp: UdpRelay;
  readonly iceServers: readonly RTCIceServer[] = [];
  readonly #pages: PageServer;
  readonly #browsers: HidableBrowser[] = [];

  private constructor(pages: PageServer, udp: UdpRelay) {
    this.#pages = pages;
    this.udp = udp;
  }

  /** The same seed gives the same fate to the n-th packet of each direction. */
  static async open(seed = 1): Promise<Loopback> {
    const pages = await servePages({ port: 0 });
    const udp = new UdpRelay(seed);
    attachStubRelay(pages.http, through(udp));
    return new Loopback(pages, udp);
  }

  get origin(): string {
    return this.#pages.origin;
  }

  async launch(_peer: Peer, letter: 'c' | 'f'): Promise<HidableBrowser> {
    if (letter === 'f') throw new Error('Firefox is played in the lab only');
    const browser = await launchHidableChromium(['--allow-loopback-in-peer-connection']);
    this.#browsers.push(browser);
    return browser;
  }

  /** Hides every page. */
  async hide(): Promise<void> {
    await Promise.all(this.#browsers.map((browser) => browser.hide()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#browsers.splice(0).map((browser) => browser.close().catch(() => undefined)));
    await Promise.all([this.udp.close(), this.#pages.close()]);
  }
}

/** Player 1 is peer A, player 2 is peer B: see Match. */
const through =
  (udp: UdpRelay): Carry =>
  (from, signal) =>
    rewriteSignal(udp, from === '1' ? 'a' : 'b', signal);

/** Runs in a page: returns whether it is hidden, and how often a timer of {@link TICK_MS} ticks in a second there. */
export async function lookAtTimers({ lookMs, tickMs }: { lookMs: number; tickMs: number }) {
  const startedAtMs = performance.now();
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, tickMs);
  await new Promise((resolve) => setTimeout(resolve, lookMs));
  clearInterval(timer);
  const ticksPerS = (ticks * 1_000) / (performance.now() - startedAtMs);
  return { visibility: document.visibilityState, ticksPerS };
}

export const TIMER_LOOK = { lookMs: LOOK_MS, tickMs: TICK_MS } as const;
