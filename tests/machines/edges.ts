import { type AnyStateMachine, type AnyStateNode, createMachine } from 'xstate';
import type { Chart } from './chart';

/** The one file that accesses the untyped internals of the machine, which the chart is compared with. */
interface Edge {
  guard?: unknown;
  target?: readonly AnyStateNode[] | undefined;
  actions: readonly unknown[];
  reenter: boolean;
  source: AnyStateNode;
}

const nameOf = (part: unknown): string =>
  typeof part === 'object' && part !== null && 'type' in part ? String(part.type) : String(part);

const pathOf = (node: AnyStateNode) => node.path.join('.');

const ancestorsOf = (node: AnyStateNode): AnyStateNode[] =>
  node.parent ? [node, ...ancestorsOf(node.parent)] : [node];

const innermost = (node: AnyStateNode): AnyStateNode[] => {
  const first = node.initial?.target[0];
  return first ? [node, ...innermost(first)] : [node];
};

export function leavesOf(node: AnyStateNode): AnyStateNode[] {
  const children = Object.values(node.states);
  return children.length === 0 ? [node] : children.flatMap(leavesOf);
}

/** `xstate.after.name.id` is how XState spells a delay. */
const eventOf = (type: string) => type.replace(/^xstate\.after\.([^.]+)\..*$/, 'after $1');

/** What an action announces, or null: `tellUp` reports `up` to the outage, `announceLost` emits `lost`. */
const announcementOf = (action: unknown): string | null => {
  const match = /^(?:tell|announce)([A-Z]\w*)$/.exec(nameOf(action));
  return match?.[1] ? match[1].charAt(0).toLowerCase() + match[1].slice(1) : null;
};

function crossedBy(leaf: AnyStateNode, { source, target, reenter }: Edge) {
  const goal = target?.[0];
  if (!goal) return { left: [], entered: [] };
  const isInside = ancestorsOf(goal).includes(source);
  const isInner = isInside && !reenter;
  const domain = isInner
    ? source
    : ancestorsOf(source).find((node) => node !== source && ancestorsOf(goal).includes(node));
  const below = (node: AnyStateNode) =>
    node !== domain && domain !== undefined && ancestorsOf(node).includes(domain);
  return {
    left: ancestorsOf(leaf).filter(below),
    entered: [...ancestorsOf(goal).filter(below).reverse(), ...innermost(goal).slice(1)],
  };
}

function describeEdge(leaf: AnyStateNode, type: string, edge: Edge, isFirst: boolean): string {
  const { left, entered } = crossedBy(leaf, edge);
  const actions = [
    ...left.flatMap((node) => node.exit),
    ...edge.actions,
    ...entered.flatMap((node) => node.entry),
  ];
  const announces = actions.map(announcementOf).filter((each) => each !== null);
  const guard = edge.guard === undefined ? (isFirst ? '' : 'else') : nameOf(edge.guard);
  const to = entered.at(-1);
  return toLine(pathOf(leaf), eventOf(type), guard, to ? pathOf(to) : '', announces);
}

const toLine = (from: string, on: string, guard: string, to: string, announces: readonly string[]) =>
  `${from} | ${on}${guard && ` [${guard}]`} → ${to || 'stays'}${announces.length > 0 ? ` announcing ${announces.join(', ')}` : ''}`;

/** The arrows that may be taken from a leaf, in the order in which the machine tries them: its own first, then its ancestors'. */
function candidatesOf(leaf: AnyStateNode): Map<string, Edge[]> {
  const found = new Map<string, Edge[]>();
  for (const node of ancestorsOf(leaf)) {
    const declared: [string, readonly Edge[]][] = [...node.transitions, ['always', node.always ?? []]];
    for (const [type, edges] of declared) {
      const known = found.get(type) ?? [];
      const isDecided = known.some(({ guard }) => guard === undefined);
      if (edges.length > 0 && !isDecided) found.set(type, [...known, ...edges]);
    }
  }
  return found;
}

/** Every arrow of the machine as a line of text, from every innermost state. */
export function linesOfMachine(machine: AnyStateMachine): string[] {
  return leavesOf(machine.root)
    .filter((leaf) => leaf.type !== 'final')
    .flatMap((leaf) =>
      [...candidatesOf(leaf)].flatMap(([type, edges]) =>
        edges.map((edge, index) => describeEdge(leaf, type, edge, index === 0)),
      ),
    );
}

/** The same lines from the chart. */
export function linesOfChart({ rows, states }: Chart): string[] {
  const within = (from: string) =>
    Object.keys(states).filter((state) => state === from || state.startsWith(`${from}.`));
  return rows.flatMap(({ from, on, guard = '', to = '', announces = [] }) =>
    [from]
      .flat()
      .flatMap(within)
      .flatMap((state) => [on].flat().map((event) => toLine(state, event, guard, to, announces))),
  );
}

/** The key of an arrow that is taken: the leaf, and the source, event and guard of the arrow. */
export const arrowKey = (leaf: string, { source, eventType, guard }: TakenArrow) =>
  `${leaf} | ${source.id} | ${eventType || 'always'} | ${guard === undefined ? '' : nameOf(guard)}`;

interface TakenArrow {
  source: { id: string };
  eventType: string;
  guard?: unknown;
}

/** The lines of {@link linesOfMachine} by {@link arrowKey}: names for what a running machine takes, as in the chart. */
export function arrowLines(machine: AnyStateMachine): Map<string, string> {
  const lines = new Map<string, string>();
  for (const leaf of leavesOf(machine.root)) {
    for (const [type, edges] of candidatesOf(leaf)) {
      const eventType = type === 'always' ? '' : type;
      edges.forEach((edge, index) => {
        lines.set(
          arrowKey(pathOf(leaf), { ...edge, eventType }),
          describeEdge(leaf, type, edge, index === 0),
        );
      });
    }
  }
  return lines;
}

/** `{restarting: {waiting: 'reach'}}` is `restarting.waiting.reach`. */
export const pathOfValue = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, inner]) => `${name}.${pathOfValue(inner)}`)
        .join()
    : String(value);

export interface Differences {
  /** Arrows that the machine has and the chart does not. */
  undeclared: string[];
  /** Rows of the chart that the machine does not follow. */
  missing: string[];
}

export function compare(machine: AnyStateMachine, chart: Chart): Differences {
  const [has, wants] = [linesOfMachine(machine), linesOfChart(chart)];
  return {
    undeclared: has.filter((line) => !wants.includes(line)).sort(),
    missing: wants.filter((line) => !has.includes(line)).sort(),
  };
}

export const invokesOf = (machine: AnyStateMachine): Record<string, string[]> =>
  Object.fromEntries(
    leavesOf(machine.root).map((leaf) => [
      pathOf(leaf),
      ancestorsOf(leaf)
        .filter((node) => node.parent)
        .flatMap((node) => node.invoke.map(({ src }) => nameOf(src))),
    ]),
  );

export const rootInvokesOf = (machine: AnyStateMachine) => machine.root.invoke.map(({ src }) => nameOf(src));

const copy = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]));
};

/** A copy of the machine with one place of its configuration changed; `undefined` removes it. */
export function mutate(machine: AnyStateMachine, path: readonly string[], value: unknown): AnyStateMachine {
  const config = copy(machine.config) as Record<string, unknown>;
  const last = path.at(-1) ?? '';
  const place = path.slice(0, -1).reduce<Record<string, unknown>>((inner, key) => {
    inner[key] ??= {};
    return inner[key] as Record<string, unknown>;
  }, config);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return createMachine(config as Parameters<typeof createMachine>[0]);
}
