import type { AnyEventObject, Snapshot } from 'xstate';

/**
 * What `@statelyai/inspect` 0.7 sends to its viewers, in our own words, so that Holdfast needs neither the package nor its types.
 * `createdAt` is in ms of the wall clock, as text; `rootId` names the actor that all of a link hangs on.
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

/** What each kind of event says beside its {@link Head}. */
export type StatelyBody =
  | {
      type: '@xstate.actor';
      name: string;
      parentId: string | undefined;
      /** The machine's config as JSON text; none for what is no machine. */
      definition: string | undefined;
      snapshot: StatelySnapshot;
    }
  | { type: '@xstate.event'; sourceId: string | undefined; event: AnyEventObject }
  | { type: '@xstate.snapshot'; event: AnyEventObject; snapshot: StatelySnapshot };

export type StatelyEvent = Head & StatelyBody;
