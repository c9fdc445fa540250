import type { createDevTools, ReceiverEvent } from '@xstate/inspect';
import {
  type StatelyEvent,
  type StatelyObserver,
  type StatelyOptions,
  statelyInspect,
} from 'holdfast/inspect';
import { type AnyInterpreter, toSCXMLEvent } from 'xstate';
import { ClassicService, type Registration } from './classic-service';

type ActorRef = Parameters<StatelyObserver['next']>[0]['actorRef'];

/** How many finished links are still shown, as in `statelyInspect`. */
const MAX_FINISHED_LINKS = 8;

/** Converts the scrubbed events of `statelyInspect` to services and events of the classic inspector, and forwards allowed events of its viewers. */
export class ClassicBridge {
  readonly #devTools: ReturnType<typeof createDevTools>;
  readonly #tellViewer: (event: ReceiverEvent) => void;
  readonly #allow: readonly string[];
  readonly #isFromViewer: () => boolean;
  readonly #services = new Map<string, ClassicService>();
  /** The machines of links that are not finished, which receive the allowed events of a viewer. */
  readonly #links = new Map<string, ActorRef>();
  readonly #finished: string[] = [];

  constructor(
    devTools: ReturnType<typeof createDevTools>,
    tellViewer: (event: ReceiverEvent) => void,
    allow: readonly string[],
    isFromViewer: () => boolean,
  ) {
    this.#devTools = devTools;
    this.#tellViewer = tellViewer;
    this.#allow = allow;
    this.#isFromViewer = isFromViewer;
  }

  /** An observer for the option `inspect`. */
  observe(options: Pick<StatelyOptions, 'label' | 'hide'> = {}): Pick<StatelyObserver, 'next'> {
    // The inspector itself sends registered services to a viewer that connects later.
    const onViewer = () => () => {};
    const observer = statelyInspect(
      { adapter: { send: (event) => this.#take(event) } },
      { ...options, onViewer },
    );
    return {
      next: (event) => {
        const { type, actorRef, rootId } = event;
        if (type === '@xstate.actor' && actorRef.sessionId === rootId) this.#links.set(rootId, actorRef);
        observer.next(event);
      },
    };
  }

  #take(event: StatelyEvent): void {
    const { sessionId } = event;
    if (event.type === '@xstate.actor') return this.#register(event);
    if (event.type === '@xstate.event') return this.#tell(sessionId, event.event, event.sourceId);
    this.#services.get(sessionId)?.moveTo(event.snapshot, event.event);
    if (event.snapshot.status !== 'active') this.#settle(event);
  }

  #register(actor: Registration): void {
    const { sessionId, rootId } = actor;
    const allowed = sessionId === rootId ? this.#allow : [];
    const service = new ClassicService(actor, allowed, (type) => {
      if (allowed.includes(type) && this.#isFromViewer()) this.#links.get(sessionId)?.send({ type });
    });
    this.#services.set(sessionId, service);
    // The inspector's types require an interpreter, but it uses only the members of this service.
    this.#devTools.register(service as unknown as AnyInterpreter);
  }

  #tell(sessionId: string, event: { type: string }, origin: string | undefined): void {
    // The inspector itself sends the first event with the registration.
    if (event.type === 'xstate.init') return;
    const scxml = toSCXMLEvent(event, origin === undefined ? {} : { origin });
    this.#tellViewer({ type: 'service.event', event: JSON.stringify(scxml), sessionId });
  }

  /** Child actors are removed when they end. Finished links stay in view until newer ones replace them. */
  #settle({ sessionId, rootId }: StatelyEvent): void {
    this.#links.delete(sessionId);
    if (sessionId !== rootId) return this.#end(sessionId);
    this.#finished.push(sessionId);
    const surplus = Math.max(0, this.#finished.length - MAX_FINISHED_LINKS);
    for (const old of this.#finished.splice(0, surplus)) this.#end(old);
  }

  #end(sessionId: string): void {
    this.#services.get(sessionId)?.stop();
    this.#services.delete(sessionId);
  }
}
