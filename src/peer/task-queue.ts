/** Runs tasks strictly one at a time, in the order in which they came. */
export class TaskQueue {
  /** The task that came last; null where none is under way. */
  #last: Promise<void> | null = null;
  readonly #run: (task: () => Promise<void>) => Promise<void>;

  /** `run` never rejects, so that a task that fails leaves the next its turn. */
  constructor(run: (task: () => Promise<void>) => Promise<void>) {
    this.#run = run;
  }

  get isIdle(): boolean {
    return this.#last === null;
  }

  /** Adds a task. Where none is under way it begins inside this call, so that the browser works while the caller goes on. */
  add(task: () => Promise<void>): void {
    const finished = this.#last?.then(() => this.#run(task)) ?? this.#run(task);
    this.#last = finished;
    void finished.then(() => {
      if (this.#last === finished) this.#last = null;
    });
  }
}
