import {
  type AnyActorLogic,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  createActor,
  SimulatedClock,
} from 'xstate';

/** The one file of these tests that meets the machine's untyped innards. */
export interface Step {
  readonly type: string;
}

/** What a walk found: the innermost states it entered and the arrows it took, both as text. */
export interface Coverage {
  states: Set<string>;
  arrows: Set<string>;
}

interface Taken {
  source: AnyStateNode;
  eventType: string;
  guard?: unknown;
  target?: readonly AnyStateNode[] | undefined;
}

const nameOf = (part: unknown) =>
  typeof part === 'object' && part !== null && 'type' in part ? String(part.type) : String(part ?? '');

const toLine = ({ source, eventType, guard, target }: Taken) =>
  `${source.id} | ${eventType || 'always'}${guard === undefined ? '' : ` [${nameOf(guard)}]`} → ${target?.[0]?.id ?? 'stays'}`;

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap(nodesOf),
];

/** Everything that the machine declares. */
export function declaredBy(machine: AnyStateMachine): Coverage {
  const nodes = nodesOf(machine.root);
  const arrows = nodes.flatMap((node) => [...[...node.transitions.values()].flat(), ...(node.always ?? [])]);
  const leaves = nodes.filter(({ states }) => Object.keys(states).length === 0);
  return { states: new Set(leaves.map(({ id }) => id)), arrows: new Set(arrows.map(toLine)) };
}

/** The events of the machine's delays, as it sends them to itself. */
export const delaysOf = (machine: AnyStateMachine): Step[] =>
  nodesOf(machine.root).flatMap((node) =>
    [...node.transitions.keys()].filter((type) => type.startsWith('xstate.after.')).map((type) => ({ type })),
  );

/**
 * Plays a path through a real actor and notes the states it rests in and every arrow it takes, eventless ones included. Time
 * stands still: delays come as events of the path.
 */
export function play(
  machine: AnyStateMachine,
  input: unknown,
  path: readonly Step[],
  into: Coverage,
): AnyMachineSnapshot {
  const note = (event: { type: string; _transitions?: readonly Taken[] }) => {
    if (event.type === '@xstate.microstep')
      for (const taken of event._transitions ?? []) into.arrows.add(toLine(taken));
  };
  const logic: AnyActorLogic = machine;
  const actor = createActor(logic, { input, clock: new SimulatedClock(), inspect: note as never });
  actor.start();
  const rest = () => {
    const snapshot: AnyMachineSnapshot = actor.getSnapshot();
    for (const node of snapshot._nodes) if (Object.keys(node.states).length === 0) into.states.add(node.id);
    return snapshot;
  };
  for (const step of path) {
    if (rest().status !== 'active') break;
    actor.send(step);
  }
  const last = rest();
  actor.stop();
  return last;
}
