import { type Outage, OutageReader } from 'holdfast/inspect';
import { countUpTo, type Track } from './track';

/** A stay in one of the outermost states. `toMs` is null while it lasts. Times are ms of the wall clock. */
export interface Span {
  state: string;
  fromMs: number;
  toMs: number | null;
}

/** The outermost state of a path such as `restarting.waiting.backoff`. */
export const outermost = (path: string): string => path.split('.', 1)[0] ?? '';

/** Enough for a quarter of an hour of a link that changes its state ten times a second. */
const MAX_OUTAGES = 5_000;
/** How many records are read between two looks at the clock, which cost more than reading a record. */
const RECORDS_PER_LOOK = 16;

/**
 * The history of a track: its time in each state, and its outages. Follows a growing track at the cost of the new records only. States are
 * known at once; outages need whole records, of which a long recording has many, so they are read in slices.
 */
export class History {
  readonly #track: Track;
  #generation = -1;
  #nextSpanId = 0;
  #nextOutageId = 0;
  #spans: Span[] = [];
  #reader = new OutageReader();

  constructor(track: Track) {
    this.#track = track;
  }

  get spans(): readonly Span[] {
    this.#resetIfStale();
    const moves = this.#track.column('move');
    for (const id of moves.slice(countUpTo(moves, this.#nextSpanId - 1))) this.#move(id);
    this.#nextSpanId = this.#track.endId;
    this.#forget();
    return this.#spans;
  }

  /** The outages read so far. Their times are on the recorder's clock: {@link Track.wallOf}. */
  get outages(): readonly Outage[] {
    return this.#reader.outages;
  }

  /** Continues reading. @returns whether everything has been read. */
  step(budgetMs: number): boolean {
    this.#resetIfStale();
    const endMs = performance.now() + budgetMs;
    const story = this.#track.column('story');
    for (let index = countUpTo(story, this.#nextOutageId - 1); index < story.length; index++) {
      const id = story[index] ?? 0;
      const record = this.#track.recordAt(id);
      if (record) this.#reader.take(record);
      this.#nextOutageId = id + 1;
      if (index % RECORDS_PER_LOOK === 0 && performance.now() > endMs) return false;
    }
    const { outages } = this.#reader;
    outages.splice(0, Math.max(0, outages.length - MAX_OUTAGES));
    return true;
  }

  #resetIfStale(): void {
    const { generation } = this.#track;
    if (generation === this.#generation) return;
    this.#generation = generation;
    this.#nextSpanId = this.#nextOutageId = 0;
    this.#spans = [];
    this.#reader = new OutageReader();
  }

  #move(id: number): void {
    const state = outermost(this.#track.headAt(id)?.to ?? '');
    const last = this.#spans.at(-1);
    if (last?.state === state) return;
    const fromMs = this.#track.timeAt(id);
    if (last) last.toMs = fromMs;
    this.#spans.push({ state, fromMs, toMs: null });
  }

  /** Drops spans that ended before the first kept record. */
  #forget(): void {
    const { startMs } = this.#track;
    const [oldest] = this.#spans;
    if (!oldest || oldest.toMs === null || oldest.toMs >= startMs) return;
    const kept = this.#spans.findIndex(({ toMs }) => toMs === null || toMs >= startMs);
    this.#spans.splice(0, kept < 0 ? this.#spans.length : kept);
  }
}
