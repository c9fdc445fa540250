import type { RecordOf, SessionRecord, TakenArrow } from 'holdfast/inspect';
import type { Track } from './track';

type Transition<Name> = Extract<RecordOf<'transition'>, { machine: Name }>;

/** A running delay and its remaining time, in ms. */
export interface Countdown {
  name: string;
  /** Path of the state that waits. */
  state: string;
  machine: 'connection' | 'outage';
  remainingMs: number;
  ofMs: number;
}

/** The state of a link at one moment. */
export interface Scene {
  timeMs: number;
  session: RecordOf<'session'> | null;
  connection: Transition<'connection'> | null;
  outage: Transition<'outage'> | null;
  /** The arrows by which each machine reached its current state or stayed in it. */
  taken: Record<'connection' | 'outage', readonly TakenArrow[]>;
  path: RecordOf<'path'> | null;
  sample: RecordOf<'sample'> | null;
  countdowns: readonly Countdown[];
  /** Id of the last record; -1 before the first. */
  lastId: number;
}

/** Uses bisection, so that the cost hardly depends on the length of the recording. */
export function sceneAt(track: Track, timeMs: number): Scene {
  const lastId = track.idAt(timeMs);
  const sessionId = track.lastIn('session', lastId);
  const session = sessionId === null ? track.session : only('session', track.recordAt(sessionId));
  const connectionId = track.lastIn('connection', lastId);
  const outageId = track.lastIn('outage', lastId);
  const connection = connectionOf(read(track, connectionId));
  const outage = outageOf(read(track, outageId));
  const move = connectionOf(read(track, track.lastIn('move', lastId)));
  return {
    timeMs,
    session,
    connection,
    outage,
    taken: {
      connection: connection?.arrows.some(leads) ? connection.arrows : (move?.arrows ?? []),
      outage: outage?.arrows ?? [],
    },
    path: only('path', read(track, track.lastIn('path', lastId))),
    sample: only('sample', read(track, track.lastIn('sample', lastId))),
    countdowns: [
      ...countdownsOf(connection, timeMs - (connectionId === null ? 0 : track.timeAt(connectionId))),
      ...countdownsOf(outage, timeMs - (outageId === null ? 0 : track.timeAt(outageId))),
    ],
    lastId,
  };
}

/** Whether an arrow leads to a state, be it the same one. */
const leads = ({ target }: TakenArrow): boolean => target !== undefined;

const read = (track: Track, id: number | null): SessionRecord | null =>
  id === null ? null : track.recordAt(id);

const only = <Kind extends SessionRecord['kind']>(kind: Kind, record: SessionRecord | null) =>
  isOf(kind, record) ? record : null;

const isOf = <Kind extends SessionRecord['kind']>(
  kind: Kind,
  record: SessionRecord | null,
): record is RecordOf<Kind> => record?.kind === kind;

const connectionOf = (record: SessionRecord | null) =>
  record?.kind === 'transition' && record.machine === 'connection' ? record : null;

const outageOf = (record: SessionRecord | null) =>
  record?.kind === 'transition' && record.machine === 'outage' ? record : null;

function countdownsOf(transition: RecordOf<'transition'> | null, elapsedMs: number): Countdown[] {
  if (!transition) return [];
  return transition.timers.map(({ name, state, ms, ofMs }) => ({
    name,
    state,
    machine: transition.machine,
    remainingMs: Math.max(0, ms - elapsedMs),
    ofMs,
  }));
}
