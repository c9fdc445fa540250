import { ahead } from 'virtual:ahead';
import type { MachineDefinition } from 'holdfast/inspect';
import { type Graph, graphOf, toItself, toOutermost } from './graph';
import { DETAILS, type Detail, fromElk, type Layout, layoutKey, SHAPES, type Shape, toElk } from './layout';

/** The machines of this library: what is drawn as long as no link has told its own. */
export const OWN_MACHINES = ahead.machines;

/** Layouts by what elk was asked: those that were made with the page, those that came with a shared file, those made since. */
const known = new Map<string, Layout>(Object.entries(ahead.layouts));

const graphFor = (definition: MachineDefinition, detail: Detail): Graph =>
  graphOf(definition, detail === 'overview' ? toOutermost : toItself);

/** At once where it is known, else when elk, which is loaded for it alone, has answered. */
export function layoutFor(
  definition: MachineDefinition,
  detail: Detail,
  shape: Shape,
): Layout | Promise<Layout> {
  const graph = graphFor(definition, detail);
  const key = layoutKey(graph, detail, shape);
  const found = known.get(key);
  if (found) return found;
  return askElk(graph, detail, shape).then((layout) => {
    known.set(key, layout);
    return layout;
  });
}

async function askElk(graph: Graph, detail: Detail, shape: Shape): Promise<Layout> {
  const { layOut } = await import('./elk');
  return fromElk(graph, await layOut(toElk(graph, shape, detail)));
}

/** Every known layout of a machine, to be sent along with a recording: a file has no worker to ask. */
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
