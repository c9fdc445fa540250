import type { RecordOf, SessionRecord } from 'holdfast/inspect';
import { type Head, headOf } from './head';
import { recordOfLine } from './lines';

/**
 * Records of one sort, in order: what a moment needs is found in them by bisection. `move` is a transition of the connection to
 * another state, `story` all that the states and outages are read off.
 */
export type Column = 'session' | 'connection' | 'outage' | 'move' | 'path' | 'sample' | 'story';

/** A record, or its line as long as nobody has asked for it. */
type Entry = SessionRecord | string;

/** Some hours of a game; ten minutes at two hundred records a second. */
const MAX_RECORDS = 120_000;
/** Let go at once, so that letting go costs nothing a record. */
const SHARE_LET_GO = 1 / 8;

const EMPTY_COLUMNS = (): Record<Column, number[]> => ({
  session: [],
  connection: [],
  outage: [],
  move: [],
  path: [],
  sample: [],
  story: [],
});

/** Of the many events and rests between two moves, those that an outage is told by. */
const TELLING = new Set(['life.silent', 'attempt.counted']);

function columnsOf({ kind, machine, event, from, to }: Head): Column[] {
  const isTelling = TELLING.has(event ?? '');
  switch (kind) {
    case 'transition':
      if (machine === 'outage') return ['outage'];
      if (from !== to) return ['connection', 'move', 'story'];
      return isTelling ? ['connection', 'story'] : ['connection'];
    case 'event':
      return isTelling ? ['story'] : [];
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
 * The records of one recorder: bounded, each once, in the order of `seq`, with indexes. A record has an id, which is its place
 * among all that ever came; the oldest are let go. Times are ms of the recorder's wall clock, taken once, so that a clock that
 * is set back bends nothing.
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
  /** Read when it is asked for, and kept when its record is let go. */
  #newestSession: Entry | null = null;
  /** Grows where ids have got another meaning: what was derived from them begins anew. */
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

  /** The life of the machine that the last record belongs to; kept when its record is let go. */
  get session(): RecordOf<'session'> | null {
    const entry = this.#newestSession;
    const record = typeof entry === 'string' ? recordOfLine(entry) : entry;
    if (record?.kind !== 'session') return null;
    this.#newestSession = record;
    return record;
  }

  /** How many of its numbers it lacks, the first ones too: a full log drops them, and a line that fails takes them along. */
  get missing(): number {
    return (this.#heads.at(-1)?.seq ?? 0) - this.#heads.length;
  }

  get label(): string {
    return this.session?.label ?? 'unnamed';
  }

  /** Takes records in any order, each once; those that were let go stay so. */
  append(entries: readonly Entry[], heads: readonly Head[]): void {
    if (this.#areNext(heads)) this.#pushAll(entries, heads);
    else this.#appendNew(entries, heads);
    if (this.#entries.length > this.#max) this.#letGo();
  }

  /** Whether all are new, and in order: so comes a file, and nearly all that is live. */
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

  /** Null for an id that was let go, and for a line that is no record. */
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

  /** The id of the last record at or before a time, -1 without any. */
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

  /** The answer to a late viewer brings what is latched before what is kept. */
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

  #letGo(): void {
    const count = this.#entries.length - Math.floor(this.#max * (1 - SHARE_LET_GO));
    this.#entries.splice(0, count);
    this.#heads.splice(0, count);
    this.#times.splice(0, count);
    this.#base += count;
    for (const column of Object.values(this.#columns)) column.splice(0, countUpTo(column, this.#base - 1));
  }
}
