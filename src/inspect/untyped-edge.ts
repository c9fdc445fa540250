import type { ActorRefLike, AnyActorRef, AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate';
import { treeOf } from './clean';

/** The one place where watching meets what xstate hands out untyped: an actor's logic, the edges of a chart, an action's parameters. */

/** An edge of a chart, as a microstep names those it took. */
export interface Edge {
  source: AnyStateNode;
  eventType: string;
  guard?: unknown;
  target?: readonly AnyStateNode[] | undefined;
  actions?: readonly unknown[];
  reenter?: boolean;
}

/** The machine that an actor runs, or null where it runs something else. */
export function machineOf(actorRef: ActorRefLike | undefined): AnyStateMachine | null {
  const { logic } = treeOf(actorRef);
  return typeof logic === 'object' && logic !== null && 'root' in logic && 'config' in logic
    ? (logic as AnyStateMachine)
    : null;
}

/** The id by which its parent knows an actor. */
export const idOf = (actorRef: ActorRefLike | undefined): unknown => treeOf(actorRef).id;

export const edgesTaken = (event: Extract<InspectionEvent, { type: '@xstate.microstep' }>): readonly Edge[] =>
  event._transitions as readonly Edge[];

export const edgesOf = (node: AnyStateNode): readonly Edge[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];

/** Sends to an actor whatever it may understand: a delay that a replay hands to the machine itself, say. */
export function sendUntyped(actorRef: object | undefined, event: { type: string }): void {
  (actorRef as AnyActorRef | undefined)?.send(event);
}
