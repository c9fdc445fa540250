import { Latch } from './latch';
import type { SessionRecord } from './records';

/**
 * The newest records, at most `max` of them, and beside them what a reader needs to make sense of those. `seq` is a record's place,
 * since it has no gaps here.
 */
export class RecordStore {
  readonly #max: number;
  readonly #ring: SessionRecord[] = [];
  readonly #before = new Latch();
  #last = 0;

  constructor(max: number) {
    this.#max = max;
  }

  add(record: SessionRecord): void {
    const place = (record.seq - 1) % this.#max;
    const oldest = this.#ring[place];
    if (oldest) this.#before.take(oldest);
    this.#ring[place] = record;
    this.#last = record.seq;
  }

  /** How many records were dropped and are not kept otherwise. */
  get dropped(): number {
    return Math.max(0, this.#last - this.#max) - this.#kept.length;
  }

  /** In their order: what is kept beside the ring first. */
  get all(): SessionRecord[] {
    const start = this.#start;
    return [...this.#kept, ...this.#ring.slice(start), ...this.#ring.slice(0, start)];
  }

  /** Where the oldest record lies in the ring once that is full; before, where the next will lie. */
  get #start(): number {
    return this.#last % this.#max;
  }

  /** A session knows nothing of the one before. */
  get #kept(): SessionRecord[] {
    return this.#ring[this.#start]?.kind === 'session' ? [] : this.#before.records;
  }
}
