import { type Group, groupOf, textOf } from './log-lines';
import type { Track } from './track';

/** Which records the log shows. */
export interface Filter {
  groups: ReadonlySet<Group>;
  /** In lower case; empty matches everything. */
  query: string;
}

/** How many records are read between two looks at the clock, which cost more than reading a record. */
const RECORDS_PER_LOOK = 256;

/**
 * The ids of the records of a track that pass a filter. A search reads every record, which takes longer than a frame, so it runs in
 * slices.
 */
export class LogFilter {
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

  /** Continues the search. @returns whether everything has been searched. */
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
