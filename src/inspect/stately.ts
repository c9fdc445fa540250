import type { InspectionEvent } from 'xstate';
import { attempt } from './attempt';
import { treeOf } from './clean';
import { createJsonScrubber } from './scrub-json';
import { registrationOf, snapshotOf } from './stately-copy';
import type { StatelyBody, StatelyEvent } from './stately-event';

/** The part of an inspector of `@statelyai/inspect` 0.7 that is used; whatever takes its events will do. */
export interface StatelyInspector {
  adapter: { send(event: StatelyEvent): void };
}

export interface StatelyOptions {
  /** Put before the names of the actors: two links in one viewer are told apart by it. */
  label?: string;
  /** Secrets that neither their name nor their form gives away. */
  hide?: readonly string[];
  /** Calls back whenever a viewer has connected. @returns its undo. Default: the viewer's greeting to this window. */
  onViewer?: (listener: () => void) => () => void;
  /** Wall clock that never goes back, in ms. */
  now?: () => number;
}

/** An observer for the option `inspect` of one `WebRTCManager` or `createActor`. */
export interface StatelyObserver {
  next(event: InspectionEvent): void;
  /** Sends every living actor anew, with its definition and last snapshot: for viewers whose coming cannot be seen. */
  resend(): void;
  /** Nothing is sent any more. */
  stop(): void;
}

/** The protocol's version; receivers take no event without one. */
const VERSION = '0.7.2';
/** What a viewer posts when it is there. */
const GREETING = '@statelyai.connected';
/** Links that are over and still shown to a viewer that joins: the one being debugged, and those before it. */
const MAX_FINISHED_LINKS = 8;

/** An actor as it was registered, to be told again to who comes late. */
interface Seen {
  ref: InspectionEvent['actorRef'];
  isRoot: boolean;
  isOver: boolean;
  registration: StatelyEvent & { type: '@xstate.actor' };
}

/**
 * Shows a link in any viewer of `@statelyai/inspect`:
 * `new WebRTCManager(…, {inspect: statelyInspect(createBrowserInspector({url, iframe}))})`.
 *
 * In place of the inspector's own observer, which lets credentials in definitions and inputs pass, stamps events when the page is
 * idle, and forgets definitions after 200 events. Here each event is copied and scrubbed whole before the inspector sees it, and
 * carries the time at which it happened; who joins late is told all actors with their definitions and last snapshots. An
 * inspector that throws harms nobody.
 */
export function statelyInspect(
  inspector: StatelyInspector,
  { label, hide = [], onViewer = onGreeting, now = wallClock }: StatelyOptions = {},
): StatelyObserver {
  const watch = new StatelyWatch(inspector, label, now);
  watch.scrubber.hide(...hide);
  const stopWatching = onViewer(() => watch.resend());
  return {
    next: (event) => attempt(() => watch.take(event)),
    resend: () => watch.resend(),
    stop() {
      stopWatching();
      watch.stop();
    },
  };
}

/** The actors that one inspector is told of. */
class StatelyWatch {
  readonly scrubber = createJsonScrubber();
  readonly #adapter: StatelyInspector['adapter'];
  readonly #label: string | undefined;
  readonly #now: () => number;
  readonly #seen = new Map<string, Seen>();
  #count = 0;
  #isStopped = false;

  constructor({ adapter }: StatelyInspector, label: string | undefined, now: () => number) {
    this.#adapter = adapter;
    this.#label = label;
    this.#now = now;
  }

  take(event: InspectionEvent): void {
    if (this.#isStopped) return;
    if (event.type === '@xstate.actor') return this.#register(event);
    if (event.type === '@xstate.event') {
      const { type, sourceRef } = event;
      return this.#send(event, { type, sourceId: sourceRef?.sessionId, event: event.event });
    }
    if (event.type !== '@xstate.snapshot') return;
    const snapshot = snapshotOf(event.snapshot);
    if (snapshot.status !== 'active') this.#forget(event.actorRef.sessionId);
    this.#send(event, { type: event.type, event: event.event, snapshot });
  }

  resend(): void {
    for (const { ref, registration } of this.#seen.values())
      attempt(() => {
        const snapshot = this.#copy(snapshotOf(ref.getSnapshot()));
        this.#adapter.send({ ...registration, snapshot });
      });
  }

  stop(): void {
    this.#isStopped = true;
    this.#seen.clear();
  }

  #register(event: InspectionEvent): void {
    const { actorRef: ref, rootId } = event;
    const registration = this.#complete(event, registrationOf(ref, this.#label));
    this.#seen.set(ref.sessionId, { ref, isRoot: ref.sessionId === rootId, isOver: false, registration });
    this.#adapter.send(registration);
  }

  #send(event: InspectionEvent, body: StatelyBody): void {
    this.#adapter.send(this.#complete(event, body));
  }

  #complete<Body extends StatelyBody>({ actorRef, rootId }: InspectionEvent, body: Body) {
    this.#count += 1;
    const { sessionId } = actorRef;
    const createdAt = String(Math.round(this.#now()));
    return { ...this.#copy(body), sessionId, rootId, createdAt, id: String(this.#count), _version: VERSION };
  }

  /** The copy has the shape of its original: here it gets its type back. */
  #copy<Value>(value: Value): Value {
    return this.scrubber.copy(value) as Value;
  }

  /** Children come and go with each state and are forgotten when they end; of links, the newest that ended are kept. */
  #forget(sessionId: string): void {
    const ended = this.#seen.get(sessionId);
    if (!ended?.isRoot) {
      this.#seen.delete(sessionId);
      return;
    }
    ended.isOver = true;
    const over = [...this.#seen].filter(([, { isOver }]) => isOver);
    for (const [id] of over.slice(0, -MAX_FINISHED_LINKS)) this.#seen.delete(id);
  }
}

/**
 * The option `serialize` of an inspector that shows other actors of a game too, through its own observer: scrubs the whole event,
 * definition and inputs included.
 */
export function scrubStately<Event extends object>(event: Event): Event {
  return createJsonScrubber().copy(event) as Event;
}

/** What the page that listens says when it has loaded; answered after the inspector itself has heard it. */
function onGreeting(listener: () => void): () => void {
  const answer = ({ data }: MessageEvent) => {
    if (treeOf(data).type === GREETING) setTimeout(listener, 0);
  };
  globalThis.addEventListener?.('message', answer);
  return () => globalThis.removeEventListener?.('message', answer);
}

const wallClock = () => performance.timeOrigin + performance.now();
