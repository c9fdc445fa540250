import { type ShownState, stateOf } from './chart';

/** What an actor received, or where it came to rest. `atMs` of the wall clock. */
export interface Line {
  atMs: number;
  kind: 'event' | 'state';
  text: string;
  /** Of an event: the sender's name and the members beside the type, as JSON. */
  detail: string;
}

export interface WatchedActor {
  sessionId: string;
  parentId: string | null;
  name: string;
  /** Null for what is no machine. */
  chart: ShownState | null;
  status: string;
  value: unknown;
  context: unknown;
  lines: Line[];
  /** Types of events that may be sent to it. */
  allowed: readonly string[];
  /** False where only events came: of an actor whose registration fell out of an old backlog. */
  isAnnounced: boolean;
}

type Announced = Pick<WatchedActor, 'sessionId' | 'parentId' | 'name' | 'chart' | 'allowed'>;

const MAX_LINES = 300;

/** The actors that a viewer has been told of, in the order they came. */
export class Watched {
  readonly actors = new Map<string, WatchedActor>();

  register(actor: Announced): void {
    const known = this.actors.get(actor.sessionId);
    // Those of whom only events had come stand where they are announced, with their links.
    this.actors.delete(actor.sessionId);
    this.actors.set(actor.sessionId, { ...(known ?? unseen(actor.sessionId)), ...actor, isAnnounced: true });
    this.#dropReplaced(actor);
  }

  receive(sessionId: string, line: Omit<Line, 'kind'>): void {
    note(this.#actor(sessionId), { ...line, kind: 'event' });
  }

  moveTo(sessionId: string, atMs: number, next: Pick<WatchedActor, 'status' | 'value' | 'context'>): void {
    const actor = this.#actor(sessionId);
    const [before, after] = [knownWordOf(actor), knownWordOf({ ...actor, ...next })];
    Object.assign(actor, next);
    if (before !== after && after)
      note(actor, { atMs, kind: 'state', text: after, detail: before && `from ${before}` });
    this.#dropReplaced(actor);
  }

  stop(sessionId: string): void {
    const actor = this.#actor(sessionId);
    actor.status = 'stopped';
    this.#dropReplaced(actor);
  }

  /** A state that is entered again invokes its actors anew; the new one takes the place of the old, whichever is told of first. */
  #dropReplaced({ name, parentId }: Pick<WatchedActor, 'name' | 'parentId'>): void {
    if (parentId === null) return;
    const same = [...this.actors.values()].filter(
      (other) => other.name === name && other.parentId === parentId,
    );
    for (const { sessionId, status } of same.slice(0, -1))
      if (status !== 'active') this.actors.delete(sessionId);
  }

  /** Events may come before the actor they are for is announced, where an old backlog has lost its beginning. */
  #actor(sessionId: string): WatchedActor {
    const actor = this.actors.get(sessionId) ?? unseen(sessionId);
    this.actors.set(sessionId, actor);
    return actor;
  }
}

const unseen = (sessionId: string): WatchedActor => ({
  sessionId,
  parentId: null,
  name: sessionId,
  chart: null,
  status: 'active',
  value: undefined,
  context: undefined,
  lines: [],
  allowed: [],
  isAnnounced: false,
});

export const stateWordOf = ({
  chart,
  value,
  status,
}: Pick<WatchedActor, 'chart' | 'value' | 'status'>): string =>
  (chart && stateOf(value)) || (value === undefined ? status : stateOf(value) || status);

/** Empty for a machine that is registered and has not come to rest. */
const knownWordOf = (actor: WatchedActor): string =>
  actor.chart !== null && actor.value === undefined ? '' : stateWordOf(actor);

function note(actor: WatchedActor, line: Line): void {
  actor.lines.push(line);
  if (actor.lines.length > MAX_LINES) actor.lines.shift();
}
