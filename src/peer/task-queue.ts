/** Runs tasks strictly one at a time, in the order in which they were added. */
export class TaskQueue {
  /** The task added last; null while none is running. */
  #last: Promise<void> | null = null;
  readonly #run: (task: () => Promise<void>) => Promise<void>;

  /** `run` must never reject, so that a failed task does not stop the next one. */
  constructor(run: (task: () => Promise<void>) => Promise<void>) {
    this.#run = run;
  }

  get isIdle(): boolean {
    return this.#last === null;
  }

  /** Adds a task. If none is running it starts inside this call, so that the browser works while the caller goes on. */
  add(task: () => Promise<void>): void {
    const finished = this.#last?.then(() => this.#run(task)) ?? this.#run(task);
    this.#last = finished;
    void finished.then(() => {
      if (this.#last === finished) this.#last = null;
    });
  }
}
