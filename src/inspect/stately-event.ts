import type { AnyEventObject, Snapshot } from 'xstate';

/**
 * The events that `@statelyai/inspect` 0.7 sends to its viewers, declared here so that Holdfast needs neither the package nor its types.
 * `createdAt` is the wall clock in ms, as text; `rootId` is the id of the link's root actor.
 */
interface Head {
  sessionId: string;
  rootId: string;
  createdAt: string;
  id: string;
  _version: string;
}

/** An actor's snapshot as JSON; machines have a value and a context, other actors their input. */
export type StatelySnapshot = Snapshot<unknown> & { value?: unknown; context?: unknown; input?: unknown };

/** The members of each kind of event besides its {@link Head}. */
export type StatelyBody =
  | {
      type: '@xstate.actor';
      name: string;
      parentId: string | undefined;
      /** The machine's config as JSON text; undefined for actors that are not machines. */
      definition: string | undefined;
      snapshot: StatelySnapshot;
    }
  | { type: '@xstate.event'; sourceId: string | undefined; event: AnyEventObject }
  | { type: '@xstate.snapshot'; event: AnyEventObject; snapshot: StatelySnapshot };

export type StatelyEvent = Head & StatelyBody;
