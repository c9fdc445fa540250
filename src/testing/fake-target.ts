/** Runs a task of the page: at once, unless the page is asleep. */
export type RunTask = (task: () => void) => void;

export const runAtOnce: RunTask = (task) => task();

/** An event target that also calls `on…` properties, as in the DOM. A handler that throws does not stop the others. */
export class FakeTarget extends EventTarget {
  readonly #run: RunTask;
  #isListenedTo = false;

  constructor(run: RunTask = runAtOnce) {
    super();
    this.#run = run;
  }

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.#isListenedTo = true;
    super.addEventListener(...args);
  }

  protected fire(type: string, members: object = {}): void {
    this.#run(() => this.#fireNow(type, members));
  }

  #fireNow(type: string, members: object): void {
    const event = Object.assign(new Event(type), members);
    const handler: unknown = Reflect.get(this, `on${type}`);
    if (typeof handler === 'function') {
      try {
        handler.call(this, event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
    if (this.#isListenedTo) this.dispatchEvent(event);
  }
}
