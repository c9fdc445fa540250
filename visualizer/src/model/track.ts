import type { RecordOf, SessionRecord } from 'holdfast/inspect';
import { type Head, headOf } from './head';
import { recordOfLine } from './lines';

/**
 * Indexes of the records of one kind, in order, to find those of a moment by bisection. `move` has the transitions of the connection to
 * another state, `story` all records from which states and outages are derived.
 */
export type Column = 'session' | 'connection' | 'outage' | 'move' | 'path' | 'sample' | 'story';

/** A record, or its line until it is first read. */
type Entry = SessionRecord | string;

/** A few hours of a game, or ten minutes at two hundred records a second. */
const MAX_RECORDS = 120_000;
/** This share is dropped at once, so that the cost per record is negligible. */
const EVICTED_SHARE = 1 / 8;

const EMPTY_COLUMNS = (): Record<Column, number[]> => ({
  session: [],
  connection: [],
  outage: [],
  move: [],
  path: [],
  sample: [],
  story: [],
});

/** Of the many events between two moves, those that are needed to derive an outage. */
const OUTAGE_EVENTS = new Set(['life.silent', 'attempt.counted']);

function columnsOf({ kind, machine, event, from, to }: Head): Column[] {
  const isOutageEvent = OUTAGE_EVENTS.has(event ?? '');
  switch (kind) {
    case 'transition':
      if (machine === 'outage') return ['outage'];
      if (from !== to) return ['connection', 'move', 'story'];
      return isOutageEvent ? ['connection', 'story'] : ['connection'];
    case 'event':
      return isOutageEvent ? ['story'] : [];
    case 'session':
    case 'path':
      return [kind, 'story'];
    case 'sample':
      return ['sample'];
    case 'announcement':
    case 'mark':
      return ['story'];
    case 'command':
    case 'signal':
      return [];
  }
}

