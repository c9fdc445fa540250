import type { Namespaces, Peer } from './namespaces.js';

export type Direction = 'a->b' | 'b->a';
type Hook = 'forward' | 'input' | 'output';

/** The router's interface towards each peer. */
export const ROUTER_LINK: Readonly<Record<Peer, string>> = { a: 'to-a', b: 'to-b' };

const TABLE = 'inet lab';

/**
 * The router's nftables: one chain per hook, empty when the network is well. `tracked` comes first and only
 * looks at the connection state, so that a firewall raised later knows the flows that were there before it.
 */
const HEALTHY = `
table ${TABLE} {
  chain tracked { type filter hook prerouting priority -150; policy accept; ct state established accept; }
  chain forward { type filter hook forward priority 0; policy accept; }
  chain input { type filter hook input priority 0; policy accept; }
  chain output { type filter hook output priority 0; policy accept; }
}
`;

export class Firewall {
  readonly #namespaces: Namespaces;

  constructor(namespaces: Namespaces) {
    this.#namespaces = namespaces;
  }

  async raise(): Promise<void> {
    await this.#apply(HEALTHY);
  }

  /** Adds rules in one transaction: all of them hold, or none. */
  async add(rules: readonly (readonly [Hook, string])[]): Promise<void> {
    await this.#apply(rules.map(([hook, rule]) => `add rule ${TABLE} ${hook} ${rule}`).join('\n'));
  }

  async clear(): Promise<void> {
    const hooks: readonly Hook[] = ['forward', 'input', 'output'];
    await this.#apply(hooks.map((hook) => `flush chain ${TABLE} ${hook}`).join('\n'));
  }

  async #apply(script: string): Promise<void> {
    await this.#namespaces.exec('router', 'nft', ['-f', '-'], `${script}\n`);
  }
}

/** Drops everything that comes from the peer or goes to it, the router's own services included. */
export function everythingOf(peer: Peer): readonly (readonly [Hook, string])[] {
  const link = ROUTER_LINK[peer];
  return [
    ['forward', `iifname ${link} drop`],
    ['forward', `oifname ${link} drop`],
    ['input', `iifname ${link} drop`],
    ['output', `oifname ${link} drop`],
  ];
}

/** What a home router does: answers come in, strangers do not. Holds against the TURN server too. */
export function onlyAnswersTo(peer: Peer): readonly (readonly [Hook, string])[] {
  const link = ROUTER_LINK[peer];
  return [
    ['forward', `oifname ${link} ct state != { established, related } drop`],
    ['output', `oifname ${link} ct state != { established, related } drop`],
  ];
}

export function udpFromTo(direction: Direction): readonly (readonly [Hook, string])[] {
  const [from, to]: readonly [Peer, Peer] = direction === 'a->b' ? ['a', 'b'] : ['b', 'a'];
  return [['forward', `iifname ${ROUTER_LINK[from]} oifname ${ROUTER_LINK[to]} meta l4proto udp drop`]];
}
