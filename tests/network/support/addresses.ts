import { run } from './commands.js';
import { ROUTER_LINK } from './firewall.js';
import type { Namespaces, Peer } from './namespaces.js';

/** One address that both peers reach, for signaling, pages, STUN and TURN. */
export const ROUTER_ADDRESS = '10.77.0.1';

const SUBNET: Readonly<Record<Peer, string>> = { a: '10.77.1', b: '10.77.2' };
const LINK = 'eth0';
const FIRST_HOST = 2;

/** Wires and addresses: each peer has a separate subnet behind the router. */
export class Addresses {
  readonly #namespaces: Namespaces;
  readonly #hosts: Record<Peer, number> = { a: FIRST_HOST, b: FIRST_HOST };

  constructor(namespaces: Namespaces) {
    this.#namespaces = namespaces;
  }

  of(peer: Peer): string {
    return `${SUBNET[peer]}.${this.#hosts[peer]}`;
  }

  async wire(): Promise<void> {
    await this.#namespaces.exec('router', 'sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
    await this.#ip('router', ['link set lo up', `addr add ${ROUTER_ADDRESS}/32 dev lo`]);
    await Promise.all([this.#wirePeer('a'), this.#wirePeer('b')]);
  }

  /** The old address goes and the new one comes at once, as when a phone changes its Wi-Fi. */
  async change(peer: Peer): Promise<string> {
    const before = this.of(peer);
    this.#hosts[peer] += 1;
    await this.#ip(peer, [`addr del ${before}/24 dev ${LINK}`, ...this.#addressAndRoute(peer)]);
    return this.of(peer);
  }

  /** The router's end goes down, so the peer sees its carrier vanish; its addresses stay. */
  async setCarrier(peer: Peer, state: 'up' | 'down'): Promise<void> {
    await this.#ip('router', [`link set ${ROUTER_LINK[peer]} ${state}`]);
  }

  async #wirePeer(peer: Peer): Promise<void> {
    const { names } = this.#namespaces;
    const ends = `link add ${ROUTER_LINK[peer]} netns ${names.router} type veth peer name ${LINK} netns ${names[peer]}`;
    // `link add … netns` works from any namespace that can name the two.
    await this.#ipHere(ends);
    await this.#ip('router', [
      `addr add ${SUBNET[peer]}.1/24 dev ${ROUTER_LINK[peer]}`,
      `link set ${ROUTER_LINK[peer]} up`,
    ]);
    await this.#ip(peer, ['link set lo up', `link set ${LINK} up`, ...this.#addressAndRoute(peer)]);
  }

  #addressAndRoute(peer: Peer): string[] {
    return [`addr add ${this.of(peer)}/24 dev ${LINK}`, `route add default via ${SUBNET[peer]}.1`];
  }

  async #ip(node: Peer | 'router', lines: readonly string[]): Promise<void> {
    await this.#namespaces.exec(node, 'ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  }

  async #ipHere(line: string): Promise<void> {
    await run('ip', line.split(' '));
  }
}
