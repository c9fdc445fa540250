import { type ShownState, stateOf } from './chart';

/** An event that an actor received, or a state that it reached. `atMs` is by the wall clock. */
export interface Line {
  atMs: number;
  kind: 'event' | 'state';
  text: string;
  /** For an event, the sender's name and the members besides the type, as JSON. */
  detail: string;
}

export interface WatchedActor {
  sessionId: string;
  parentId: string | null;
  name: string;
  /** Null if the actor is not a machine. */
  chart: ShownState | null;
  status: string;
  value: unknown;
  context: unknown;
  lines: Line[];
  /** Types of events that may be sent to it. */
  allowed: readonly string[];
  /** False if only events arrived, because the actor's registration had fallen out of an old backlog. */
  isAnnounced: boolean;
}

type Announced = Pick<WatchedActor, 'sessionId' | 'parentId' | 'name' | 'chart' | 'allowed'>;

const MAX_LINES = 300;

/** The actors that a viewer knows, in order of arrival. */
export class Watched {
  readonly actors = new Map<string, WatchedActor>();

  register(actor: Announced): void {
    const known = this.actors.get(actor.sessionId);
    // Actors of which only events had arrived move to the place of their registration, next to their links.
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

  /** A state that is entered again invokes new actors; a new actor replaces the old one, whichever is reported first. */
  #dropReplaced({ name, parentId }: Pick<WatchedActor, 'name' | 'parentId'>): void {
    if (parentId === null) return;
    const same = [...this.actors.values()].filter(
      (other) => other.name === name && other.parentId === parentId,
    );
    for (const { sessionId, status } of same.slice(0, -1))
      if (status !== 'active') this.actors.delete(sessionId);
  }

  /** Events may arrive before their actor is registered, if an old backlog has lost its beginning. */
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

/** Empty for a registered machine that has not reached a state yet. */
const knownWordOf = (actor: WatchedActor): string =>
  actor.chart !== null && actor.value === undefined ? '' : stateWordOf(actor);

function note(actor: WatchedActor, line: Line): void {
  actor.lines.push(line);
  if (actor.lines.length > MAX_LINES) actor.lines.shift();
}
