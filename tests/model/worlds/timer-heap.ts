/** What is due: the soonest first; among equals the one that was put first. */
export interface Due {
  atMs: number;
  order: number;
}

const isBefore = (a: Due, b: Due) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** A binary heap: a world fires thousands of timers, and would spend most of its time on finding the next. */
export class TimerHeap<Timer extends Due> {
  readonly #timers: Timer[] = [];

  get first(): Timer | undefined {
    return this.#timers[0];
  }

  put(timer: Timer): void {
    const timers = this.#timers;
    let place = timers.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = timers[above];
      if (!parent || !isBefore(timer, parent)) break;
      timers[place] = parent;
      place = above;
    }
    timers[place] = timer;
  }

  take(): Timer | undefined {
    const first = this.#timers[0];
    const last = this.#timers.pop();
    if (last && first !== last) this.#sink(last);
    return first;
  }

  #sink(timer: Timer): void {
    const timers = this.#timers;
    let place = 0;
    for (;;) {
      const [left, right] = [timers[2 * place + 1], timers[2 * place + 2]];
      const isRight = left && right && isBefore(right, left);
      const child = isRight ? right : left;
      if (!child || !isBefore(child, timer)) break;
      timers[place] = child;
      place = 2 * place + (isRight ? 2 : 1);
    }
    timers[place] = timer;
  }
}
