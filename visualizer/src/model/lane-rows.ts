import { outermost } from './history';
import { isSameItem, type LaneItem, laneItemOf } from './lanes';
import type { Track } from './track';

/** One row of the sequence. */
export interface LaneRow {
  /** Index of its track. */
  side: number;
  item: LaneItem;
  timeMs: number;
  seq: number;
  /** How often the same item occurred in a row. */
  count: number;
}

/** Repetitions of one item by one player within this time are one row. */
const REPEAT_MS = 2_000;
const RECORDS_PER_LOOK = 64;

interface Reader {
  track: Track;
  generation: number;
  nextId: number;
  last: { row: LaneRow; timeMs: number } | null;
}

/** Several tracks merged into one sequence in order of time. Follows growing tracks in slices. */
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

  /** Continues reading. @returns whether everything has been read. */
  step(budgetMs: number): boolean {
    if (this.#readers.some(({ track, generation }) => track.generation !== generation)) this.#reset();
    this.#forget();
    const endMs = performance.now() + budgetMs;
    for (let looked = 1; ; looked++) {
      const side = this.#earliest();
      if (side === null) return true;
      this.#read(side);
      if (looked % RECORDS_PER_LOOK === 0 && performance.now() > endMs) return false;
    }
  }

  /** Drops rows that are older than the tracks. */
  #forget(): void {
    const startMs = Math.min(...this.#readers.map(({ track }) => track.startMs));
    if ((this.#rows[0]?.timeMs ?? startMs) < startMs)
      this.#rows = this.#rows.filter(({ timeMs }) => timeMs >= startMs);
  }

  #reset(): void {
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
    // Most records do not appear in the sequence, so they are not parsed.
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

  /** Inserts in order of time: records of a slow page may arrive after later ones of another page. */
  #add(row: LaneRow): void {
    let index = this.#rows.length;
    while (index > 0 && (this.#rows[index - 1]?.timeMs ?? 0) > row.timeMs) index -= 1;
    this.#rows.splice(index, 0, row);
  }
}
