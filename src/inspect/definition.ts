import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { nameOf } from './clean';
import type { ArrowDefinition, MachineDefinition, StateDefinition, TakenArrow } from './records';
import { type Edge, edgesOf } from './untyped-edge';

const ALWAYS = 'always';
const AFTER = /^xstate\.after\.([^.]+)\.([\w.]+)$/;

/** Parsed from the event of a delay: its name, and the path of the state that waits. */
export interface Delay {
  name: string;
  state: string;
}

/** Parses `xstate.after.connectTimeout.connection.checking`; returns null for any other event. */
export function delayOf(event: string): Delay | null {
  const [, name, id] = AFTER.exec(event) ?? [];
  // The id of a state is the id of the machine followed by the path.
  return name && id ? { name, state: id.split('.').slice(1).join('.') } : null;
}

/** A readable name of an event: `after connectTimeout`, `start`, `link.up`. */
export function eventNameOf(event: string): string {
  const delay = delayOf(event);
  if (delay) return `after ${delay.name}`;
  return event === 'xstate.init' ? 'start' : event;
}

/** The value of a snapshot as a path: `{restarting: {waiting: 'backoff'}}` becomes `restarting.waiting.backoff`. */
export function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [first] = Object.entries(Object(value));
  return first ? `${first[0]}.${pathOf(first[1])}` : '';
}

const stateOf = (node: AnyStateNode) => node.path.join('.');

const partName = (part: unknown): string =>
  nameOf(typeof part === 'object' && part !== null && 'type' in part ? part.type : part);
const guardName = (guard: unknown) => (guard === undefined ? null : partName(guard));

/** Names of actions, without those that xstate adds for delays and actors. */
const actionNames = (actions: readonly unknown[] = []): string[] =>
  actions
    .map((action) => (typeof action === 'function' && 'type' in action ? action.type : action))
    .filter((action) => !(typeof action === 'string' && action.startsWith('xstate.')))
    .map(partName);

function arrowOf(edge: Edge): ArrowDefinition {
  const target = edge.target?.[0];
  return {
    event: edge.eventType || ALWAYS,
    guard: guardName(edge.guard),
    target: target ? stateOf(target) : null,
    actions: actionNames(edge.actions),
    reenter: edge.reenter === true,
    delay: delayOf(edge.eventType)?.name ?? null,
  };
}

export function takenArrowOf({ source, eventType, guard, target }: Edge): TakenArrow {
  const [to] = target ?? [];
  const name = guardName(guard);
  return {
    source: stateOf(source),
    event: eventType || ALWAYS,
    ...(name && { guard: name }),
    ...(to && { target: stateOf(to) }),
  };
}

const stateDefinition = (node: AnyStateNode): StateDefinition => ({
  key: node.key,
  path: stateOf(node),
  type: node.type,
  initial: node.initial?.target[0]?.key ?? null,
  entry: actionNames(node.entry),
  exit: actionNames(node.exit),
  invoke: node.invoke.map(({ id, src }) => ({ id: nameOf(id), src: partName(src) })),
  arrows: edgesOf(node).map(arrowOf),
  states: Object.values(node.states).map(stateDefinition),
});

const delaysOf = ({ arrows, states }: StateDefinition): string[] => [
  ...arrows.flatMap(({ delay }) => delay ?? []),
  ...states.flatMap(delaysOf),
];

/**
 * Reads the chart of a machine. Only names, so that nothing else that a machine may hold (a description, an input, an action's
 * parameters) gets out.
 *
 * @param timings those of the machine, in ms: `connectTimeoutMs` is the length of the delay `connectTimeout`.
 */
export function definitionOf(
  machine: AnyStateMachine,
  timings: Readonly<Record<string, number>>,
): MachineDefinition {
  const root = stateDefinition(machine.root);
  const delays: MachineDefinition['delays'] = {};
  for (const name of delaysOf(root)) delays[name] = timings[`${name}Ms`] ?? null;
  return { id: nameOf(machine.id), root, delays };
}

/** Every event type that a chart handles. */
export function eventTypesOf({ root }: MachineDefinition): Set<string> {
  const typesIn = ({ arrows, states }: StateDefinition): string[] => [
    ...arrows.map(({ event }) => event),
    ...states.flatMap(typesIn),
  ];
  return new Set(typesIn(root));
}
