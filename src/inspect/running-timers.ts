import { type Tree, treeOf } from './clean';
import { type Delay, delayOf } from './definition';
import type { RunningTimer } from './records';

interface Timer extends Delay {
  endsAtMs: number;
  ofMs: number;
}

/** The delays of one machine that run, from the actions by which xstate starts and cancels them. */
export class RunningTimers {
  readonly #timers = new Map<string, Timer>();
  readonly #delays = new Map<string, Delay | null>();

  /** Takes an action of the machine's; what is no delay is left alone. */
  note(type: string, params: unknown, nowMs: number): void {
    if (type === 'xstate.raise') this.#start(treeOf(params), nowMs);
    if (type === 'xstate.cancel') this.end(treeOf(params).sendId);
  }

  /** The delay is over, or was cancelled. */
  end(event: unknown): void {
    this.#timers.delete(String(event));
  }

  at(nowMs: number): RunningTimer[] {
    const running: RunningTimer[] = [];
    for (const { name, state, endsAtMs, ofMs } of this.#timers.values())
      running.push({ name, state, ms: Math.max(0, Math.round(endsAtMs - nowMs)), ofMs });
    return running;
  }

  #start({ id, delay }: Tree, nowMs: number): void {
    if (typeof id !== 'string' || typeof delay !== 'number') return;
    const known = this.#delays.get(id);
    const found = known === undefined ? delayOf(id) : known;
    if (known === undefined) this.#delays.set(id, found);
    if (!found) return;
    // A delay that starts anew runs last.
    this.#timers.delete(id);
    this.#timers.set(id, { ...found, endsAtMs: nowMs + delay, ofMs: Math.round(delay) });
  }
}
