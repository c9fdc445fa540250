/** Somebody whose messages wait for their turn. */
export interface Waiting {
  /** Has sent more than others for a while. */
  readonly isHeavy: boolean;
  /** Does one piece of what waits, and says whether more waits. */
  next(): boolean;
}

/** What a slice may block those who send little; a piece that takes longer is followed by as long a rest. */
const SLICE_MS = 2;

/**
 * Takes turns among those who send much, a message each, in slices between which everybody else is served; who only has a burst comes
 * before who goes on and on. A thousand who flood share what the others leave; alone, one has nearly all of it.
 */
export class SlowLane {
  readonly #bursts = new Set<Waiting>();
  readonly #floods = new Set<Waiting>();
  #cancel: (() => void) | null = null;
  #loop = 0;
  #isCounting = false;

  /** Another number in each turn of the event loop. */
  get loop(): number {
    if (!this.#isCounting) {
      this.#isCounting = true;
      setImmediate(() => {
        this.#loop += 1;
        this.#isCounting = false;
      });
    }
    return this.#loop;
  }

  add(who: Waiting): void {
    if (this.#floods.has(who)) return;
    if (who.isHeavy) this.#bursts.delete(who);
    (who.isHeavy ? this.#floods : this.#bursts).add(who);
    this.#schedule(0);
  }

  remove(who: Waiting): void {
    this.#bursts.delete(who);
    this.#floods.delete(who);
  }

  stop(): void {
    this.#cancel?.();
    this.#bursts.clear();
    this.#floods.clear();
  }

  #schedule(restMs: number): void {
    if (this.#cancel !== null || this.#bursts.size + this.#floods.size === 0) return;
    const turn = () => {
      this.#cancel = () => {};
      this.#step(performance.now());
    };
    if (restMs > 0) {
      const timer = setTimeout(turn, restMs);
      this.#cancel = () => clearTimeout(timer);
    } else {
      const immediate = setImmediate(turn);
      this.#cancel = () => clearImmediate(immediate);
    }
  }

  #step(beganMs: number): void {
    const who = firstOf(this.#bursts) ?? firstOf(this.#floods);
    if (who === undefined) return this.#rest(beganMs);
    this.remove(who);
    if (who.next()) this.add(who);
    // Socket.IO handles a packet in the next tick: only then is it known what the message cost.
    process.nextTick(() => {
      if (performance.now() - beganMs >= SLICE_MS) this.#rest(beganMs);
      else this.#step(beganMs);
    });
  }

  #rest(beganMs: number): void {
    const tookMs = performance.now() - beganMs;
    this.#cancel = null;
    this.#schedule(tookMs > 2 * SLICE_MS ? tookMs : 0);
  }
}

function firstOf(waiting: ReadonlySet<Waiting>): Waiting | undefined {
  const [first] = waiting;
  return first;
}
