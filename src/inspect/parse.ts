import {
  announcementType,
  cleanContext,
  cleanEvent,
  cleanFailure,
  cleanInput,
  cleanPath,
  figure,
  isTree,
  nameOf,
  peerCommand,
  signalingCommand,
  type Tree,
  treeOf,
} from './clean';
import { listOf, parseDefinition } from './parse-definition';
import {
  EVENT_SOURCES,
  type MachineName,
  RECORD_VERSION,
  type RecordBody,
  type RecordHead,
  type SampleBody,
  type SessionRecord,
  type SignalBody,
  type TransitionBody,
} from './records';

/** The input is untrusted: any page of the origin may post, and a file may contain anything. Invalid records become null, unknown members are dropped. */

const MAX_TEXT_CHARS = 256;

const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, MAX_TEXT_CHARS) : '');
const among = <Word>(words: readonly Word[], value: unknown): Word | undefined =>
  words.find((word) => word === value);

const MACHINES: readonly MachineName[] = ['connection', 'outage'];
const SIGNALS: readonly SignalBody['type'][] = ['offer', 'answer', 'ice-candidate', 'hello', 'bye', 'other'];
const STATUSES: readonly SampleBody['status'][] = ['good', 'warning', 'critical', 'unknown'];

function parseHead({ v, link, seq, atMs, wallMs }: Tree): RecordHead | null {
  const isNumbered = typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 1;
  if (v !== RECORD_VERSION || typeof link !== 'string' || link === '' || link.length > 100) return null;
  const [at, wall] = [figure(atMs), figure(wallMs)];
  // The range of JavaScript's `Date`.
  if (!isNumbered || at === null || wall === null || Math.abs(wall) > 8.64e15) return null;
  return { v, link, seq, atMs: at, wallMs: wall };
}

function parseTransition(machine: MachineName, found: Tree): TransitionBody {
  const step = {
    event: text(found.event),
    from: text(found.from),
    to: text(found.to),
    arrows: listOf(found.arrows)
      .map(treeOf)
      .map((arrow) => ({
        source: text(arrow.source),
        event: text(arrow.event),
        ...(typeof arrow.guard === 'string' && { guard: text(arrow.guard) }),
        ...(typeof arrow.target === 'string' && { target: text(arrow.target) }),
      })),
    timers: listOf(found.timers)
      .map(treeOf)
      .map((timer) => ({
        name: text(timer.name),
        state: text(timer.state),
        ms: figure(timer.ms) ?? 0,
        ofMs: figure(timer.ofMs) ?? 0,
      })),
  };
  if (machine === 'connection')
    return { kind: 'transition', machine, ...step, context: cleanContext(found.context) };
  return {
    kind: 'transition',
    machine,
    ...step,
    context: { isAsked: treeOf(found.context).isAsked === true },
  };
}

function parseSession(found: Tree): RecordBody | null {
  const machines = treeOf(found.machines);
  const [connection, outage] = [parseDefinition(machines.connection), parseDefinition(machines.outage)];
  return (
    connection &&
    outage && {
      kind: 'session',
      label: text(found.label),
      library: text(found.library),
      input: cleanInput(found.input),
      policy: found.policy === 'custom' ? 'custom' : 'default',
      machines: { connection, outage },
    }
  );
}

function parseEvent(machine: MachineName, found: Tree): RecordBody | null {
  const from = among(EVENT_SOURCES, found.from);
  const { type, error } = treeOf(found.event);
  if (!from || typeof type !== 'string') return null;
  const event = cleanEvent(found.event, new Set([text(type)]));
  const isFailed = typeof error === 'string';
  return { kind: 'event', machine, from, event: { ...event, ...(isFailed && { error: nameOf(error) }) } };
}

function parseCommand({ to, command }: Tree): RecordBody | null {
  const { type } = treeOf(command);
  const [peer, signaling] = [peerCommand(type), signalingCommand(type)];
  if (to === 'peer' && peer) return { kind: 'command', to, command: { type: peer } };
  if (to === 'signaling' && signaling) return { kind: 'command', to, command: { type: signaling } };
  return null;
}

function parseAnnouncement(value: unknown): RecordBody | null {
  const { type, reason: word } = treeOf(value);
  const announced = announcementType(type);
  const reason = cleanFailure({ reason: word })?.reason;
  return announced && { kind: 'announcement', announcement: { type: announced, ...(reason && { reason }) } };
}

function parseSignal({ direction, type }: Tree): RecordBody | null {
  const [way, known] = [among(['in', 'out'] as const, direction), among(SIGNALS, type)];
  return way && known ? { kind: 'signal', direction: way, type: known } : null;
}

function parseSample(found: Tree): RecordBody | null {
  const status = among(STATUSES, found.status);
  const { rttMs, jitterMs, loss } = found;
  return status
    ? { kind: 'sample', rttMs: figure(rttMs), jitterMs: figure(jitterMs), loss: figure(loss), status }
    : null;
}

function parseBody(found: Tree): RecordBody | null {
  const machine = among(MACHINES, found.machine);
  switch (found.kind) {
    case 'session':
      return parseSession(found);
    case 'event':
      return machine ? parseEvent(machine, found) : null;
    case 'transition':
      return machine ? parseTransition(machine, found) : null;
    case 'command':
      return parseCommand(found);
    case 'announcement':
      return parseAnnouncement(found.announcement);
    case 'signal':
      return parseSignal(found);
    case 'path':
      return { kind: 'path', path: cleanPath(found.path) };
    case 'sample':
      return parseSample(found);
    case 'mark':
      return { kind: 'mark', text: text(found.text) };
    default:
      return null;
  }
}

/** @returns a record rebuilt from its known members, or null if the value is not a record. */
export function parseRecord(value: unknown): SessionRecord | null {
  if (!isTree(value)) return null;
  const [head, body] = [parseHead(value), parseBody(value)];
  return head && body && { ...head, ...body };
}

/** Parses a file with one record per line and skips empty lines. `refused` counts the lines without a valid record. */
export function parseNdjson(file: string): { records: SessionRecord[]; refused: number } {
  const records: SessionRecord[] = [];
  let refused = 0;
  for (const line of file.split('\n')) {
    if (line.trim() === '') continue;
    const record = parseLine(line);
    if (record) records.push(record);
    else refused += 1;
  }
  return { records, refused };
}

function parseLine(line: string): SessionRecord | null {
  try {
    // `trim()` also removes the byte order mark that some editors on Windows insert.
    return parseRecord(JSON.parse(line.trim()));
  } catch {
    return null;
  }
}
