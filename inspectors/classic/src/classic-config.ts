import type { AnyEventObject, StateNodeConfig, StateValue } from 'xstate';

/** The schema of any chart. */
interface AnySchema {
  states: { [key: string]: AnySchema };
}

export type ClassicNode = StateNodeConfig<unknown, AnySchema, AnyEventObject>;

/** A transition with names only. */
interface ClassicTransition {
  target?: string[];
  cond?: string;
  actions?: string[];
  internal?: boolean;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Actions and guards are given as a name, or as an object with a `type`. */
const nameOf = (value: unknown): string | undefined => textOf(isRecord(value) ? value.type : value);

const namesOf = (value: unknown): string[] => listOf(value).flatMap((each) => nameOf(each) ?? []);

/** Removes undefined members, because xstate 4 treats a present member as set. */
const present = <Node extends object>(node: { [Key in keyof Node]: Node[Key] | undefined }) =>
  Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined)) as Node;

/** Converts a transition from xstate 5 to xstate 4, where `guard` is `cond`, and `reenter` is the opposite of `internal`. */
function transitionOf(value: unknown): ClassicTransition {
  if (typeof value === 'string') return { target: [value] };
  if (!isRecord(value)) return {};
  const targets = listOf(value.target).flatMap((target) => textOf(target) ?? []);
  return present<ClassicTransition>({
    target: targets.length === 0 ? undefined : targets,
    cond: nameOf(value.guard),
    actions: namesOf(value.actions),
    internal: value.reenter === true ? false : undefined,
  });
}

const transitionsOf = (value: unknown): ClassicTransition[] => listOf(value).map(transitionOf);

const mapOf = <Mapped>(
  value: unknown,
  map: (member: unknown) => Mapped,
): Record<string, Mapped> | undefined =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, map(member)]))
    : undefined;

function invokeOf(value: unknown) {
  const invoked = isRecord(value) ? value : { src: value };
  const src = nameOf(invoked.src) ?? 'inline';
  return {
    id: textOf(invoked.id) ?? src,
    src,
    onDone: transitionsOf(invoked.onDone),
    onError: transitionsOf(invoked.onError),
  };
}

const TYPES = ['atomic', 'compound', 'parallel', 'final', 'history'] as const;

/**
 * Converts the config of an xstate 5 machine to xstate 4, as JSON. Implementations of actions and guards, inputs and outputs are dropped;
 * delays keep their names.
 */
export function classicConfig(node: unknown): ClassicNode {
  if (!isRecord(node)) return {};
  const { onDone } = node;
  return present<ClassicNode>({
    id: textOf(node.id),
    initial: textOf(isRecord(node.initial) ? node.initial.target : node.initial),
    type: TYPES.find((type) => type === node.type),
    entry: namesOf(node.entry),
    exit: namesOf(node.exit),
    invoke: listOf(node.invoke).map(invokeOf),
    on: mapOf(node.on, transitionsOf),
    after: mapOf(node.after, transitionsOf),
    always: node.always === undefined ? undefined : transitionsOf(node.always),
    onDone: onDone === undefined ? undefined : transitionsOf(onDone),
    states: mapOf(node.states, classicConfig),
  });
}

/** The value of a state has the same form in both versions. An invalid value becomes `{}`, which stands for the initial state. */
export function stateValueOf(value: unknown): StateValue {
  return typeof value === 'string' ? value : (mapOf(value, stateValueOf) ?? {});
}
