import type { RunTask } from '../../../src/testing/fake-target';
import type { Timer, VirtualTime } from './virtual-time';

/** Timers of a hidden page are due at whole seconds. */
const HIDDEN_GRAIN_MS = 1_000;

/** An event target whose listeners are counted: none may be left on it. */
class Listeners {
  readonly #listeners = new Map<string, Set<() => void>>();

  get size(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  addEventListener(type: string, listener: () => void): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: string, listener: () => void): void {
    this.#listeners.get(type)?.delete(listener);
  }

  dispatch(type: string): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener();
  }
}

export type PageEventTarget = 'window' | 'document' | 'connection';

/** One load of a page: its timers, its tasks, and the events that the browser fires about it. */
export class Tab {
  readonly window = new Listeners();
  readonly document = new Listeners();
  /** Only in Chromium. */
  readonly connection = new Listeners();
  readonly navigator: { connection?: Listeners };
  isHidden = false;
  /** How many of its timers are running. */
  timers = 0;
  readonly #time: VirtualTime;
  #isFrozen = false;
  #isGone = false;
  #backlog: (() => void)[] = [];

  constructor(time: VirtualTime, browser: string) {
    this.#time = time;
    this.navigator = browser === 'chromium' ? { connection: this.connection } : {};
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  get listeners(): number {
    return this.window.size + this.document.size + this.connection.size;
  }

  /** Runs a task of the page: at once; when it wakes, if it is frozen; never, if it is gone; after the turn, if another page's code runs. */
  readonly run: RunTask = (task) => {
    const { turn } = this.#time;
    if (this.#isGone) return;
    if (this.#isFrozen) this.#backlog.push(task);
    else if (turn !== null && turn !== this) this.#time.after(0, () => this.run(task));
    else {
      this.#time.turn = this;
      task();
    }
  };

  tell(target: PageEventTarget, type: string): void {
    this.run(() => this[target].dispatch(type));
  }

  freeze(isTold: boolean): void {
    if (isTold) this.tell('document', 'freeze');
    this.#isFrozen = true;
  }

  /** Tasks that came while it slept follow, in order. */
  wake(isTold: boolean): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    if (isTold) this.tell('document', 'resume');
    for (const task of this.#backlog.splice(0)) this.#time.after(0, () => this.run(task));
  }

  /** The page is gone: nothing of it ever runs again. */
  vanish(): void {
    this.#isGone = true;
    this.#backlog = [];
  }

  startTimer(act: () => void, delayMs: number, isRepeated: boolean): Timer {
    this.timers += 1;
    const grainMs = this.isHidden && delayMs < HIDDEN_GRAIN_MS ? HIDDEN_GRAIN_MS : 0;
    const atMs = this.#time.nowMs + delayMs;
    const lateMs = grainMs && Math.ceil(atMs / grainMs) * grainMs - atMs;
    const everyMs = isRepeated ? Math.max(1, delayMs, grainMs) : null;
    return this.#time.put(delayMs + lateMs, act, this, everyMs);
  }

  stopTimer(timer: Timer): void {
    if (timer.isOver) return;
    timer.isOver = true;
    this.timers -= 1;
  }

  fireTimer(timer: Timer): void {
    if (this.#isGone || timer.isOver) return;
    if (this.#isFrozen) {
      this.#backlog.push(() => this.fireTimer(timer));
      return;
    }
    this.#time.turn = this;
    if (timer.everyMs === null) this.stopTimer(timer);
    else this.#time.again(timer);
    timer.act();
  }
}
