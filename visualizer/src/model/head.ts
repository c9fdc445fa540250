import type { MachineName, RecordKind, SessionRecord } from 'holdfast/inspect';

/** The members of a record that the indexes need. They are read without parsing the whole line, because a recording may have a hundred thousand. */
export interface Head {
  link: string;
  seq: number;
  /** Monotonic ms since the recorder began. */
  atMs: number;
  /** Ms of the recorder's wall clock. */
  wallMs: number;
  kind: RecordKind;
  machine: MachineName | null;
  /** Type of the received event, or of the event that caused a transition. */
  event: string | null;
  /** For a transition, the paths of the innermost states before and after. */
  from: string | null;
  to: string | null;
}

const KINDS: readonly RecordKind[] = [
  'session',
  'event',
  'transition',
  'command',
  'announcement',
  'signal',
  'path',
  'sample',
  'mark',
];
const MACHINES: readonly MachineName[] = ['connection', 'outage'];

const QUOTE = 34;
const BACKSLASH = 92;

/** Reads the start of a line member by member, in the order in which a recorder writes them. Null means that the line has another form. */
class LineReader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  /** Skips a text that is expected here. */
  skip(text: string): boolean {
    if (!this.#line.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  /** Reads up to the closing quote and skips it. Null for a text with an escape. */
  text(): string | null {
    const start = this.#at;
    for (let at = start; at < this.#line.length; at++) {
      const code = this.#line.charCodeAt(at);
      if (code === BACKSLASH) return null;
      if (code !== QUOTE) continue;
      this.#at = at + 1;
      return this.#line.slice(start, at);
    }
    return null;
  }

  /** Reads up to the comma, which is not skipped. */
  number(): number | null {
    const end = this.#line.indexOf(',', this.#at);
    const digits = end < 0 ? '' : this.#line.slice(this.#at, end);
    const found = digits === '' ? Number.NaN : Number(digits);
    if (!Number.isFinite(found)) return null;
    this.#at = end;
    return found;
  }
}

const among = <Word extends string>(words: readonly Word[], text: string | null): Word | null =>
  words.find((word) => word === text) ?? null;

/** The same limits as in `parseRecord`: an invalid date would make the page draw forever. */
const isHead = (link: string, seq: number, wallMs: number): boolean =>
  link.length <= 100 && Number.isSafeInteger(seq) && seq >= 1 && Math.abs(wallMs) <= 8.64e15;

/** Null if the members are in another order, or the line is not a record. */
export function headOfLine(line: string): Head | null {
  const reader = new LineReader(line);
  const link = reader.skip('{"v":1,"link":"') ? reader.text() : null;
  const seq = link !== null && reader.skip(',"seq":') ? reader.number() : null;
  const atMs = seq !== null && reader.skip(',"atMs":') ? reader.number() : null;
  const wallMs = atMs !== null && reader.skip(',"wallMs":') ? reader.number() : null;
  const kind = wallMs !== null && reader.skip(',"kind":"') ? among(KINDS, reader.text()) : null;
  if (!link || seq === null || atMs === null || wallMs === null || kind === null) return null;
  if (!isHead(link, seq, wallMs)) return null;
  const head: Head = { link, seq, atMs, wallMs, kind, machine: null, event: null, from: null, to: null };
  if (kind === 'transition') return transitionHead(head, reader);
  return kind === 'event' ? eventHead(head, reader) : head;
}

/** Modifies the given head: one object for each of a hundred thousand lines is enough. */
function transitionHead(head: Head, reader: LineReader): Head | null {
  const machine = reader.skip(',"machine":"') ? among(MACHINES, reader.text()) : null;
  const event = machine !== null && reader.skip(',"event":"') ? reader.text() : null;
  const from = event !== null && reader.skip(',"from":"') ? reader.text() : null;
  const to = from !== null && reader.skip(',"to":"') ? reader.text() : null;
  if (to === null) return null;
  head.machine = machine;
  head.event = event;
  head.from = from;
  head.to = to;
  return head;
}

function eventHead(head: Head, reader: LineReader): Head | null {
  const machine = reader.skip(',"machine":"') ? among(MACHINES, reader.text()) : null;
  const sender = machine !== null && reader.skip(',"from":"') ? reader.text() : null;
  const event = sender !== null && reader.skip(',"event":{"type":"') ? reader.text() : null;
  if (event === null) return null;
  head.machine = machine;
  head.event = event;
  return head;
}

export function headOf(record: SessionRecord): Head {
  const { link, seq, atMs, wallMs, kind } = record;
  const isMove = kind === 'transition';
  const event = isMove ? record.event : kind === 'event' ? record.event.type : null;
  return {
    link,
    seq,
    atMs,
    wallMs,
    kind,
    machine: isMove || kind === 'event' ? record.machine : null,
    event,
    from: isMove ? record.from : null,
    to: isMove ? record.to : null,
  };
}
