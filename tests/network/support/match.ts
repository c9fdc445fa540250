import { randomUUID } from 'node:crypto';
import { bundle } from '../../support/page-bundles.js';
import type { Driver, DriverRecord } from '../../support/page-driver.js';
import type { TrafficReport } from '../../support/traffic.js';
import type { Ground } from './ground.js';
import type { LabBrowser, LabPage } from './lab-page.js';
import type { Peer } from './namespaces.js';

export const PEERS = ['a', 'b'] as const;
const ID = { a: 1, b: 2 } as const;

type ManagerOptions = NonNullable<Parameters<Driver['create']>[2]>;

export interface MatchOptions {
  /** Two letters, c(hromium) or f(irefox), A's first. */
  browsers: 'cc' | 'cf' | 'fc' | 'ff';
  manager: ManagerOptions;
  /** Gives both ends the ground's STUN and TURN server. */
  withTurn?: boolean;
  /** Messages a second each way; 0 for an idle game. */
  hz?: number;
}

/** What happened at one end, for verdicts and figures. Times in ms of the wall clock. */
export interface Account {
  state: string;
  records: readonly DriverRecord[];
  freshMs: number | null;
  traffic: TrafficReport;
  /** How many *restored* were announced with no message after them. */
  unheardRestores: number;
}

/** The records in which a link becomes suspect, or is recovering. */
export const suspicions = (records: readonly DriverRecord[]): DriverRecord[] =>
  records.filter(
    ({ name, detail }) =>
      name === 'state' &&
      typeof detail === 'object' &&
      detail !== null &&
      'state' in detail &&
      (detail.state === 'disconnected' || detail.state === 'restarting'),
  );

/** Two players in separate browsers, on some ground, sending 60 messages a second. */
export class Match<On extends Ground = Ground> {
  readonly ground: On;
  readonly #options: MatchOptions;
  readonly #game = randomUUID();
  readonly #pages = new Map<Peer, LabPage>();
  readonly #browsers = new Map<Peer, LabBrowser>();
  #source = '';

  private constructor(ground: On, options: MatchOptions) {
    this.ground = ground;
    this.#options = options;
  }

  /** Resolves when both ends are connected; from then on the ground is closed with the match. */
  static async open<On extends Ground>(ground: On, options: MatchOptions): Promise<Match<On>> {
    const match = new Match(ground, options);
    try {
      match.#source = await bundle({ entry: 'tests/support/page-driver.ts', format: 'iife' });
      await Promise.all(PEERS.map((peer) => match.enter(peer)));
      if (!(await match.until('connected', 30_000))) throw new Error('the players did not connect in 30 s');
    } catch (error) {
      await match.close();
      throw error;
    }
    return match;
  }

  /** Opens the peer's page, in a separate browser, and connects to the other. @returns when it called `connectToPeer`. */
  async enter(peer: Peer): Promise<void> {
    const letter = this.#options.browsers[peer === 'a' ? 0 : 1] === 'f' ? 'f' : 'c';
    const browser = await this.ground.launch(peer, letter);
    this.#browsers.set(peer, browser);
    const page = await browser.newPage();
    this.#pages.set(peer, page);
    await page.goto(`${this.ground.origin}/blank.html`);
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

  evaluate<Argument, Result>(
    peer: Peer,
    fn: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Result> {
    return this.#page(peer).evaluate(fn, argument);
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
  until(
    states: string | readonly string[],
    patienceMs: number,
    peers: readonly Peer[] = PEERS,
  ): Promise<boolean> {
    return this.#until(patienceMs, peers, async (peer) =>
      [states].flat().includes((await this.drive(peer, 'look')).state),
    );
  }

  /** Waits until both ends received something that was sent after `sinceMs`. */
  untilFresh(sinceMs: number, patienceMs: number): Promise<boolean> {
    return this.#until(
      patienceMs,
      PEERS,
      async (peer) => (await this.drive(peer, 'freshAfter', sinceMs)) !== null,
    );
  }

  /** Waits until one end has suspected its link since then, however briefly. */
  async untilNoticed(sinceMs: number, patienceMs: number): Promise<boolean> {
    return this.#until(patienceMs, ['a'], async () => {
      const records = (await Promise.all(PEERS.map((peer) => this.drive(peer, 'records')))).flat();
      return suspicions(records).some(({ wallMs }) => wallMs >= sinceMs);
    });
  }

  /** Waits until both ends report a direct path. */
  untilDirect(patienceMs: number): Promise<boolean> {
    return this.#until(patienceMs, PEERS, async (peer) =>
      JSON.stringify(await this.drive(peer, 'connectionType')).includes('"connectionType":"direct"'),
    );
  }

  async account(peer: Peer, faultAtMs: number, freshSinceMs: number): Promise<Account> {
    const [{ state }, records, freshMs, traffic] = await Promise.all([
      this.drive(peer, 'look'),
      this.drive(peer, 'records'),
      this.drive(peer, 'freshAfter', freshSinceMs),
      this.drive(peer, 'traffic', faultAtMs - 100),
    ]);
    const restores = records.filter(
      ({ source, name, wallMs }) =>
        source === 'callback' && name === 'onConnectionRestored' && wallMs >= faultAtMs,
    );
    const heard = await Promise.all(restores.map(({ wallMs }) => this.drive(peer, 'freshAfter', wallMs)));
    return { state, records, freshMs, traffic, unheardRestores: heard.filter((ms) => ms === null).length };
  }

  close(): Promise<void> {
    return this.ground.close();
  }

  #page(peer: Peer): LabPage {
    const page = this.#pages.get(peer);
    if (!page) throw new Error(`peer ${peer} has no page`);
    return page;
  }

  async #until(
    patienceMs: number,
    peers: readonly Peer[],
    isSo: (peer: Peer) => Promise<boolean>,
  ): Promise<boolean> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      if ((await Promise.all(peers.map(isSo))).every(Boolean)) return true;
      if (Date.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #play(peer: Peer): Promise<void> {
    const { manager, withTurn = false, hz = 60 } = this.#options;
    await this.#page(peer).addScript(this.#source);
    await this.drive(peer, 'openSocket', this.ground.origin);
    await this.drive(peer, 'join', this.#game, ID[peer]);
    const iceServers = withTurn ? this.ground.iceServers : [];
    await this.drive(peer, 'create', this.#game, ID[peer], { iceServers, logger: 'silent', ...manager });
    await this.drive(peer, 'connect', ID[peer === 'a' ? 'b' : 'a']);
    if (hz > 0) await this.drive(peer, 'startSending', hz);
  }
}
