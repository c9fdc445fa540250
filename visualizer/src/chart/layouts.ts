import { ahead } from 'virtual:ahead';
import type { MachineDefinition } from 'holdfast/inspect';
import { layOut } from './elk';
import { fromElk } from './elk-answer';
import { layoutKey, toElk } from './elk-question';
import { type Graph, graphOf, toItself, toOutermost } from './graph';
import { DETAILS, type Detail, type Layout, SHAPES, type Shape } from './layout';

/** The machines of this library: what is drawn as long as no link has told its own. */
export const OWN_MACHINES = ahead.machines;

/** Layouts by what elk was asked: those that were made with the page, those that came with a shared file, those made since. */
const known = new Map<string, Layout>(Object.entries(ahead.layouts));

const graphFor = (definition: MachineDefinition, detail: Detail): Graph =>
  graphOf(definition, detail === 'overview' ? toOutermost : toItself);

/** A key is asked for with every frame, and costs as much as a picture. */
const keys = new WeakMap<MachineDefinition, Map<string, string>>();

function keyFor(definition: MachineDefinition, detail: Detail, shape: Shape): string {
  const own = keys.get(definition) ?? new Map<string, string>();
  keys.set(definition, own);
  const which = `${detail} ${shape}`;
  const key = own.get(which) ?? layoutKey(graphFor(definition, detail), detail, shape);
  own.set(which, key);
  return key;
}

/** Questions that elk was asked, be it that it could not answer: none is asked twice. */
const asked = new Map<string, Promise<Layout>>();

/** At once where it is known, else when elk, which is loaded for it alone, has answered. */
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
