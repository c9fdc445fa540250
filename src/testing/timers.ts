/** Runs `act` after `delayMs`. @returns a function that cancels it. */
export type After = (delayMs: number, act: () => void) => () => void;

const afterByGlobals: After = (delayMs, act) => {
  const timer = setTimeout(act, delayMs);
  return () => clearTimeout(timer);
};

/** The timers of a fake world. They are counted, so that a test can tell the library's leftover timers from packets in flight. */
export class Timers {
  readonly #running = new Set<() => void>();
  readonly #after: After;

  constructor(after: After = afterByGlobals) {
    this.#after = after;
  }

  /** How many are running. */
  get size(): number {
    return this.#running.size;
  }

  /** Runs `act` after `delayMs`. @returns a function that cancels it. */
  after(delayMs: number, act: () => void): () => void {
    const cancel = this.#after(delayMs, () => {
      this.#running.delete(cancel);
      act();
    });
    this.#running.add(cancel);
    return () => {
      cancel();
      this.#running.delete(cancel);
    };
  }

  clear(): void {
    for (const cancel of this.#running) cancel();
    this.#running.clear();
  }
}

/** A timer that is armed at most once at a time. */
export class Alarm {
  #cancel: (() => void) | null = null;
  readonly #timers: Timers;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Does nothing if it is already armed. */
  arm(delayMs: number, act: () => void): void {
    this.#cancel ??= this.#timers.after(delayMs, () => {
      this.#cancel = null;
      act();
    });
  }

  cancel(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
