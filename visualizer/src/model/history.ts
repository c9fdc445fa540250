import { type Outage, OutageReader } from 'holdfast/inspect';
import { countUpTo, type Track } from './track';

/** Time in one of the outermost states. `toMs` is null while it lasts. Times are ms of the wall clock. */
export interface Span {
  state: string;
  fromMs: number;
  toMs: number | null;
}

/** The outermost state of a path such as `restarting.waiting.backoff`. */
export const outermost = (path: string): string => path.split('.', 1)[0] ?? '';

/** A link that flaps ten times a second fills a quarter of an hour with these. */
const MOST_OUTAGES = 5_000;
/** Looking at the clock costs more than looking at a record. */
const RECORDS_PER_LOOK = 16;

/**
 * What a track went through: time in each state, and outages. Follows a track that grows, at the cost of what is new. States are known
 * at once; outages are read off whole records, of which a long recording has many, and so in slices.
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
    this.#beginAnewIfNeeded();
    const moves = this.#track.column('move');
    for (const id of moves.slice(countUpTo(moves, this.#nextSpanId - 1))) this.#move(id);
    this.#nextSpanId = this.#track.endId;
    this.#forget();
    return this.#spans;
  }

  /** As far as they were read. Times of an outage are on the recorder's clock: {@link Track.wallOf}. */
  get outages(): readonly Outage[] {
    return this.#reader.outages;
  }

  /** Reads on. @returns whether all that is there was read. */
  step(budgetMs: number): boolean {
    this.#beginAnewIfNeeded();
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
    outages.splice(0, Math.max(0, outages.length - MOST_OUTAGES));
    return true;
  }

  #beginAnewIfNeeded(): void {
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

  /** What ended before the first record that is kept. */
  #forget(): void {
    const { startMs } = this.#track;
    const [oldest] = this.#spans;
    if (!oldest || oldest.toMs === null || oldest.toMs >= startMs) return;
    const kept = this.#spans.findIndex(({ toMs }) => toMs === null || toMs >= startMs);
    this.#spans.splice(0, kept < 0 ? this.#spans.length : kept);
  }
}
