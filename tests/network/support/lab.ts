import { fileURLToPath } from 'node:url';
import { type Coturn, createCoturn } from '../../support/coturn';
import type { Requirement } from '../../support/requirements';
import { Addresses, ROUTER_ADDRESS } from './addresses.js';
import { type RunningChild, startChild } from './child-process.js';
import { launchChromium } from './chromium.js';
import { launchFirefox } from './firefox.js';
import {
  type Carried,
  type Direction,
  everythingOf,
  Firewall,
  onlyAnswersTo,
  onlyTcpOutTo,
  udpFromTo,
} from './firewall.js';
import type { Ground } from './ground.js';
import type { LabBrowser } from './lab-page.js';
import { createNamespaces, type Namespaces, type Peer } from './namespaces.js';
import type { RouterSettings } from './router-main.js';

const HTTP_PORT = 8080;
const TURN_PORT = 3478;
const TURN_TLS_PORT = 443;
const PAGES = fileURLToPath(new URL('./pages', import.meta.url));
const ROUTER_PROGRAM = fileURLToPath(new URL('./router-main.ts', import.meta.url));

/** By default the project's relay runs, and serves only `/blank.html`. `staticDir` replaces that with other pages. */
export type LabOptions = Partial<Omit<RouterSettings, 'port'>> & {
  /** Also offers TURN over TCP and TLS. Needs openssl. */
  readonly turnOverTcp?: boolean;
};

export const LAB_NEEDS: readonly Requirement[] = [
  'root',
  'iproute2',
  'nftables',
  'nsenter',
  'coturn',
  'chromium',
  'firefox',
];

/**
 * A small internet: peer A and peer B in their own network namespaces, joined by a router that also holds the
 * Socket.IO relay, the pages, STUN and TURN. Every fault resolves once it holds, with the wall-clock time
 * (ms) just before it was applied, so that a recovery timed from there is never measured too short.
 */
export class Lab implements Ground {
  readonly turn: Coturn;
  readonly origin = `http://${ROUTER_ADDRESS}:${HTTP_PORT}`;
  readonly #namespaces: Namespaces;
  readonly #addresses: Addresses;
  readonly #firewall: Firewall;
  readonly #options: LabOptions;
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #carrierTimers = new Map<Peer, NodeJS.Timeout>();
  #relay: RunningChild | null = null;

  private constructor(namespaces: Namespaces, options: LabOptions) {
    this.#namespaces = namespaces;
    this.#addresses = new Addresses(namespaces);
    this.#firewall = new Firewall(namespaces);
    this.#options = options;
    const wrapper = ['ip', 'netns', 'exec', namespaces.names.router];
    const tls = options.turnOverTcp && { tlsPort: TURN_TLS_PORT };
    this.turn = createCoturn({ host: ROUTER_ADDRESS, port: TURN_PORT, wrapper, ...tls });
  }

  static async open(options: LabOptions = {}): Promise<Lab> {
    const lab = new Lab(await createNamespaces(), options);
    try {
      await lab.#addresses.wire();
      await lab.#firewall.raise();
      await Promise.all([lab.startRelay(), lab.turn.start()]);
    } catch (error) {
      await lab.close();
      throw error;
    }
    return lab;
  }

  namespaceOf(peer: Peer): string {
    return this.#namespaces.names[peer];
  }

  addressOf(peer: Peer): string {
    return this.#addresses.of(peer);
  }

  get iceServers(): readonly RTCIceServer[] {
    return [{ urls: `stun:${ROUTER_ADDRESS}:${TURN_PORT}` }, ...this.turn.iceServers];
  }

  /** A browser inside the peer's namespace; it is closed with the lab. */
  async launch(peer: Peer, letter: 'c' | 'f'): Promise<LabBrowser> {
    const namespace = this.namespaceOf(peer);
    const browser = await (letter === 'f'
      ? launchFirefox({ namespace })
      : // TURN's certificate is self-signed.
        launchChromium({ namespace, args: ['--ignore-certificate-errors'] }));
    this.closeFirst(() => browser.close());
    return browser;
  }

