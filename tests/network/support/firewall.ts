import { type RunningChild, startChild } from './child-process.js';
import type { Namespaces, Peer } from './namespaces.js';

export type Direction = 'a->b' | 'b->a';
const HOOKS = ['forward', 'input', 'output'] as const;
type Hook = (typeof HOOKS)[number];

/** The router's interface towards each peer. */
export const ROUTER_LINK: Readonly<Record<Peer, string>> = { a: 'to-a', b: 'to-b' };

const TABLE = 'inet lab';

/** A packet whose first byte says DTLS (RFC 7983). */
const DTLS = 'meta l4proto udp @th,64,8 20-63';

/**
 * The router's nftables: one chain per hook, empty when the network works. `tracked` comes first and only
 * reads the connection state, so that a firewall raised later knows the flows that existed before it.
 * `passed` and `arrived` come last: they count packets that no fault has dropped, between the peers and at TURN's relayed ports.
 */
const HEALTHY = `
table ${TABLE} {
  chain tracked { type filter hook prerouting priority -150; policy accept; ct state established accept; }
  chain forward { type filter hook forward priority 0; policy accept; }
  chain input { type filter hook input priority 0; policy accept; }
  chain output { type filter hook output priority 0; policy accept; }
  chain confirmation { }
  counter direct { }
  counter relayed { }
  chain passed { type filter hook forward priority 10; ${DTLS} counter name direct; }
  chain arrived { type filter hook input priority 10; udp dport 62000-63000 ${DTLS} counter name relayed; }
}
`;

/** How many packets of DTLS reached their receiver. ICE's checks, which use every path, do not count. */
export interface Carried {
  direct: number;
  relayed: number;
}

/**
 * One nft stays open for the life of the lab: a fault then holds within a millisecond or two of the request,
 * whereas starting a program takes 10 ms, and hundreds on a busy machine.
 */
export class Firewall {
  readonly #namespaces: Namespaces;
  #nft: RunningChild | null = null;
  #work: Promise<void> = Promise.resolve();

  constructor(namespaces: Namespaces) {
    this.#namespaces = namespaces;
  }

  async raise(): Promise<void> {
    const { router } = this.#namespaces.names;
    await this.#namespaces.exec('router', 'nft', ['-f', '-'], HEALTHY);
    this.#nft = startChild('nsenter', [`--net=/run/netns/${router}`, 'nft', '-i']);
  }

  /** Adds rules in one transaction: all of them hold, or none. */
  add(rules: readonly (readonly [Hook, string])[]): Promise<void> {
    return this.#apply(rules.map(([hook, rule]) => `add rule ${TABLE} ${hook} ${rule}`));
  }

  clear(): Promise<void> {
    return this.#apply(HOOKS.map((hook) => `flush chain ${TABLE} ${hook}`));
  }

  async carried(): Promise<Carried> {
    const listed = await this.#namespaces.exec('router', 'nft', ['list', 'counters', 'table', 'inet', 'lab']);
    const countOf = (name: string) =>
      Number(new RegExp(`counter ${name} {\\s*packets (\\d+)`).exec(listed)?.[1]);
    return { direct: countOf('direct'), relayed: countOf('relayed') };
  }

  async close(): Promise<void> {
    await this.#nft?.stop('SIGKILL');
  }

  /** One transaction after the other, each confirmed by the listing requested after it. */
  #apply(statements: readonly string[]): Promise<void> {
    this.#work = this.#work
      .catch(() => undefined)
      .then(async () => {
        if (this.#nft === null) throw new Error('the firewall is not raised');
        const known = this.#nft.output().length;
        this.#nft.type(`${statements.join('; ')}\nlist chain ${TABLE} confirmation\n`);
        await this.#nft.waitFor(/chain confirmation \{\s*\}/, { after: known });
        const said = this.#nft.output().slice(known);
        if (said.includes('Error:')) throw new Error(said);
      });
    return this.#work;
  }
}

/** Drops everything from and to the peer, including the router's own services. */
export function everythingOf(peer: Peer): readonly (readonly [Hook, string])[] {
  const link = ROUTER_LINK[peer];
  return [
    ['forward', `iifname ${link} drop`],
    ['forward', `oifname ${link} drop`],
    ['input', `iifname ${link} drop`],
    ['output', `oifname ${link} drop`],
  ];
}

/** Behaves like a home router: answers come in, strangers do not. Applies to the TURN server, too. */
export function onlyAnswersTo(peer: Peer): readonly (readonly [Hook, string])[] {
  const link = ROUTER_LINK[peer];
  return [
    ['forward', `oifname ${link} ct state != { established, related } drop`],
    ['output', `oifname ${link} ct state != { established, related } drop`],
  ];
}

/**
 * Nothing leaves the peer except TCP to these ports of the router. What others send to it still arrives, and is never answered: a packet that is dropped where it
 * is sent fails with an error there, after which coturn's relay socket is silent for good.
 */
export function onlyTcpOutTo(peer: Peer, ports: readonly number[]): readonly (readonly [Hook, string])[] {
  const link = ROUTER_LINK[peer];
  return [
    ['forward', `iifname ${link} drop`],
    ['input', `iifname ${link} meta l4proto != tcp drop`],
    ['input', `iifname ${link} tcp dport != { ${ports.join(', ')} } drop`],
  ];
}

export function udpFromTo(direction: Direction): readonly (readonly [Hook, string])[] {
  const [from, to]: readonly [Peer, Peer] = direction === 'a->b' ? ['a', 'b'] : ['b', 'a'];
  return [['forward', `iifname ${ROUTER_LINK[from]} oifname ${ROUTER_LINK[to]} meta l4proto udp drop`]];
}
