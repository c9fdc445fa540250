import { type PageServer, servePages } from '../../network/support/page-server.js';
import { rewriteSignal } from '../../network/support/rewrite-candidates.js';
import { UdpRelay } from '../../network/support/udp-relay.js';
import type { TestBrowser, TestPage } from '../browser-page';
import { launchChromium } from '../chromium';
import { type Coturn, startCoturn } from '../coturn';
import { launchFirefox } from '../firefox';
import { ownAddress } from '../own-address';
import { bundle } from '../page-bundles';
import type { BareEnd, Description } from './bare-end';
import type { AcceptedBrowser, EndIndex, Laboratory, Pair, PairOptions } from './laboratory';

const NAMES = ['a', 'b'] as const;
const LOOK_INTERVAL_MS = 40;

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A real browser: every pair lives in the same two tabs, each behind a UDP relay of its own. */
export class RealLaboratory implements Laboratory {
  readonly isReal = true;
  readonly browser: AcceptedBrowser;
  readonly #running: TestBrowser;
  readonly #pages: PageServer;
  readonly #tabs: readonly [TestPage, TestPage];
  readonly #source: string;
  readonly #coturn: Coturn;
  #pairs = 0;

  private constructor(
    running: TestBrowser,
    pages: PageServer,
    source: string,
    coturn: Coturn,
    tabs: readonly [TestPage, TestPage],
  ) {
    this.browser = running.name;
    this.#running = running;
    this.#pages = pages;
    this.#source = source;
    this.#coturn = coturn;
    this.#tabs = tabs;
  }

  static async start(browser: AcceptedBrowser): Promise<RealLaboratory> {
    const launch =
      browser === 'firefox'
        ? launchFirefox()
        : launchChromium({ args: ['--allow-loopback-in-peer-connection'] });
    const [running, pages, source, coturn] = await Promise.all([
      launch,
      servePages({ port: 0 }),
      bundle({ entry: 'tests/support/browser-table/bare-end.page.ts', format: 'iife' }),
      startCoturn(),
    ]);
    const tabs = [
      await openTab(running, pages.origin, source),
      await openTab(running, pages.origin, source),
    ] as const;
    return new RealLaboratory(running, pages, source, coturn, tabs);
  }

  async open({ turn, isApart = false, ...options }: PairOptions = {}): Promise<Pair> {
    this.#pairs += 1;
    const relay = new UdpRelay(this.#pairs, ownAddress());
    const names = NAMES.map((name) => `${name}${this.#pairs}`);
    const [first, second] = this.#tabs;
    const apart = isApart ? await openTab(this.#running, this.#pages.origin, this.#source) : null;
    const tabOf = (end: EndIndex) => (end === 0 ? first : (apart ?? second));
    const configuration = { ...options.configuration, ...(turn && { iceServers: this.#turn(turn) }) };
    for (const end of [0, 1] as const)
      await tabOf(end).evaluate(make, { name: names[end] ?? '', options: { ...options, configuration } });
    let isGone = false;
    return {
      do: (end, method, ...args) =>
        tabOf(end).evaluate<Call, Awaited<ReturnType<BareEnd[typeof method]>>>(run, {
          name: names[end] ?? '',
          method,
          args,
        }),
      carry: async (from, description) => await carry(relay, from, description),
      cut: (from) =>
        from === undefined ? relay.blackHole() : relay.oneWayLoss(from === 0 ? 'a->b' : 'b->a'),
      heal: () => relay.heal(),
      setDelay: (delayMs) => relay.set({ delayMs }),
      leave: async (how) => {
        isGone = true;
        if (how === 'navigate') await apart?.goto('about:blank');
        else await apart?.close();
      },
      pass: wait,
      tick: () => wait(LOOK_INTERVAL_MS),
      nowMs: () => Date.now(),
      dispose: async () => {
        await first.evaluate(drop, names[0] ?? '');
        if (!isGone) await tabOf(1).evaluate(drop, names[1] ?? '');
        await relay.close();
      },
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#running.close(), this.#pages.close(), this.#coturn.dispose()]);
  }

  #turn(how: 'works' | 'refuses'): RTCIceServer[] {
    const { iceServers } = this.#coturn;
    return how === 'works' ? iceServers : iceServers.map((server) => ({ ...server, credential: 'wrong' }));
  }
}

async function openTab(browser: TestBrowser, origin: string, source: string): Promise<TestPage> {
  const tab = await browser.newPage();
  await tab.goto(`${origin}/blank.html`);
  await tab.evaluate(addScript, source);
  return tab;
}

interface Call {
  readonly name: string;
  readonly method: keyof BareEnd;
  readonly args: readonly unknown[];
}

// In the page.

function addScript(source: string): void {
  const script = document.createElement('script');
  script.textContent = source;
  document.head.append(script);
}

function make({ name, options }: { name: string; options: PairOptions }): void {
  window.bareEnds.make(name, options);
}

function run({ name, method, args }: Call) {
  return window.bareEnds.run(name, method, args) as never;
}

function drop(name: string): void {
  window.bareEnds.drop(name);
}

/** The direct path leads through the relay; candidates of a TURN server are left as they are. */
async function carry(relay: UdpRelay, from: EndIndex, { type, sdp }: Description): Promise<Description> {
  const relayed = sdp.match(/^a=candidate:.* typ relay .*\r\n/gm)?.join('') ?? '';
  const signal = await rewriteSignal(relay, NAMES[from], { type, payload: { type, sdp } });
  const carried = signal?.payload.sdp ?? sdp;
  return { type, sdp: carried.replace(/^a=ice-ufrag/m, `${relayed}a=ice-ufrag`) };
}