  /** Closes browsers and the like before the ground on which they depend. */
  closeFirst(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  async startRelay(): Promise<void> {
    if (this.#relay !== null) return;
    const { router } = this.#namespaces.names;
    const args = ['netns', 'exec', router, process.execPath, '--import', 'tsx', ROUTER_PROGRAM];
    const settings: RouterSettings = { relay: 'real', staticDir: PAGES, ...this.#options, port: HTTP_PORT };
    const relay = startChild('ip', [...args, JSON.stringify(settings)]);
    this.#relay = relay;
    await relay.waitFor(/^listening$/m);
  }

  async stopRelay(): Promise<void> {
    await this.#relay?.stop('SIGKILL');
    this.#relay = null;
  }

  /** Another server, a Node program, in the router's namespace; it ends with the lab. */
  async startBeside(program: string, args: readonly string[], ready: RegExp): Promise<void> {
    const { router } = this.#namespaces.names;
    const server = startChild('ip', ['netns', 'exec', router, process.execPath, program, ...args]);
    this.closeFirst(() => server.stop('SIGKILL'));
    await server.waitFor(ready);
  }

  /** What the relay printed, for the message of a failing test. */
  relayOutput(): string {
    return this.#relay?.output() ?? '';
  }

  /** The packets that the network carried on each path, whatever the browsers report. */
  carried(): Promise<Carried> {
    return this.#firewall.carried();
  }

  /** UDP between the peers is lost both ways; signaling and TURN still work. */
  cutPeerToPeerUdp(): Promise<number> {
    return this.#fault(() => this.#firewall.add([...udpFromTo('a->b'), ...udpFromTo('b->a')]));
  }

  /** The peer is completely cut off: no peer, no signaling, no TURN. */
  cutPeer(peer: Peer): Promise<number> {
    return this.#fault(() => this.#firewall.add(everythingOf(peer)));
  }

  /** Nothing at all passes directly between the peers; TURN is the only way. */
  blockDirectForGood(): Promise<number> {
    return this.#fault(() => this.#firewall.add([['forward', 'drop']]));
  }

  /** The peer's network lets only TCP out: to the pages and the signaling, and to TURN over TCP or over TLS. */
  onlyTcpOut(peer: Peer, turn: 'tcp' | 'tls'): Promise<number> {
    const ports = [HTTP_PORT, turn === 'tcp' ? TURN_PORT : TURN_TLS_PORT];
    return this.#fault(() => this.#firewall.add(onlyTcpOutTo(peer, ports)));
  }

  oneWayLoss(direction: Direction): Promise<number> {
    return this.#fault(() => this.#firewall.add(udpFromTo(direction)));
  }

  statefulFirewall(peer: Peer): Promise<number> {
    return this.#fault(() => this.#firewall.add(onlyAnswersTo(peer)));
  }

  /** Each UDP packet between the peers is lost with this probability, independently. */
  dropFraction(fraction: number): Promise<number> {
    const perMille = Math.round(fraction * 1000);
    const rule = `meta l4proto udp numgen random mod 1000 < ${perMille} drop`;
    return this.#fault(() => this.#firewall.add([['forward', rule]]));
  }

  /** The old address is removed and a new one added at once. */
  changeAddress(peer: Peer): Promise<number> {
    return this.#fault(() => this.#addresses.change(peer));
  }

  /** Pulls the peer's cable for so long; `back` resolves, with the time, when it is plugged in again. */
  async carrierLoss(peer: Peer, ms: number): Promise<{ at: number; back: Promise<number> }> {
    const at = await this.#fault(() => this.#addresses.setCarrier(peer, 'down'));
    const back = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#carrierTimers.delete(peer);
        this.#fault(() => this.#addresses.setCarrier(peer, 'up')).then(resolve, reject);
      }, ms);
      this.#carrierTimers.set(peer, timer);
    });
    return { at, back };
  }

  /** Ends every nftables fault. Addresses stay as they are, and a pulled cable comes back at its own time. */
  heal(): Promise<number> {
    return this.#fault(() => this.#firewall.clear());
  }

  async close(): Promise<void> {
    for (const timer of this.#carrierTimers.values()) clearTimeout(timer);
    for (const close of this.#closers.splice(0).reverse()) await close().catch(() => undefined);
    await Promise.all([this.stopRelay(), this.turn.dispose(), this.#firewall.close()]);
    this.#namespaces.destroy();
  }

  async #fault(apply: () => Promise<unknown>): Promise<number> {
    const at = Date.now();
    await apply();
    return at;
  }
}
