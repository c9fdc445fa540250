import { randomUUID } from 'node:crypto';
import { bundle } from '../../support/page-bundles.js';
import type { Driver, DriverRecord } from '../../support/page-driver.js';
import type { TrafficReport } from '../../support/traffic.js';
import { launchChromium } from './chromium.js';
import { launchFirefox } from './firefox.js';
import { Lab, type LabOptions } from './lab.js';
import type { LabBrowser, LabPage } from './lab-page.js';
import type { Peer } from './namespaces.js';

export const PEERS = ['a', 'b'] as const;
const ID = { a: 1, b: 2 } as const;
const BROWSERS = { c: launchChromium, f: launchFirefox } as const;

type ManagerOptions = NonNullable<Parameters<Driver['create']>[2]>;

export interface MatchOptions {
  /** Two letters, c(hromium) or f(irefox), A's first. */
  browsers: 'cc' | 'cf' | 'fc' | 'ff';
  manager: ManagerOptions;
  /** Gives both ends the lab's STUN and TURN server. */
  withTurn?: boolean;
  lab?: LabOptions;
  /** Messages a second each way; 0 for an idle game. */
  hz?: number;
}

/** What one end went through, for verdicts and figures. Times in ms of the wall clock. */
export interface Account {
  state: string;
  records: readonly DriverRecord[];
  freshMs: number | null;
  traffic: TrafficReport;
}

/** Two players in browsers of their own, in the lab's namespaces, over the project's relay, sending 60 messages a second. */
export class Match {
  readonly lab: Lab;
  readonly #options: MatchOptions;
  readonly #game = randomUUID();
  readonly #pages = new Map<Peer, LabPage>();
  readonly #browsers = new Map<Peer, LabBrowser>();
  #source = '';

  private constructor(lab: Lab, options: MatchOptions) {
    this.lab = lab;
    this.#options = options;
  }

  /** Resolves when both ends are connected and have heard each other. */
  static async open(options: MatchOptions): Promise<Match> {
    const match = new Match(await Lab.open(options.lab), options);
    try {
      match.#source = await bundle({ entry: 'tests/support/page-driver.ts', format: 'iife' });
      await Promise.all(PEERS.map((peer) => match.enter(peer)));
      await match.until('connected', 30_000);
    } catch (error) {
      await match.close();
      throw error;
    }
    return match;
  }

  /** Opens the peer's page, in a browser of its own, and connects to the other. @returns when it called `connectToPeer`. */
  async enter(peer: Peer): Promise<void> {
    const letter = this.#options.browsers[peer === 'a' ? 0 : 1] === 'f' ? 'f' : 'c';
    const browser = await BROWSERS[letter]({ namespace: this.lab.namespaceOf(peer) });
    this.#browsers.set(peer, browser);
    this.lab.closeFirst(() => browser.close());
    const page = await browser.newPage();
    this.#pages.set(peer, page);
    await page.goto(`${this.lab.origin}/blank.html`);
    await this.#play(peer);
  }

  /** False after a crash. */
  has(peer: Peer): boolean {
    return this.#pages.has(peer);
  }

  async reload(peer: Peer): Promise<void> {
    await this.#page(peer).reload();
    await this.#play(peer);
  }

  async crash(peer: Peer): Promise<void> {
    await this.#browsers.get(peer)?.crash();
    this.#pages.delete(peer);
  }

  drive<K extends keyof Driver>(
    peer: Peer,
    name: K,
    ...args: Parameters<Driver[K]>
  ): Promise<Awaited<ReturnType<Driver[K]>>> {
    return this.#page(peer).evaluate<[K, unknown[]], Awaited<ReturnType<Driver[K]>>>(
      ([method, given]) => Reflect.apply(window.driver[method], window.driver, given),
      [name, args],
    );
  }

  /** Waits until all given ends are in one of the states. */
  async until(
    states: string | readonly string[],
    patienceMs: number,
    peers: readonly Peer[] = PEERS,
  ): Promise<boolean> {
    const wanted = [states].flat();
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const seen = await Promise.all(peers.map(async (peer) => (await this.drive(peer, 'look')).state));
      if (seen.every((state) => wanted.includes(state))) return true;
      if (Date.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits until both ends heard something that was sent after `sinceMs`. */
  async untilFresh(sinceMs: number, patienceMs: number): Promise<boolean> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const fresh = await Promise.all(PEERS.map((peer) => this.drive(peer, 'freshAfter', sinceMs)));
      if (fresh.every((ms) => ms !== null)) return true;
      if (Date.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits until both ends say that their path is direct. */
  async untilDirect(patienceMs: number): Promise<boolean> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const paths = await Promise.all(PEERS.map((peer) => this.drive(peer, 'connectionType')));
      if (paths.every((path) => JSON.stringify(path).includes('"connectionType":"direct"'))) return true;
      if (Date.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async account(peer: Peer, faultAtMs: number, freshSinceMs: number): Promise<Account> {
    const [{ state }, records, freshMs, traffic] = await Promise.all([
      this.drive(peer, 'look'),
      this.drive(peer, 'records'),
      this.drive(peer, 'freshAfter', freshSinceMs),
      this.drive(peer, 'traffic', faultAtMs - 100),
    ]);
    return { state, records, freshMs, traffic };
  }

  close(): Promise<void> {
    return this.lab.close();
  }

  #page(peer: Peer): LabPage {
    const page = this.#pages.get(peer);
    if (!page) throw new Error(`peer ${peer} has no page`);
    return page;
  }

  async #play(peer: Peer): Promise<void> {
    const { manager, withTurn = false, hz = 60 } = this.#options;
    await this.#page(peer).addScript(this.#source);
    await this.drive(peer, 'openSocket', this.lab.origin);
    await this.drive(peer, 'join', this.#game, ID[peer]);
    const iceServers = withTurn ? this.lab.turn.iceServers : [];
    await this.drive(peer, 'create', this.#game, ID[peer], { iceServers, logger: 'silent', ...manager });
    await this.drive(peer, 'connect', ID[peer === 'a' ? 'b' : 'a']);
    if (hz > 0) await this.drive(peer, 'startSending', hz);
  }
}
