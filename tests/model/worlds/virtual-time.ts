import type { After } from '../../../src/testing/timers';
import type { Tab } from './tab';
import { type Due, TimerHeap } from './timer-heap';

/** The wall clock when a world starts. */
const EPOCH_MS = Date.UTC(2026, 0, 1);
const setImmediateOfNode = setImmediate;

let luckNow: () => number = Math.random;
/** One function for all worlds, so that their managers share a machine, like those of a page: building it takes longer than running it. */
const luck = () => luckNow();

export interface Timer extends Due {
  act: () => void;
  /** Whose timer it is; null for those of the world. */
  tab: Tab | null;
  everyMs: number | null;
  isOver: boolean;
}

/** Resolves once every promise that can settle has settled. */
const drained = () => new Promise<void>((resolve) => setImmediateOfNode(resolve));

/**
 * The clock of one world, instead of the globals: a timer fires, then every promise that it made is done, then the next fires. It
 * knows in which page each piece of code runs, so that one page can sleep or vanish while the other goes on. Vitest's fake timers know
 * only one page, and search all timers for the next one, which took most of the time of a world.
 */
export class VirtualTime {
  nowMs = 1_000;
  /** The page whose code runs now; null if the world's code runs. */
  turn: Tab | null = null;
  /** Timers that were fired so far. */
  fired = 0;
  readonly #timers = new TimerHeap<Timer>();
  #order = 0;

  /** A timer of the world itself. */
  readonly after: After = (delayMs, act) => {
    const timer = this.put(delayMs, act, null, null);
    return () => {
      timer.isOver = true;
    };
  };

  put(delayMs: number, act: () => void, tab: Tab | null, everyMs: number | null): Timer {
    const timer = { atMs: this.nowMs + delayMs, order: this.#order++, act, tab, everyMs, isOver: false };
    this.#timers.put(timer);
    return timer;
  }

  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    await this.settle();
    for (let next = this.#timers.first; next && next.atMs <= endMs; next = this.#timers.first) {
      this.#timers.take();
      if (next.isOver) continue;
      this.nowMs = next.atMs;
      this.#fire(next);
      await this.settle();
    }
    this.nowMs = endMs;
  }

  /** Ends the turn, once all its promises are done. */
  async settle(): Promise<void> {
    await drained();
    this.turn = null;
  }

  /** Replaces the global clock and random source by those of a world. @returns a function that restores them. */
  install(random: () => number): () => void {
    luckNow = random;
    const start = (isRepeated: boolean) => (act: () => void, delay?: number) => {
      if (!this.turn) throw new Error('a timer that is nobody’s');
      return this.turn.startTimer(act, Math.max(0, Number(delay) || 0), isRepeated);
    };
    const stop = (timer?: Timer) => timer?.tab?.stopTimer(timer);
    const undo = [
      replace(globalThis, 'setTimeout', { value: start(false) }),
      replace(globalThis, 'setInterval', { value: start(true) }),
      replace(globalThis, 'clearTimeout', { value: stop }),
      replace(globalThis, 'clearInterval', { value: stop }),
      replace(Math, 'random', { value: luck }),
      replace(performance, 'now', { value: () => this.nowMs }),
      replace(Date, 'now', { value: () => EPOCH_MS + this.nowMs }),
      replace(globalThis, 'document', { get: () => this.turn?.document }),
      replace(globalThis, 'navigator', { get: () => this.turn?.navigator }),
      ...(['addEventListener', 'removeEventListener'] as const).map((name) =>
        replace(globalThis, name, {
          value: (type: string, listener: () => void) => this.turn?.window[name](type, listener),
        }),
      ),
    ];
    return () => {
      for (const each of undo) each();
    };
  }

  #fire(timer: Timer): void {
    this.fired += 1;
    if (timer.tab) return timer.tab.fireTimer(timer);
    timer.isOver = true;
    timer.act();
  }

  /** Puts a repeated timer back. */
  again(timer: Timer): void {
    timer.atMs = this.nowMs + (timer.everyMs ?? 0);
    timer.order = this.#order++;
    this.#timers.put(timer);
  }
}

function replace(owner: object, name: string, property: PropertyDescriptor): () => void {
  const known = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { ...property, configurable: true });
  return () => {
    if (known) Object.defineProperty(owner, name, known);
    else Reflect.deleteProperty(owner, name);
  };
}
