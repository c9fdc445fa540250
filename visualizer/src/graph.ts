import type { AnyStateNode } from 'xstate';

/** One arrow of the chart, nested states folded into the public one. */
export interface Arrow {
  from: string;
  to: string;
  /** The events, or `after <delay>`, that take it; in the machine's order. */
  events: string[];
}

export interface Graph {
  states: string[];
  /** From one state to another. */
  arrows: Arrow[];
  /** What a state hears without being left. */
  inner: Arrow[];
}

const publicStateOf = (node: AnyStateNode): string => node.path[0] ?? '';

const withDescendants = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap(withDescendants),
];

/** `xstate.after.connectTimeout.connection.checking` is the machine's own spelling of a delay, `xstate.init` of its start. */
export const eventNameOf = (type: string): string =>
  type === 'xstate.init' ? 'start' : type.replace(/^xstate\.after\.([^.]+)\..*$/, 'after $1');

/** What may leave a node: its own transitions, and `always` under that name. */
function edgesOf(node: AnyStateNode): { event: string; target: AnyStateNode | undefined }[] {
  const declared = [...node.transitions].flatMap(([type, edges]) =>
    edges.map(({ target }) => ({ event: eventNameOf(type), target: target?.[0] })),
  );
  const always = (node.always ?? []).map(({ target }) => ({ event: 'always', target: target?.[0] }));
  return [...declared, ...always];
}

/** Reads the chart off the machine, so that the page cannot draw another one. */
export function graphOf(root: AnyStateNode): Graph {
  const found = new Map<string, Arrow>();
  const note = (from: string, to: string, event: string) => {
    const key = `${from} → ${to}`;
    const arrow = found.get(key) ?? { from, to, events: [] };
    if (!arrow.events.includes(event)) arrow.events.push(event);
    found.set(key, arrow);
  };
  for (const state of Object.values(root.states)) {
    // A final state hears nothing, the root's events included.
    const listening = state.type === 'final' ? [] : [...withDescendants(state), root];
    for (const node of listening) {
      for (const { event, target } of edgesOf(node))
        note(state.key, target ? publicStateOf(target) : state.key, event);
    }
  }
  const all = [...found.values()];
  return {
    states: Object.keys(root.states),
    arrows: all.filter(({ from, to }) => from !== to),
    inner: all.filter(({ from, to }) => from === to),
  };
}
