/** A clock that stands still until a test advances it. See {@link installFakeClock}. */
export interface FakeClock {
  /** Time since the clock was installed, in ms. */
  readonly nowMs: number;
  /** How many timers are set: those of the game, the library and the world (`world.runningTimers`). */
  readonly timers: number;
  /**
   * Advances the time by `ms` and runs the timers that fall due, in order. After each timer, pending promises settle unless they
   * wait for something else. An error that a timer throws is thrown here.
   */
  advance(ms: number): Promise<void>;
  /**
   * Advances the time from timer to timer until `condition()` is true. @returns how long that took, in ms.
   *
   * @param timeoutMs default: 60 000
   * @throws Error if the condition is not true within `timeoutMs`.
   */
  advanceUntil(condition: () => boolean, timeoutMs?: number): Promise<number>;
  /** Restores the globals. Timers that are still set never run. Idempotent. */
  uninstall(): void;
}

interface Timer {
  readonly id: number;
  readonly run: () => void;
  dueMs: number;
  /** Null for a timeout. */
  readonly everyMs: number | null;
}

/** The shortest delay of a timer, as in Node: a timer that sets itself again makes time pass. */
const MIN_DELAY_MS = 1;
const TIMEOUT_MS = 60_000;

const { setTimeout: realTimeout, setImmediate: realImmediate } = globalThis;

/** Waits in real time until every promise that can settle by itself has settled. */
const settle = () =>
  new Promise<void>((resolve) => {
    if (typeof realImmediate === 'function') realImmediate(resolve);
    else realTimeout(resolve, 0);
  });

class Clock implements FakeClock {
  nowMs = 0;
  readonly #timers = new Map<number, Timer>();
  #lastId = 0;

  get timers(): number {
    return this.#timers.size;
  }

  set(handler: unknown, delayMs: unknown, args: unknown[], { isRepeated }: { isRepeated: boolean }): object {
    const waitMs = Math.max(MIN_DELAY_MS, Number(delayMs) || 0);
    this.#lastId += 1;
    const id = this.#lastId;
    this.#timers.set(id, {
      id,
      run: () => typeof handler === 'function' && Reflect.apply(handler, globalThis, args),
      dueMs: this.nowMs + waitMs,
      everyMs: isRepeated ? waitMs : null,
    });
    return this.#handleOf(id);
  }

  clear(handle: unknown): void {
    this.#timers.delete(Number(handle));
  }

  async advance(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    await settle();
    while (await this.#step(endMs));
    this.nowMs = endMs;
  }

  async advanceUntil(condition: () => boolean, timeoutMs = TIMEOUT_MS): Promise<number> {
    const beganMs = this.nowMs;
    await settle();
    while (!condition()) {
      const hasStepped = await this.#step(beganMs + timeoutMs);
      if (!hasStepped) throw new Error(`condition not met within ${timeoutMs} ms of fake time: ${condition}`);
    }
    return this.nowMs - beganMs;
  }

  uninstall(): void {
    this.#timers.clear();
    if (installed?.clock !== this) return;
    installed.restore();
    installed = null;
  }

  /** Runs the first timer that is due by `untilMs`. @returns whether there was one. */
  async #step(untilMs: number): Promise<boolean> {
    const timer = this.#first();
    if (!timer || timer.dueMs > untilMs) return false;
    this.nowMs = timer.dueMs;
    if (timer.everyMs === null) this.#timers.delete(timer.id);
    else timer.dueMs += timer.everyMs;
    timer.run();
    await settle();
    return true;
  }

  /** The next timer. Of several due at the same time, the one that was set first, because the map and the sort keep that order. */
  #first(): Timer | undefined {
    return [...this.#timers.values()].sort((one, other) => one.dueMs - other.dueMs)[0];
  }

  /** Converts to a number, as a browser's handle, and has the methods of Node's `Timeout`. */
  #handleOf(id: number): object {
    const handle = {
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      refresh: () => handle,
      [Symbol.toPrimitive]: () => id,
    };
    return handle;
  }
}

let installed: { clock: Clock; restore(): void } | null = null;

function dateOf(clock: Clock): DateConstructor {
  const RealDate = Date;
  const startMs = RealDate.now();
  const now = () => startMs + clock.nowMs;
  return new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
}

function replaceGlobals(clock: Clock): () => void {
  const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
  const RealDate = Date;
  const clear = (handle: unknown) => clock.clear(handle);
  Object.assign(globalThis, {
    setTimeout: (handler: unknown, delayMs?: unknown, ...args: unknown[]) =>
      clock.set(handler, delayMs, args, { isRepeated: false }),
    setInterval: (handler: unknown, delayMs?: unknown, ...args: unknown[]) =>
      clock.set(handler, delayMs, args, { isRepeated: true }),
    clearTimeout: clear,
    clearInterval: clear,
    Date: dateOf(clock),
  });
  Object.defineProperty(performance, 'now', { configurable: true, value: () => clock.nowMs });
  return () => {
    Object.assign(globalThis, { setTimeout, setInterval, clearTimeout, clearInterval, Date: RealDate });
    Reflect.deleteProperty(performance, 'now');
  };
}

/**
 * Replaces `setTimeout`, `setInterval`, their `clear…`, `Date` and `performance.now()` with a fake clock, so that a minute of outage takes a
 * test a few milliseconds. The fake timers of a test runner work as well; this clock needs no runner.
 *
 * It does not speed up promises that wait for something real (a file, `fetch`).
 *
 * @throws Error if a fake clock is already installed.
 */
export function installFakeClock(): FakeClock {
  if (installed) throw new Error('a fake clock is already installed');
  const clock = new Clock();
  installed = { clock, restore: replaceGlobals(clock) };
  return clock;
}
