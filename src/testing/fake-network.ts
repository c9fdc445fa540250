import type { PathKind } from './fake-sdp';
import type { Timers } from './timers';

/** The two pages of a fake world. */
export type Page = 0 | 1;

/** One ICE generation: the ufrags of both ends, and the kinds of candidates that each has. */
export interface Generation {
  local: string;
  remote: string;
  localKinds: ReadonlySet<PathKind>;
  remoteKinds: Set<PathKind>;
}

/** The ICE agent of one connection, as seen by the network and the other end. */
export interface IceAgent {
  readonly isUp: boolean;
  /** The generation whose local ufrag is `ufrag`. */
  generationOf(ufrag: string): Generation | null;
  /** Checks the network again. */
  look(): void;
}

interface Direction {
  isCut: boolean;
  delayMs: number;
  /** Share of lost packets, in [0, 1]. */
  loss: number;
}

/** The network between two pages. Each direction can be cut, delayed and lossy; direct paths can be blocked, and TURN can be down. */
export class FakeNetwork {
  readonly timers: Timers;
  /** Whether the TURN server works, is down, or refuses allocations. */
  turn: 'up' | 'down' | 'refuses' = 'up';
  /** How much later than usual each page finds its candidates, in ms, as with a slow mDNS responder. */
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

  /** Drops every packet, or only those that one page sends. */
  cut(from?: Page): void {
    this.#set(from, { isCut: true });
  }

  heal(from?: Page): void {
    this.#set(from, { isCut: false });
  }

  /** From now on only relayed paths work. */
  blockDirect(): void {
    this.#isDirectBlocked = true;
    this.changed();
  }

  unblockDirect(): void {
    this.#isDirectBlocked = false;
    this.changed();
  }

  /** Sets the one-way delay; for both directions without `from`. */
  setDelay(delayMs: number, from?: Page): void {
    this.#set(from, { delayMs });
  }

  /** Sets the share of lost packets, in [0, 1]; for both directions without `from`. */
  setLoss(loss: number, from?: Page): void {
    this.#set(from, { loss });
  }

  /** The page disappears without a message. */
  kill(page: Page): void {
    this.#killed.add(page);
    this.changed();
  }

  isKilled(page: Page): boolean {
    return this.#killed.has(page);
  }

  // — called by the fakes

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

  /** Lets every ICE agent check the network again. */
  changed(): void {
    for (const agent of [...this.#agents]) agent.look();
  }

  /** Whether a packet from `from` arrives now, apart from random loss. */
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

  losesPacket(from: Page): boolean {
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
