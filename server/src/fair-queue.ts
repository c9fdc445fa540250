/**
 * `burst`: sent a lot at once, but rarely does. `busy`: keeps sending a lot within its rates, like a game that is played over the relay.
 * `hostile`: was refused again and again.
 */
export type Rank = 'burst' | 'busy' | 'hostile';

/** A client whose messages wait for their turn. */
export interface QueuedClient {
  readonly rank: Rank;
  readonly isWaiting: boolean;
  /** Handles the next waiting piece: up to 4 KiB, or one message. @returns its size in bytes. */
  next(): number;
}

const RANKS: readonly Rank[] = ['burst', 'busy', 'hostile'];
/** How long one slice may block everyone else, in ms. */
const SLICE_MS = 1;
/** How many bytes one slice may handle. A large message is cheap to parse, but leaves garbage, and collecting that stops everyone. */
const SLICE_BYTES = 32 * 1024;

/**
 * After a slice the queue rests for this multiple of the slice's duration, so that it gets at most a third of a core. A relay that never rests answers
 * late, and on a busy machine the operating system schedules it last.
 */
const REST_RATIO = 2;
/** The same for hostile clients, which get a tenth of a core. */
const HOSTILE_REST_RATIO = 9;
/** How many bytes all clients of a rank together may send per ms: 16, 8 and 2 MB a second. */
const BYTES_PER_MS: Readonly<Record<Rank, number>> = { burst: 16_000, busy: 8_000, hostile: 2_000 };

/**
 * Lets clients that send a lot take turns, one message each, in slices between which everyone else is served. Bursts come first, then busy
 * clients, then hostile ones. The clients of a rank share its capacity; a single client gets all of it.
 */
export class FairQueue {
  readonly #waiting: Readonly<Record<Rank, Set<QueuedClient>>> = {
    burst: new Set(),
    busy: new Set(),
    hostile: new Set(),
  };
  /** The earliest time of each rank's next slice, in ms. */
  readonly #restUntilMs: Record<Rank, number> = { burst: 0, busy: 0, hostile: 0 };
  #isInSlice = false;
  #dueMs = Number.POSITIVE_INFINITY;
  #cancel: () => void = () => {};
  #loopTurn = 0;
  #isCounting = false;

  /** A number that differs in each turn of the event loop. */
  get loopTurn(): number {
    if (!this.#isCounting) {
      this.#isCounting = true;
      setImmediate(() => {
        this.#loopTurn += 1;
        this.#isCounting = false;
      });
    }
    return this.#loopTurn;
  }

  add(who: QueuedClient): void {
    const { rank } = who;
    if (this.#waiting[rank].has(who)) return;
    this.remove(who);
    this.#waiting[rank].add(who);
    this.#schedule();
  }

  remove(who: QueuedClient): void {
    for (const rank of RANKS) this.#waiting[rank].delete(who);
  }

  stop(): void {
    this.#cancel();
    for (const rank of RANKS) this.#waiting[rank].clear();
  }

  #schedule(): void {
    const nowMs = performance.now();
    const dueMs = Math.max(nowMs, Math.min(...this.#waitingRanks().map((rank) => this.#restUntilMs[rank])));
    if (this.#isInSlice || dueMs >= this.#dueMs) return;
    this.#cancel();
    this.#dueMs = dueMs;
    const begin = () => {
      this.#dueMs = Number.POSITIVE_INFINITY;
      const beganMs = performance.now();
      const rank = this.#rankAt(beganMs);
      if (rank !== undefined) this.#turn({ rank, beganMs, bytes: 0 });
      else this.#schedule();
    };
    if (dueMs > nowMs) {
      const timer = setTimeout(begin, dueMs - nowMs);
      this.#cancel = () => clearTimeout(timer);
    } else {
      const immediate = setImmediate(begin);
      this.#cancel = () => clearImmediate(immediate);
    }
  }

  #waitingRanks(): Rank[] {
    return RANKS.filter((rank) => this.#waiting[rank].size > 0);
  }

  #rankAt(nowMs: number): Rank | undefined {
    return this.#waitingRanks().find((rank) => this.#restUntilMs[rank] <= nowMs);
  }

  #turn({ rank, beganMs, bytes }: { rank: Rank; beganMs: number; bytes: number }): void {
    this.#isInSlice = true;
    const [who] = this.#waiting[rank];
    let sum = bytes;
    if (who !== undefined) {
      this.remove(who);
      sum += who.next();
      if (who.isWaiting) this.add(who);
    }
    // Socket.IO handles a packet in the next tick, so the cost of the message is known only then.
    process.nextTick(() => {
      const nowMs = performance.now();
      const isOver = nowMs - beganMs >= SLICE_MS || sum >= SLICE_BYTES;
      if (!isOver && this.#rankAt(nowMs) === rank) return this.#turn({ rank, beganMs, bytes: sum });
      this.#rest(rank, nowMs, nowMs - beganMs, sum);
      this.#isInSlice = false;
      this.#schedule();
    });
  }

  #rest(served: Rank, nowMs: number, sliceMs: number, bytes: number): void {
    for (const rank of RANKS)
      this.#restUntilMs[rank] = Math.max(this.#restUntilMs[rank], nowMs + REST_RATIO * sliceMs);
    const ratio = served === 'hostile' ? HOSTILE_REST_RATIO : REST_RATIO;
    this.#restUntilMs[served] = nowMs + Math.max(ratio * sliceMs, bytes / BYTES_PER_MS[served]);
  }
}
