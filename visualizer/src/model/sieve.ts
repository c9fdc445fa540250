import { type Group, groupOf, textOf } from './log-lines';
import type { Track } from './track';

/** What the log is narrowed to. */
export interface Filter {
  groups: ReadonlySet<Group>;
  /** In lower case; empty for all. */
  query: string;
}

/** Looking at the clock costs more than looking at a record. */
const RECORDS_PER_LOOK = 256;

/**
 * The ids of a track that pass a filter. A search has to read every record of a recording, which takes longer than a frame: it goes
 * on in slices.
 */
export class Sieve {
  readonly #track: Track;
  readonly #filter: Filter;
  #generation = -1;
  #nextId = 0;
  #ids: number[] = [];

  constructor(track: Track, filter: Filter) {
    this.#track = track;
    this.#filter = filter;
  }

  get ids(): readonly number[] {
    return this.#ids;
  }

  /** @returns whether all that is there was looked at. */
  step(budgetMs: number): boolean {
    const track = this.#track;
    if (track.generation !== this.#generation) {
      this.#generation = track.generation;
      this.#nextId = 0;
      this.#ids = [];
    }
    this.#forget();
    const endMs = performance.now() + budgetMs;
    for (let id = Math.max(this.#nextId, track.firstId); id < track.endId; id++) {
      if (this.#passes(id)) this.#ids.push(id);
      this.#nextId = id + 1;
      if (id % RECORDS_PER_LOOK === 0 && performance.now() > endMs) return false;
    }
    return true;
  }

  #passes(id: number): boolean {
    const { groups, query } = this.#filter;
    const head = this.#track.headAt(id);
    if (!head || !groups.has(groupOf(head))) return false;
    if (query === '') return true;
    const record = this.#track.recordAt(id);
    return record !== null && textOf(record).includes(query);
  }

  #forget(): void {
    const first = this.#track.firstId;
    if ((this.#ids[0] ?? first) >= first) return;
    this.#ids = this.#ids.filter((id) => id >= first);
  }
}
