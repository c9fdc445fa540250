import type { MachineName, RecordKind, SessionRecord } from 'holdfast/inspect';

/** What the indexes need of a record. Of a line it is read without parsing all of it: a recording may hold a hundred thousand. */
export interface Head {
  link: string;
  seq: number;
  /** Monotonic ms since the recorder began. */
  atMs: number;
  /** Ms of the recorder's wall clock. */
  wallMs: number;
  kind: RecordKind;
  machine: MachineName | null;
  /** Type of the event that came, or that a transition answers. */
  event: string | null;
  /** Paths of the innermost state before and after; of a transition only. */
  from: string | null;
  to: string | null;
}

const KINDS: ReadonlySet<string> = new Set<RecordKind>([
  'session',
  'event',
  'transition',
  'command',
  'announcement',
  'signal',
  'path',
  'sample',
  'mark',
]);

const isKind = (text: string | undefined): text is RecordKind => text !== undefined && KINDS.has(text);
const machineOf = (text: unknown): MachineName | null =>
  text === 'connection' || text === 'outage' ? text : null;

/** The members in the order in which a recorder writes them: the head, then a transition's or an event's. */
const LINE =
  /^\{"v":1,"link":"([^"\\]+)","seq":(\d+),"atMs":([-\d.e+]+),"wallMs":([-\d.e+]+),"kind":"([a-z]+)"(?:,"machine":"([a-z]+)"(?:,"event":"([^"\\]*)","from":"([^"\\]*)","to":"([^"\\]*)"|,"from":"[^"\\]*","event":\{"type":"([^"\\]*)"))?[,}]/;

/** Null where the members stand in another order, or the line is none of a recording. */
export function headOfLine(line: string): Head | null {
  const found = LINE.exec(line);
  if (!found) return null;
  const [, link = '', seq, atMs, wallMs, kind, machine, answered, from, to, came] = found;
  const [isMove, isEvent] = [kind === 'transition', kind === 'event'];
  if (!isKind(kind) || (isMove && to === undefined) || (isEvent && came === undefined)) return null;
  return {
    link,
    seq: Number(seq),
    atMs: Number(atMs),
    wallMs: Number(wallMs),
    kind,
    machine: machineOf(machine),
    event: answered ?? came ?? null,
    from: from ?? null,
    to: to ?? null,
  };
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
