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

/** What a track went through: time in each state, and outages. Follows a track that grows, at the cost of what is new. */
export class History {
  readonly #track: Track;
  #generation = -1;
  #nextId = 0;
  #spans: Span[] = [];
  #reader = new OutageReader();

  constructor(track: Track) {
    this.#track = track;
  }

  get spans(): readonly Span[] {
    this.#follow();
    return this.#spans;
  }

  /** Times of an outage are on the recorder's clock: {@link Track.wallOf}. */
  get outages(): readonly Outage[] {
    this.#follow();
    return this.#reader.outages;
  }

  #follow(): void {
    const track = this.#track;
    if (track.generation !== this.#generation) {
      this.#generation = track.generation;
      this.#nextId = 0;
      this.#spans = [];
      this.#reader = new OutageReader();
    }
    if (track.endId === this.#nextId) return;
    const ids = track.column('story');
    for (const id of ids.slice(countUpTo(ids, this.#nextId - 1))) this.#take(id);
    this.#nextId = track.endId;
    this.#forget();
  }

  #take(id: number): void {
    const record = this.#track.recordAt(id);
    if (!record) return;
    this.#reader.take(record);
    if (record.kind !== 'transition' || record.machine !== 'connection') return;
    const state = outermost(record.to);
    const last = this.#spans.at(-1);
    if (last?.state === state && last.toMs === null) return;
    const fromMs = this.#track.timeAt(id);
    if (last) last.toMs = fromMs;
    this.#spans.push({ state, fromMs, toMs: null });
  }

  /** What ended before the first record that is kept. */
  #forget(): void {
    const { startMs } = this.#track;
    const gone = this.#spans.findIndex(({ toMs }) => toMs === null || toMs >= startMs);
    this.#spans.splice(0, gone < 0 ? this.#spans.length : gone);
    const { outages } = this.#reader;
    outages.splice(0, Math.max(0, outages.length - MOST_OUTAGES));
  }
}
