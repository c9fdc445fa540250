import { type Tree, treeOf } from './clean';
import { type Delay, delayOf } from './definition';
import type { RunningTimer } from './records';

interface Timer extends Delay {
  endsAtMs: number;
  ofMs: number;
}

/** The running delays of one machine, derived from the actions with which xstate starts and cancels them. */
export class RunningTimers {
  readonly #timers = new Map<string, Timer>();
  readonly #delays = new Map<string, Delay | null>();

  /** Processes an action of the machine; ignores those that do not concern a delay. */
  note(type: string, params: unknown, nowMs: number): void {
    if (type === 'xstate.raise') this.#start(treeOf(params), nowMs);
    if (type === 'xstate.cancel') this.end(treeOf(params).sendId);
  }

  /** The delay has elapsed or was cancelled. */
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
    // A restarted delay moves to the end.
    this.#timers.delete(id);
    this.#timers.set(id, { ...found, endsAtMs: nowMs + delay, ofMs: Math.round(delay) });
  }
}