/** How many of the sorted values are at most `limit`. */
export function countBy<T>(sorted: readonly T[], limit: number, read: (value: T) => number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle];
    if (value !== undefined && read(value) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

export const countUpTo = (sorted: readonly number[], limit: number): number =>
  countBy(sorted, limit, (value) => value);

/**
 * The records of one recorder, each once, in the order of `seq`, with indexes. The number of records is limited; the oldest are dropped. The id
 * of a record is its place among all records so far. Times are ms of the recorder's wall clock, which is read only once, so that a clock that is
 * set back changes nothing.
 */
export class Track {
  readonly link: string;
  readonly #max: number;
  #entries: Entry[] = [];
  #heads: Head[] = [];
  #times: number[] = [];
  #columns = EMPTY_COLUMNS();
  #base = 0;
  #epochMs = 0;
  /** Parsed on first use, and kept when its record is dropped. */
  #newestSession: Entry | null = null;
  /** Incremented when ids change their meaning, so that everything derived from them must be rebuilt. */
  generation = 0;

  constructor(link: string, max = MAX_RECORDS) {
    this.link = link;
    this.#max = max;
  }

  get firstId(): number {
    return this.#base;
  }

  get endId(): number {
    return this.#base + this.#entries.length;
  }

  get startMs(): number {
    return this.#times[0] ?? 0;
  }

  get endMs(): number {
    return this.#times.at(-1) ?? 0;
  }

  /** The session of the last record; kept when its own record is dropped. */
  get session(): RecordOf<'session'> | null {
    const entry = this.#newestSession;
    const record = typeof entry === 'string' ? recordOfLine(entry) : entry;
    if (record?.kind !== 'session') return null;
    this.#newestSession = record;
    return record;
  }

  /** How many records are missing, at the start too, because a full log dropped them or their line could not be read. */
  get missing(): number {
    return (this.#heads.at(-1)?.seq ?? 0) - this.#heads.length;
  }

  get label(): string {
    return this.session?.label ?? 'unnamed';
  }

  /** Adds records in any order, each once. Dropped records do not come back. */
  append(entries: readonly Entry[], heads: readonly Head[]): void {
    if (this.#areNext(heads)) this.#pushAll(entries, heads);
    else this.#appendNew(entries, heads);
    if (this.#entries.length > this.#max) this.#evictOldest();
  }

  /** Whether all are new and in order, as in a file and almost always live. */
  #areNext(heads: readonly Head[]): boolean {
    let last = this.#heads.at(-1)?.seq ?? 0;
    return heads.every(({ seq }) => {
      const isNext = seq > last;
      last = seq;
      return isNext;
    });
  }

  #appendNew(entries: readonly Entry[], heads: readonly Head[]): void {
    const oldest = this.#base > 0 ? (this.#heads[0]?.seq ?? 0) : 0;
    const isFresh = heads.map(({ seq }) => seq > oldest && this.#isNew(seq));
    const freshHeads = heads.filter((_, index) => isFresh[index]);
    const freshEntries = entries.filter((_, index) => isFresh[index]);
    if (this.#areNext(freshHeads)) this.#pushAll(freshEntries, freshHeads);
    else this.#mergeIn(freshEntries, freshHeads);
  }

  #pushAll(entries: readonly Entry[], heads: readonly Head[]): void {
    for (const [index, head] of heads.entries()) {
      const entry = entries[index];
      if (entry !== undefined) this.#push(entry, head);
    }
  }

  appendRecords(records: readonly SessionRecord[]): void {
    this.append(records, records.map(headOf));
  }

  headAt(id: number): Head | null {
    return this.#heads[id - this.#base] ?? null;
  }

  timeAt(id: number): number {
    return this.#times[id - this.#base] ?? 0;
  }

  /** A time on the recorder's clock as ms of the wall clock. */
  wallOf(atMs: number): number {
    return this.#epochMs + atMs;
  }

  /** Null for a dropped id, and for a line that is not a record. */
  recordAt(id: number): SessionRecord | null {
    const index = id - this.#base;
    const entry = this.#entries[index];
    if (typeof entry !== 'string') return entry ?? null;
    const record = recordOfLine(entry);
    if (record) this.#entries[index] = record;
    return record;
  }

  /** The record as a line of a file. */
  lineAt(id: number): string | null {
    const entry = this.#entries[id - this.#base];
    if (entry === undefined) return null;
    return typeof entry === 'string' ? entry : JSON.stringify(entry);
  }

  /** The id of the last record at or before a time; -1 if there is none. */
  idAt(timeMs: number): number {
    const count = countUpTo(this.#times, timeMs);
    return count === 0 ? -1 : this.#base + count - 1;
  }

  idOfSeq(seq: number): number | null {
    const index = countBy(this.#heads, seq, (head) => head.seq) - 1;
    return this.#heads[index]?.seq === seq ? this.#base + index : null;
  }

  column(name: Column): readonly number[] {
    return this.#columns[name];
  }

  /** The last id of a column at or before `id`. */
  lastIn(name: Column, id: number): number | null {
    const column = this.#columns[name];
    return column[countUpTo(column, id) - 1] ?? null;
  }

  #isNew(seq: number): boolean {
    return seq > (this.#heads.at(-1)?.seq ?? 0) || this.idOfSeq(seq) === null;
  }

  #push(entry: Entry, head: Head): void {
    if (this.#entries.length === 0) this.#epochMs = head.wallMs - head.atMs;
    const id = this.endId;
    this.#entries.push(entry);
    this.#heads.push(head);
    this.#times.push(Math.max(this.endMs, this.#epochMs + head.atMs));
    for (const column of columnsOf(head)) this.#columns[column].push(id);
    if (head.kind === 'session') this.#newestSession = entry;
  }

  /** The answer to a late viewer contains latched records that are older than those already known. */
  #mergeIn(entries: readonly Entry[], heads: readonly Head[]): void {
    const known = this.#heads.map((head, index) => ({ head, entry: this.#entries[index] }));
    const fresh = heads.map((head, index) => ({ head, entry: entries[index] }));
    const all = [...known, ...fresh].sort((a, b) => a.head.seq - b.head.seq);
    this.#entries = [];
    this.#heads = [];
    this.#times = [];
    this.#columns = EMPTY_COLUMNS();
    this.generation += 1;
    let last = 0;
    for (const { head, entry } of all) {
      if (entry !== undefined && head.seq > last) this.#push(entry, head);
      last = head.seq;
    }
  }

  #evictOldest(): void {
    const count = this.#entries.length - Math.floor(this.#max * (1 - EVICTED_SHARE));
    this.#entries.splice(0, count);
    this.#heads.splice(0, count);
    this.#times.splice(0, count);
    this.#base += count;
    for (const column of Object.values(this.#columns)) column.splice(0, countUpTo(column, this.#base - 1));
  }
}
