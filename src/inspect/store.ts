import { Latch } from './latch';
import type { SessionRecord } from './records';

/**
 * The newest `max` records, and the earlier ones without which they cannot be understood. `seq` determines the place in the ring,
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

  /** How many records were dropped. */
  get dropped(): number {
    return Math.max(0, this.#last - this.#max) - this.#kept.length;
  }

  /** In order: first the earlier records, then the ring. */
  get all(): SessionRecord[] {
    const start = this.#start;
    return [...this.#kept, ...this.#ring.slice(start), ...this.#ring.slice(0, start)];
  }

  /** Index of the oldest record in a full ring; before that, index of the next one. */
  get #start(): number {
    return this.#last % this.#max;
  }

  /** Empty if the ring starts with a session, which needs nothing from the session before. */
  get #kept(): SessionRecord[] {
    return this.#ring[this.#start]?.kind === 'session' ? [] : this.#before.records;
  }
}
