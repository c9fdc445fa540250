import type { RecordOf } from 'holdfast/inspect';
import { countUpTo, type Track } from './track';

type Quality = RecordOf<'sample'>['status'];

/** Columns of equal length for a plot: wall-clock time in s, round trip in ms, loss as a share, quality as a word. */
export interface PlotColumns {
  times: number[];
  rttMs: (number | null)[];
  loss: (number | null)[];
  quality: Quality[];
}

const empty = (): PlotColumns => ({ times: [], rttMs: [], loss: [], quality: [] });
/** How many records are read between two looks at the clock, which cost more than reading a record. */
const RECORDS_PER_LOOK = 64;
const SEVERITY: readonly Quality[] = ['unknown', 'good', 'warning', 'critical'];

/** The samples of a track in columns. Follows a growing track in slices, at the cost of the new records only. */
export class Samples {
  readonly #track: Track;
  #columns = empty();
  #generation = -1;
  #nextId = 0;

  constructor(track: Track) {
    this.#track = track;
  }

  /** Continues reading. @returns whether everything has been read. */
  step(budgetMs: number): boolean {
    const track = this.#track;
    if (track.generation !== this.#generation) {
      this.#generation = track.generation;
      this.#columns = empty();
      this.#nextId = 0;
    }
    const endMs = performance.now() + budgetMs;
    const ids = track.column('sample');
    for (let index = countUpTo(ids, this.#nextId - 1); index < ids.length; index++) {
      const id = ids[index] ?? 0;
      this.#add(id);
      this.#nextId = id + 1;
      if (index % RECORDS_PER_LOOK === 0 && performance.now() > endMs) return false;
    }
    const gone = countUpTo(this.#columns.times, track.startMs / 1_000 - 1);
    if (gone > 1_000) for (const column of Object.values(this.#columns)) column.splice(0, gone);
    return true;
  }

  /** The samples read so far between two times, in ms. Reduced to about `most` points; each has the worst values of its interval, so that no spike is lost. */
  between(fromMs: number, toMs: number, most: number): PlotColumns {
    const { times } = this.#columns;
    // One more on either side, so that the line reaches the edges.
    const first = Math.max(0, countUpTo(times, fromMs / 1_000) - 1);
    const end = Math.min(times.length, countUpTo(times, toMs / 1_000) + 1);
    const size = Math.max(1, Math.ceil((end - first) / most));
    const found = empty();
    for (let index = first; index < end; index += size) this.#take(found, index, Math.min(end, index + size));
    return found;
  }

  #take(found: PlotColumns, from: number, to: number): void {
    const { times, rttMs, loss, quality } = this.#columns;
    found.times.push(times[to - 1] ?? 0);
    found.rttMs.push(worst(rttMs, from, to));
    found.loss.push(worst(loss, from, to));
    let mostSevere: Quality = 'unknown';
    for (let index = from; index < to; index++) {
      const here = quality[index] ?? 'unknown';
      if (SEVERITY.indexOf(here) > SEVERITY.indexOf(mostSevere)) mostSevere = here;
    }
    found.quality.push(mostSevere);
  }

  #add(id: number): void {
    const record = this.#track.recordAt(id);
    if (record?.kind !== 'sample') return;
    const { times, rttMs, loss, quality } = this.#columns;
    times.push(this.#track.timeAt(id) / 1_000);
    rttMs.push(record.rttMs);
    loss.push(record.loss);
    quality.push(record.status);
  }
}

/** Null only if nothing was measured in the whole interval. */
function worst(values: readonly (number | null)[], from: number, to: number): number | null {
  let found: number | null = null;
  for (let index = from; index < to; index++) {
    const value = values[index];
    if (value !== null && value !== undefined && (found === null || value > found)) found = value;
  }
  return found;
}
