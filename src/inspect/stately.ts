import type { InspectionEvent } from 'xstate';
import { attempt } from './attempt';
import { treeOf } from './clean';
import { createJsonScrubber } from './scrub-json';
import { registrationOf, snapshotOf } from './stately-copy';
import type { StatelyBody, StatelyEvent } from './stately-event';

/** The part of an inspector of `@statelyai/inspect` 0.7 that is used. Anything that accepts its events works. */
export interface StatelyInspector {
  adapter: { send(event: StatelyEvent): void };
}

export interface StatelyOptions {
  /** Prefix for the names of the actors, which distinguishes two links in one viewer. */
  label?: string;
  /** Secrets that are not recognizable by name or form. */
  hide?: readonly string[];
  /** Calls the listener whenever a viewer has connected. @returns a function that unsubscribes. Default: the viewer's greeting to this window. */
  onViewer?: (listener: () => void) => () => void;
  /** A wall clock that never goes backwards, in ms. */
  now?: () => number;
}

/** An observer for the option `inspect` of one `WebRTCManager` or `createActor`. */
export interface StatelyObserver {
  next(event: InspectionEvent): void;
  /** Sends every known actor again, with its definition and last snapshot. For viewers whose arrival cannot be detected. */
  resend(): void;
  /** From now on nothing is sent. */
  stop(): void;
}

/** The protocol version; receivers reject events without one. */
const VERSION = '0.7.2';
/** What a viewer posts once it has loaded. */
const GREETING = '@statelyai.connected';
/** How many finished links are still sent to a viewer that connects later. */
const MAX_FINISHED_LINKS = 8;

/** A registered actor, kept for viewers that connect later. */
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
 * It replaces the inspector's own observer, which lets credentials in definitions and inputs pass, timestamps events only when the page
 * is idle, and forgets definitions after 200 events. Here each whole event is copied and scrubbed before the inspector sees it, and
 * carries the time at which it happened. Viewers that connect later receive all actors with their definitions and last snapshots. Errors
 * that the inspector throws are ignored.
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

/** The actors that are reported to one inspector. */
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

  /** The copy has the shape of the original, so it gets the same type. */
  #copy<Value>(value: Value): Value {
    return this.scrubber.copy(value) as Value;
  }

  /** Child actors, which come and go with each state, are forgotten when they end. Of finished links, the newest are kept. */
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
 * For the option `serialize` of an inspector whose own observer also shows other actors of a game. Scrubs the whole event, including
 * definition and inputs.
 */
export function scrubStately<Event extends object>(event: Event): Event {
  return createJsonScrubber().copy(event) as Event;
}

/** Listens for the viewer's greeting. The listener runs after the inspector itself has handled it. */
function onGreeting(listener: () => void): () => void {
  const answer = ({ data }: MessageEvent) => {
    if (treeOf(data).type === GREETING) setTimeout(listener, 0);
  };
  globalThis.addEventListener?.('message', answer);
  return () => globalThis.removeEventListener?.('message', answer);
}

const wallClock = () => performance.timeOrigin + performance.now();
