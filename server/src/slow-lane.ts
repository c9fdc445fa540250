/** Somebody whose messages wait for their turn. */
export interface Waiting {
  /** Has sent more than others for a while. */
  readonly isHeavy: boolean;
  /** Does one piece of what waits, and says whether more waits. */
  next(): boolean;
}

/** What a slice may block those who send little. */
const SLICE_MS = 1;
/**
 * Rest after a slice of floods, by the time that it took: a third of a core is theirs. A relay that is never at rest answers late, and on a
 * busy machine it is put last by the system, too.
 */
const REST_RATIO = 2;

/**
 * Takes turns among those who send much, a message each, in slices between which everybody else is served; who only has a burst comes
 * before who goes on and on. A thousand who flood share what the others leave; alone, one has nearly all of it.
 */
export class SlowLane {
  readonly #bursts = new Set<Waiting>();
  readonly #floods = new Set<Waiting>();
  #cancel: (() => void) | null = null;
  #isResting = false;
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
    // A burst does not wait for the rest after a flood.
    if (!who.isHeavy && this.#isResting) this.#wake();
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

  #wake(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#isResting = false;
  }

  #schedule(restMs: number): void {
    if (this.#cancel !== null || this.#bursts.size + this.#floods.size === 0) return;
    const turn = () => {
      this.#isResting = false;
      this.#cancel = () => {};
      this.#step(performance.now());
    };
    this.#isResting = restMs > 0;
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
    this.#cancel = null;
    const isFlood = this.#bursts.size === 0 && this.#floods.size > 0;
    this.#schedule(isFlood ? REST_RATIO * (performance.now() - beganMs) : 0);
  }
}

function firstOf(waiting: ReadonlySet<Waiting>): Waiting | undefined {
  const [first] = waiting;
  return first;
}
