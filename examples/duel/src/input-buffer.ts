/**
 * The inputs of one player by frame. They are written in any order and repeatedly, and read once in order.
 * The first value of a frame counts, and only a limited window ahead of the reader is kept, so that neither
 * a broken nor a hostile peer can change the past or fill the memory.
 */
export class InputBuffer {
  readonly #values: Int8Array;
  #next: number;

  /** The frames before `first` get an empty input: they are the input delay at the start of a match. */
  constructor(first: number, window = 64) {
    this.#values = new Int8Array(window).fill(-1);
    this.#next = 0;
    for (let frame = 0; frame < first; frame += 1) this.put(frame, 0);
  }

  /** The frame that `take` reads next. */
  get next(): number {
    return this.#next;
  }

  /** Returns false if the frame is in the past, already known, or further ahead than an honest peer can be. */
  put(frame: number, input: number): boolean {
    if (frame < this.#next || frame >= this.#next + this.#values.length) return false;
    const slot = frame % this.#values.length;
    if (this.#values[slot] !== -1) return false;
    this.#values[slot] = input;
    return true;
  }

  has(frame: number): boolean {
    if (frame < this.#next || frame >= this.#next + this.#values.length) return false;
    return this.#values[frame % this.#values.length] !== -1;
  }

  /** Reads the input of the next frame and advances; null if it is missing. */
  take(): number | null {
    const slot = this.#next % this.#values.length;
    const value = this.#values[slot];
    if (value === undefined || value === -1) return null;
    this.#values[slot] = -1;
    this.#next += 1;
    return value;
  }
}
