import type { ArrowDefinition, MachineDefinition, StateDefinition } from 'holdfast/inspect';

/** A box in the chart. */
export interface Box {
  /** Path of the state; unique. */
  id: string;
  key: string;
  isFinal: boolean;
  isInitial: boolean;
  /** The nested box that is entered first; null if there are none. */
  initial: string | null;
  /** How many nested states are folded into it. */
  folded: number;
  /** Delays that may run while the state or one folded into it is active, in the machine's order. */
  delays: string[];
  /** How many of them can run at once. */
  maxDelays: number;
  /** Targets if no guard passes, unless a line shows them. */
  otherwise: string[];
  /** The states that lead here, if nearly all do: one remark instead of as many lines. */
  comesFrom: string[];
  boxes: Box[];
}

/** A drawn arrow, which combines all events between the same two boxes. */
export interface Line {
  id: string;
  source: string;
  target: string;
  events: string[];
}

export interface Graph {
  machine: string;
  boxes: Box[];
  lines: Line[];
}

/** One arrow of the definition and the state it leaves, both ends mapped to drawn boxes. */
interface Edge {
  source: string;
  target: string;
  event: string;
  isOtherwise: boolean;
}

/** A state and all its nested states, outer ones first. */
export const flatten = (state: StateDefinition): StateDefinition[] => [
  state,
  ...state.states.flatMap(flatten),
];

/** The label of an arrow: its event, or the name of its delay. */
export const eventLabel = ({ event, delay }: Pick<ArrowDefinition, 'event' | 'delay'>): string =>
  delay === null ? event : `after ${delay}`;

/** Maps a state to the box that stands for it: its outermost state, or itself. */
export type Fold = (path: string) => string;
export const toOutermost: Fold = (path) => path.split('.', 1)[0] ?? '';
export const toItself: Fold = (path) => path;

/**
 * The boxes and lines of a machine's chart, from its definition. Arrows between the same two boxes are one line. Arrows that would clutter
 * the chart become remarks in a box instead: the other branch of a guard (`failed` if there is no plan), and arrows to a final state
 * to which most states lead (`closed`).
 */
export function graphOf({ id, root }: MachineDefinition, fold: Fold): Graph {
  const edges = edgesOf(root, fold);
  const isEverywhere = ubiquitous(root, edges);
  const lines = new Map<string, Line>();
  for (const { source, target, isOtherwise } of edges) {
    const key = lineId(source, target);
    if (!isOtherwise && !isEverywhere(target)) lines.set(key, { id: key, source, target, events: [] });
  }
  const remarks: Edge[] = [];
  for (const edge of edges) {
    const line = lines.get(lineId(edge.source, edge.target));
    if (!line) remarks.push(edge);
    else if (!line.events.includes(edge.event)) line.events.push(edge.event);
  }
  return {
    machine: id,
    boxes: root.states.map((state) => boxOf(state, root, remarks, fold)),
    lines: [...lines.values()],
  };
}

export const lineId = (source: string, target: string): string => `${source}>${target}`;

function edgesOf(root: StateDefinition, fold: Fold): Edge[] {
  const all = flatten(root).flatMap((state) =>
    state.arrows.flatMap((arrow, index) => {
      if (arrow.target === null) return [];
      const isOtherwise =
        arrow.guard === null && state.arrows.slice(0, index).some((other) => other.event === arrow.event);
      return [
        { source: fold(state.path), target: fold(arrow.target), event: eventLabel(arrow), isOtherwise },
      ];
    }),
  );
  // Events that the root handles are handled in every state.
  return all
    .flatMap((edge) =>
      edge.source === ''
        ? root.states.filter(({ type }) => type !== 'final').map(({ path }) => ({ ...edge, source: path }))
        : [edge],
    )
    .filter(({ source, target }) => source !== target);
}

/** A final state to which more than two thirds of the other outermost states lead. */
function ubiquitous(root: StateDefinition, edges: readonly Edge[]): (target: string) => boolean {
  const sources = new Map<string, Set<string>>();
  for (const { source, target } of edges) {
    const known = sources.get(target) ?? new Set();
    sources.set(target, known.add(toOutermost(source)));
  }
  const ends = new Set(root.states.filter(({ type }) => type === 'final').map(({ path }) => path));
  const many = ((root.states.length - 1) * 2) / 3;
  return (target) => ends.has(target) && (sources.get(target)?.size ?? 0) > many;
}

function boxOf(state: StateDefinition, parent: StateDefinition, remarks: readonly Edge[], fold: Fold): Box {
  const isFolded = state.states.some(({ path }) => fold(path) !== path);
  const own = isFolded ? flatten(state) : [state];
  const arriving = remarks.filter(({ target, isOtherwise }) => target === state.path && !isOtherwise);
  const leaving = remarks.filter(({ source, isOtherwise }) => source === state.path && isOtherwise);
  return {
    id: state.path,
    key: state.key,
    isFinal: state.type === 'final',
    isInitial: parent.initial === state.key,
    initial: isFolded ? null : (state.states.find(({ key }) => key === state.initial)?.path ?? null),
    folded: isFolded ? own.length - 1 : 0,
    delays: unique(own.flatMap(delaysOf)),
    maxDelays: isFolded ? maxConcurrentDelays(state) : delaysOf(state).length,
    otherwise: unique(leaving.map(({ target }) => target)),
    comesFrom: unique(arriving.map(({ source }) => source)),
    boxes: isFolded ? [] : state.states.map((inner) => boxOf(inner, state, remarks, fold)),
  };
}

const delaysOf = ({ arrows }: StateDefinition): string[] =>
  unique(arrows.flatMap(({ delay }) => delay ?? []));

const maxConcurrentDelays = (state: StateDefinition): number =>
  delaysOf(state).length + Math.max(0, ...state.states.map(maxConcurrentDelays));

const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];
