import { outermost } from './history';
import { isSameItem, type LaneItem, laneItemOf } from './lanes';
import type { Track } from './track';

/** One row of the sequence. */
export interface LaneRow {
  /** Which of the tracks. */
  side: number;
  item: LaneItem;
  timeMs: number;
  seq: number;
  /** How often the same happened in a row. */
  count: number;
}

/** The same from the same player again within this time is one row. */
const REPEAT_MS = 2_000;
const RECORDS_PER_LOOK = 64;

interface Reader {
  track: Track;
  generation: number;
  nextId: number;
  last: { row: LaneRow; timeMs: number } | null;
}

/** Several tracks as one sequence in order of time; follows tracks that grow, in slices. */
export class LaneRows {
  readonly #readers: Reader[];
  #rows: LaneRow[] = [];

  constructor(tracks: readonly Track[]) {
    this.#readers = tracks.map((track) => ({
      track,
      generation: track.generation,
      nextId: track.firstId,
      last: null,
    }));
  }

  get rows(): readonly LaneRow[] {
    return this.#rows;
  }

  /** @returns whether all that is there was looked at. */
  step(budgetMs: number): boolean {
    if (this.#readers.some(({ track, generation }) => track.generation !== generation)) this.#beginAnew();
    this.#forget();
    const endMs = performance.now() + budgetMs;
    for (let looked = 1; ; looked++) {
      const side = this.#earliest();
      if (side === null) return true;
      this.#read(side);
      if (looked % RECORDS_PER_LOOK === 0 && performance.now() > endMs) return false;
    }
  }

  /** What the tracks let go. */
  #forget(): void {
    const startMs = Math.min(...this.#readers.map(({ track }) => track.startMs));
    if ((this.#rows[0]?.timeMs ?? startMs) < startMs)
      this.#rows = this.#rows.filter(({ timeMs }) => timeMs >= startMs);
  }

  #beginAnew(): void {
    this.#rows = [];
    for (const reader of this.#readers) {
      reader.generation = reader.track.generation;
      reader.nextId = reader.track.firstId;
      reader.last = null;
    }
  }

  /** The track whose next record is the oldest. */
  #earliest(): number | null {
    let found: number | null = null;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const [side, { track, nextId }] of this.#readers.entries()) {
      if (nextId >= track.endId) continue;
      const timeMs = track.timeAt(Math.max(nextId, track.firstId));
      if (timeMs >= oldestMs) continue;
      oldestMs = timeMs;
      found = side;
    }
    return found;
  }

  #read(side: number): void {
    const reader = this.#readers[side];
    if (!reader) return;
    const { track } = reader;
    const id = Math.max(reader.nextId, track.firstId);
    reader.nextId = id + 1;
    const head = track.headAt(id);
    // Most records are none of a sequence's: they are not even parsed.
    if (!head || head.kind === 'sample' || head.kind === 'session' || head.machine === 'outage') return;
    if (head.kind === 'transition' && outermost(head.from ?? '') === outermost(head.to ?? '')) return;
    const record = track.recordAt(id);
    const item = record && laneItemOf(record);
    if (!item) return;
    const timeMs = track.timeAt(id);
    const { last } = reader;
    if (last && timeMs - last.timeMs < REPEAT_MS && isSameItem(last.row.item, item)) {
      last.row.count += 1;
      last.timeMs = timeMs;
      return;
    }
    const row = { side, item, timeMs, seq: head.seq, count: 1 };
    reader.last = { row, timeMs };
    this.#add(row);
  }

  /** Records of a slower page may come after later ones of another. */
  #add(row: LaneRow): void {
    let index = this.#rows.length;
    while (index > 0 && (this.#rows[index - 1]?.timeMs ?? 0) > row.timeMs) index -= 1;
    this.#rows.splice(index, 0, row);
  }
}
