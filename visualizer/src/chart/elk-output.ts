import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api';
import { headId, initialId } from './elk-input';
import type { Box, Graph, Line } from './graph';
import type { Layout, PlacedBox, PlacedLine, Rect } from './layout';
import type { Point } from './route';

/** Converts elk's result into a layout. */
export function fromElk(graph: Graph, placed: ElkNode): Layout {
  const edges = new Map<string, ElkExtendedEdge>();
  const nodes = new Map<string, ElkNode>();
  const collect = (node: ElkNode): void => {
    nodes.set(node.id, node);
    for (const edge of node.edges ?? []) edges.set(edge.id, edge);
    for (const child of node.children ?? []) collect(child);
  };
  collect(placed);
  const rectOf = (id: string): Rect | null => {
    const node = nodes.get(id);
    return node ? { x: node.x ?? 0, y: node.y ?? 0, width: node.width ?? 0, height: node.height ?? 0 } : null;
  };
  const place = ({ boxes, ...box }: Box): PlacedBox[] => {
    const rect = rectOf(box.id) ?? NOWHERE;
    const head = rectOf(headId(box.id)) ?? rect;
    return [{ ...box, ...rect, head, hasBoxes: boxes.length > 0 }, ...boxes.flatMap(place)];
  };
  const boxes = graph.boxes.flatMap(place);
  return {
    machine: graph.machine,
    width: placed.width ?? 0,
    height: placed.height ?? 0,
    boxes,
    lines: graph.lines.map((line) => placeLine(line, edges.get(line.id))),
    initials: boxes.filter(({ hasBoxes }) => hasBoxes).map(({ id }) => pointsOf(edges.get(initialId(id)))),
  };
}

const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 };

const pointsOf = (edge: ElkExtendedEdge | undefined): Point[] =>
  (edge?.sections ?? [])
    .flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint])
    .map(({ x, y }) => ({ x, y }));

function placeLine(line: Line, edge: ElkExtendedEdge | undefined): PlacedLine {
  const [label] = edge?.labels ?? [];
  const { x = 0, y = 0, width = 0, height = 0, text = '' } = label ?? {};
  return { ...line, points: pointsOf(edge), label: label ? { text, x, y, width, height } : null };
}
