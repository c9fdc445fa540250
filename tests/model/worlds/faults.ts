import type { FakeNetwork, Page } from '../../../src/testing/fake-network';
import type { FakeRelay } from '../../../src/testing/fake-relay';
import type { Seat } from './seat';
import type { VirtualTime } from './virtual-time';

interface SignalingFault {
  loss?: number;
  duplication?: number;
  delayMs?: number;
  jitterMs?: number;
}

/** What is wrong with a world for a while. Several may be active at once, even of one kind. */
export type Fault =
  | { type: 'cut'; from: Page | null }
  | { type: 'loss'; share: number }
  | { type: 'delay'; ms: number }
  | { type: 'only relays' }
  | { type: 'no relays'; answer: 'down' | 'refuses' }
  | ({ type: 'signaling' } & SignalingFault)
  | { type: 'socket'; page: Page; isKnown: boolean }
  | { type: 'offline'; page: Page }
  /** Deep: its network sleeps too. Not told: the page gets no event, as on a phone that stops it. */
  | { type: 'frozen'; page: Page; isDeep: boolean; isTold: boolean }
  | { type: 'hidden'; page: Page }
  | { type: 'picky'; page: Page };

const PAGES = [0, 1] as const;

/** A page that wakes reads at once what came while it slept. */
const WAKING_MS = 1_000;

const most = (numbers: readonly number[]) => Math.max(0, ...numbers);

/** What is wrong now, and what that does to the network, the relay and the pages. */
export class Faults {
  /** Counts starts and ends: the same number later means that nothing has happened since. */
  changes = 0;
  readonly #active = new Map<Fault, () => void>();
  #wokeAtMs = 0;
  readonly #toCome = new Set<() => void>();
  readonly #time: VirtualTime;
  readonly #network: FakeNetwork;
  readonly #relay: FakeRelay;
  readonly #seats: readonly Seat[];

  constructor(time: VirtualTime, network: FakeNetwork, relay: FakeRelay, seats: readonly Seat[]) {
    this.#time = time;
    this.#network = network;
    this.#relay = relay;
    this.#seats = seats;
  }

  get isWhole(): boolean {
    return this.#active.size === 0;
  }

  /** Whether a page sleeps, or has just woken and reads what came meanwhile. */
  get isAnyAsleep(): boolean {
    const sleeping = this.#of('frozen').length + this.#of('hidden').length;
    return sleeping > 0 || this.#time.nowMs - this.#wokeAtMs < WAKING_MS;
  }

  isAsleep(page: Page): boolean {
    return this.#of('frozen').some((fault) => fault.page === page);
  }

  /** A fault that starts later, unless all faults are ended before. */
  strikeLater(inMs: number, fault: Fault, forMs: number): void {
    this.#toCome.add(this.#time.after(inMs, () => this.strike(fault, forMs)));
  }

  strike(fault: Fault, forMs: number): void {
    this.#active.set(
      fault,
      this.#time.after(forMs, () => this.#end(fault)),
    );
    this.#apply();
    if (fault.type === 'offline') this.#seats[fault.page]?.tell('window', 'offline');
  }

  /** Counts something that takes no time. */
  note(): void {
    this.changes += 1;
  }

  endAll(): void {
    for (const forget of this.#toCome) forget();
    for (const [fault, forget] of [...this.#active]) {
      forget();
      this.#end(fault);
    }
  }

  #end(fault: Fault): void {
    this.#active.delete(fault);
    if (fault.type === 'frozen' || fault.type === 'hidden') this.#wokeAtMs = this.#time.nowMs;
    this.#apply();
    if (fault.type === 'offline') this.#seats[fault.page]?.tell('window', 'online');
  }

  #of<Type extends Fault['type']>(type: Type): Extract<Fault, { type: Type }>[] {
    const isOf = (fault: Fault): fault is Extract<Fault, { type: Type }> => fault.type === type;
    return [...this.#active.keys()].filter(isOf);
  }

  #apply(): void {
    this.changes += 1;
    this.#applyToNetwork();
    this.#applyToRelay();
    for (const page of PAGES) this.#applyToSeat(page);
  }

  #applyToNetwork(): void {
    const network = this.#network;
    const isAway = (page: Page) =>
      this.#of('offline').some((each) => each.page === page) ||
      this.#of('frozen').some((each) => each.page === page && each.isDeep);
    const isAnyAway = PAGES.some(isAway);
    for (const page of PAGES) {
      const isCut = this.#of('cut').some(({ from }) => from === null || from === page);
      if (isCut || isAnyAway) network.cut(page);
      else network.heal(page);
    }
    network.setLoss(most(this.#of('loss').map(({ share }) => share)));
    network.setDelay(most(this.#of('delay').map(({ ms }) => ms)));
    network.turn = this.#of('no relays')[0]?.answer ?? 'up';
    if (this.#of('only relays').length > 0) network.blockDirect();
    else network.unblockDirect();
  }

  #applyToRelay(): void {
    const faults = this.#of('signaling');
    for (const name of ['loss', 'duplication', 'delayMs', 'jitterMs'] as const)
      this.#relay[name] = most(faults.map((fault) => fault[name] ?? 0));
  }

  #applyToSeat(page: Page): void {
    const isHere = (fault: { page: Page }) => fault.page === page;
    const [socket, frozen] = [this.#of('socket').filter(isHere), this.#of('frozen').filter(isHere)];
    const isDown = this.#of('offline').some(isHere) || socket.some(({ isKnown }) => isKnown);
    const isDeaf = socket.length > 0 || frozen.some(({ isDeep }) => isDeep);
    this.#seats[page]?.suffer({
      signaling: isDown ? 'down' : isDeaf ? 'deaf' : 'up',
      isFrozen: frozen.length > 0,
      isTold: frozen.some(({ isTold }) => isTold),
      isHidden: this.#of('hidden').some(isHere),
      isPicky: this.#of('picky').some(isHere),
    });
  }
}
