import { figure, isTree, nameOf, treeOf } from './clean';
import type { ArrowDefinition, MachineDefinition, StateDefinition } from './records';

/** Bounds that no chart of Holdfast exceeds. */
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;

const TYPES: readonly StateDefinition['type'][] = ['atomic', 'compound', 'parallel', 'final', 'history'];

/** The items of an array, up to {@link MAX_ITEMS}; empty for anything else. */
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, MAX_ITEMS) : []);
const names = (value: unknown): string[] => listOf(value).map(nameOf);
const nameOrNull = (value: unknown) => (typeof value === 'string' ? nameOf(value) : null);
/** The path of the root is empty. */
const pathName = (value: unknown) => (value === '' ? '' : nameOf(value));

function parseArrow(value: unknown): ArrowDefinition {
  const arrow = treeOf(value);
  return {
    event: nameOf(arrow.event),
    guard: nameOrNull(arrow.guard),
    target: arrow.target === '' ? '' : nameOrNull(arrow.target),
    actions: names(arrow.actions),
    reenter: arrow.reenter === true,
    delay: nameOrNull(arrow.delay),
  };
}

function parseState(value: unknown, depth: number): StateDefinition {
  const state = treeOf(value);
  return {
    key: nameOf(state.key),
    path: pathName(state.path),
    type: TYPES.find((type) => type === state.type) ?? 'atomic',
    initial: nameOrNull(state.initial),
    entry: names(state.entry),
    exit: names(state.exit),
    invoke: listOf(state.invoke)
      .map(treeOf)
      .map(({ id, src }) => ({ id: nameOf(id), src: nameOf(src) })),
    arrows: listOf(state.arrows).map(parseArrow),
    states: depth < MAX_DEPTH ? listOf(state.states).map((inner) => parseState(inner, depth + 1)) : [],
  };
}

export function parseDefinition(value: unknown): MachineDefinition | null {
  if (!isTree(value) || !isTree(value.root)) return null;
  const delays: MachineDefinition['delays'] = {};
  for (const [name, ms] of Object.entries(treeOf(value.delays)).slice(0, MAX_ITEMS))
    delays[nameOf(name)] = figure(ms);
  return { id: nameOf(value.id), root: parseState(value.root, 0), delays };
}
