import type { PathKind } from './fake-sdp';
import type { Timers } from './timers';

/** The two pages of a fake world. */
export type Page = 0 | 1;

/** One generation of ICE: what both ends call it, and what each knows of the other. */
export interface Generation {
  local: string;
  remote: string;
  localKinds: ReadonlySet<PathKind>;
  remoteKinds: Set<PathKind>;
}

/** The ICE of one connection, as the network and its other end see it. */
export interface IceAgent {
  readonly isUp: boolean;
  /** The generation that this end calls `ufrag`. */
  generationOf(ufrag: string): Generation | null;
  /** Looks at the network anew. */
  look(): void;
}

interface Direction {
  isCut: boolean;
  delayMs: number;
  /** Share of packets, in [0, 1]. */
  loss: number;
}

/** What lies between two pages: each direction can be cut, delayed and lossy; direct paths can be blocked, and TURN be down. */
export class FakeNetwork {
  readonly timers: Timers;
  /** The relay's answer to allocations. */
  turn: 'up' | 'down' | 'refuses' = 'up';
  /** How much later than usual each page finds its candidates, in ms: a slow mDNS responder, say. */
  readonly gatheringDelayMs: Record<Page, number> = { 0: 0, 1: 0 };
  readonly #random: () => number;
  readonly #directions: Record<Page, Direction> = {
    0: { isCut: false, delayMs: 0, loss: 0 },
    1: { isCut: false, delayMs: 0, loss: 0 },
  };
  readonly #killed = new Set<Page>();
  readonly #agents = new Set<IceAgent>();
  #isDirectBlocked = false;

  constructor(timers: Timers, random: () => number) {
    this.timers = timers;
    this.#random = random;
  }

  /** Drops every packet, or those that one page sends. */
  cut(from?: Page): void {
    this.#set(from, { isCut: true });
  }

  heal(from?: Page): void {
    this.#set(from, { isCut: false });
  }

  /** Only relayed paths work from here on. */
  blockDirect(): void {
    this.#isDirectBlocked = true;
    this.changed();
  }

  unblockDirect(): void {
    this.#isDirectBlocked = false;
    this.changed();
  }

  /** One-way delay; both ways without `from`. */
  setDelay(delayMs: number, from?: Page): void {
    this.#set(from, { delayMs });
  }

  /** Share of packets that are lost, in [0, 1]; both ways without `from`. */
  setLoss(loss: number, from?: Page): void {
    this.#set(from, { loss });
  }

  /** The page is gone without a word. */
  kill(page: Page): void {
    this.#killed.add(page);
    this.changed();
  }

  isKilled(page: Page): boolean {
    return this.#killed.has(page);
  }

  // — for the fakes

  join(agent: IceAgent): void {
    this.#agents.add(agent);
  }

  leave(agent: IceAgent): void {
    this.#agents.delete(agent);
    this.changed();
  }

  agentOf(ufrag: string): IceAgent | null {
    for (const agent of this.#agents) if (agent.generationOf(ufrag)) return agent;
    return null;
  }

  /** Every ICE agent looks anew. */
  changed(): void {
    for (const agent of [...this.#agents]) agent.look();
  }

  /** Whether a packet of `from` arrives now, bad luck apart. */
  carries(from: Page, kind: PathKind): boolean {
    if (this.#killed.size > 0 || this.#directions[from].isCut) return false;
    return kind === 'direct' ? !this.#isDirectBlocked : this.turn === 'up';
  }

  delayMs(from: Page): number {
    return this.#directions[from].delayMs;
  }

  rttMs(): number {
    return this.#directions[0].delayMs + this.#directions[1].delayMs;
  }

  isUnlucky(from: Page): boolean {
    const { loss } = this.#directions[from];
    return loss > 0 && this.#random() < loss;
  }

  #set(from: Page | undefined, change: Partial<Direction>): void {
    for (const page of [0, 1] as const) {
      if (from === undefined || from === page) Object.assign(this.#directions[page], change);
    }
    this.changed();
  }
}
