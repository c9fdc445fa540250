/** Time that stands still until it is moved. See {@link installFakeClock}. */
export interface FakeClock {
  /** Since the clock was installed, in ms. */
  readonly nowMs: number;
  /** Timers that are set: the game's, the library's and the world's (`world.runningTimers`). A count. */
  readonly timers: number;
  /**
   * Moves time on by `ms`, and runs what falls due meanwhile, in its order; after each timer the promises that wait for nothing else
   * are settled. What a timer throws is thrown here.
   */
  advance(ms: number): Promise<void>;
  /**
   * Moves time on, from timer to timer, until `isSo`. @returns how long that took, in ms.
   *
   * @throws Error where it is not so after `patienceMs`, 60 000 unless given.
   */
  advanceUntil(isSo: () => boolean, patienceMs?: number): Promise<number>;
  /** Gives the globals back. Timers that are still set never run. Idempotent. */
  uninstall(): void;
}

interface Timer {
  readonly id: number;
  readonly run: () => void;
  dueMs: number;
  /** Null for a timeout. */
  readonly everyMs: number | null;
}

/** What a timer takes at least, as in Node: one that sets itself anew lets time go by. */
const MIN_DELAY_MS = 1;
const PATIENCE_MS = 60_000;

const { setTimeout: realTimeout, setImmediate: realImmediate } = globalThis;

/** Real, and after every promise that can settle by itself. */
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

  async advanceUntil(isSo: () => boolean, patienceMs = PATIENCE_MS): Promise<number> {
    const beganMs = this.nowMs;
    await settle();
    while (!isSo()) {
      const hasStepped = await this.#step(beganMs + patienceMs);
      if (!hasStepped) throw new Error(`not so within ${patienceMs} ms of fake time: ${isSo}`);
    }
    return this.nowMs - beganMs;
  }

  uninstall(): void {
    this.#timers.clear();
    if (installed?.clock !== this) return;
    installed.restore();
    installed = null;
  }

  /** Runs the first timer that is due until then. */
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

  /** Of those that are due at once the one that was set first: the map keeps that order. */
  #first(): Timer | undefined {
    return [...this.#timers.values()].sort((one, other) => one.dueMs - other.dueMs)[0];
  }

  /** A number for those who want one, and Node's methods for those who call them. */
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
 * Puts a clock of its own in place of `setTimeout`, `setInterval`, their `clear…`, `Date` and `performance.now()`, so that a minute of
 * outage takes a test some milliseconds. The fake timers of a test runner do as well; this one needs no runner.
 *
 * Promises that wait for something real (a file, `fetch`) are not hurried.
 *
 * @throws Error where one is installed already.
 */
export function installFakeClock(): FakeClock {
  if (installed) throw new Error('a fake clock is installed already');
  const clock = new Clock();
  installed = { clock, restore: replaceGlobals(clock) };
  return clock;
}
