import type { ActorRefLike, AnyActorRef, AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate';
import { treeOf } from './clean';

/** The only place that accesses parts of xstate without types: the logic of an actor, the edges of a chart, the parameters of an action. */

/** An edge of a chart, as listed by a microstep. */
export interface Edge {
  source: AnyStateNode;
  eventType: string;
  guard?: unknown;
  target?: readonly AnyStateNode[] | undefined;
  actions?: readonly unknown[];
  reenter?: boolean;
}

/** The machine that an actor runs, or null if it runs something else. */
export function machineOf(actorRef: ActorRefLike | undefined): AnyStateMachine | null {
  const { logic } = treeOf(actorRef);
  return typeof logic === 'object' && logic !== null && 'root' in logic && 'config' in logic
    ? (logic as AnyStateMachine)
    : null;
}

/** The id of an actor within its parent. */
export const idOf = (actorRef: ActorRefLike | undefined): unknown => treeOf(actorRef).id;

export const edgesTaken = (event: Extract<InspectionEvent, { type: '@xstate.microstep' }>): readonly Edge[] =>
  event._transitions as readonly Edge[];

export const edgesOf = (node: AnyStateNode): readonly Edge[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];

/** Sends an actor an event that its type does not declare, such as the delay event that a replay feeds to the machine. */
export function sendUntyped(actorRef: object | undefined, event: { type: string }): void {
  (actorRef as AnyActorRef | undefined)?.send(event);
}
