import { precomputed } from 'virtual:precomputed';
import type { MachineDefinition } from 'holdfast/inspect';
import { layOut } from './elk';
import { layoutKey, toElk } from './elk-input';
import { fromElk } from './elk-output';
import { type Graph, graphOf, toItself, toOutermost } from './graph';
import { DETAILS, type Detail, type Layout, SHAPES, type Shape } from './layout';

/** The machines of this version of the library, drawn until a link provides its own. */
export const OWN_MACHINES = precomputed.machines;

/** Layouts by the key of elk's input: those built with the page, those from a shared file, and those computed since. */
const known = new Map<string, Layout>(Object.entries(precomputed.layouts));

const graphFor = (definition: MachineDefinition, detail: Detail): Graph =>
  graphOf(definition, detail === 'overview' ? toOutermost : toItself);

/** Cached, because a key is needed with every frame and costs as much as a graph. */
const keys = new WeakMap<MachineDefinition, Map<string, string>>();

function keyFor(definition: MachineDefinition, detail: Detail, shape: Shape): string {
  const own = keys.get(definition) ?? new Map<string, string>();
  keys.set(definition, own);
  const which = `${detail} ${shape}`;
  const key = own.get(which) ?? layoutKey(graphFor(definition, detail), detail, shape);
  own.set(which, key);
  return key;
}

/** Runs of elk by key, failed ones included, so that none is repeated. */
const asked = new Map<string, Promise<Layout>>();

/** Returns a known layout at once, otherwise a promise; elk is loaded only for that. */
export function layoutFor(
  definition: MachineDefinition,
  detail: Detail,
  shape: Shape,
): Layout | Promise<Layout> {
  const key = keyFor(definition, detail, shape);
  const found = known.get(key) ?? asked.get(key);
  if (found !== undefined) return found;
  const graph = graphFor(definition, detail);
  const answer = askElk(graph, detail, shape).then((layout) => {
    known.set(key, layout);
    return layout;
  });
  asked.set(key, answer);
  return answer;
}

const askElk = async (graph: Graph, detail: Detail, shape: Shape): Promise<Layout> =>
  fromElk(graph, await layOut(toElk(graph, shape, detail)));

/** Every known layout of a machine, to be stored with a shared recording, which has no worker to compute it. */
export function knownLayoutsOf(definition: MachineDefinition): Record<string, Layout> {
  const found: Record<string, Layout> = {};
  for (const detail of DETAILS)
    for (const shape of SHAPES) {
      const key = layoutKey(graphFor(definition, detail), detail, shape);
      const layout = known.get(key);
      if (layout) found[key] = layout;
    }
  return found;
}

export function addLayouts(layouts: Readonly<Record<string, Layout>>): void {
  for (const [key, layout] of Object.entries(layouts)) known.set(key, layout);
}
