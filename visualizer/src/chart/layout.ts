import type { ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs/lib/elk-api';
import type { Box, Graph, Line } from './graph';

interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where a box lies; units are px at the picture's own size. */
export interface PlacedBox extends Omit<Box, 'boxes'>, Rect {
  hasBoxes: boolean;
  /** Where its words stand: all of it, or, where boxes lie inside, a place that no arrow crosses. */
  head: Rect;
}

export interface PlacedLine extends Line {
  points: { x: number; y: number }[];
  /** Null where the picture is too narrow for words. */
  label: (Rect & { text: string }) | null;
}

/** A picture of a machine, outer boxes first; JSON, so that it can be made ahead of time and kept. */
export interface Layout {
  machine: string;
  width: number;
  height: number;
  boxes: PlacedBox[];
  lines: PlacedLine[];
  /** Arrows from the words of a box to the box inside that is entered first. */
  initials: { x: number; y: number }[][];
}

/** For the room that there is: words at the arrows only where they fit. */
export type Shape = 'wide' | 'narrow';
/** The outermost states alone, or all. */
export type Detail = 'overview' | 'full';

export const SHAPES: readonly Shape[] = ['wide', 'narrow'];
export const DETAILS: readonly Detail[] = ['overview', 'full'];

/** Widths of an average character in a common sans-serif; what is wider all the same is squeezed when it is drawn. */
export const METRICS = {
  nameHeight: 30,
  nameChar: 8,
  rowHeight: 16,
  rowChar: 5.6,
  labelChar: 5.7,
  labelHeight: 15,
  clockWidth: 13,
  padding: 9,
  minWidth: 88,
  /** What the count of attempts needs beside a name: `2/3`. */
  badgeWidth: 30,
  /** What a countdown needs beside its name: `88.8 s`. */
  countdownWidth: 40,
} as const;

const isDelay = (event: string): boolean => event.startsWith('after ');

/** The first event stands for all; the others are told when the arrow is pointed at. A delay is named in the box already. */
export function labelOf({ events }: Line): string {
  const first = events.find((event) => !isDelay(event)) ?? events[0] ?? '';
  return events.length > 1 ? `${first} +${events.length - 1}` : first;
}

/** Shown as a clock before the label. */
export const isTimed = ({ events }: Line): boolean => events.some(isDelay);

export const otherwiseText = (box: Pick<Box, 'otherwise'>): string =>
  box.otherwise.length > 0 ? `else ${box.otherwise.join(', ')}` : '';

export const comesFromText = (box: Pick<Box, 'comesFrom'>): string =>
  box.comesFrom.length > 0 ? `from ${box.comesFrom.length} states` : '';

/** Rows below the name: the state inside, the delays, the remarks. */
export const rowsOf = (box: Omit<Box, 'boxes'>): number =>
  Number(box.folded > 0) +
  box.mostDelays +
  Number(box.otherwise.length > 0) +
  Number(box.comesFrom.length > 0);

/** Tries many orders of boxes and arrows: a picture is laid out once and looked at for hours. */
const THOROUGHNESS = '10';

const SPACING: Record<'right' | 'down', LayoutOptions> = {
  right: {
    'elk.layered.spacing.nodeNodeBetweenLayers': '16',
    'elk.layered.spacing.edgeNodeBetweenLayers': '9',
    'elk.spacing.nodeNode': '14',
    'elk.spacing.edgeNode': '10',
  },
  down: {
    'elk.layered.spacing.nodeNodeBetweenLayers': '18',
    'elk.layered.spacing.edgeNodeBetweenLayers': '10',
    'elk.spacing.nodeNode': '14',
    'elk.spacing.edgeNode': '10',
  },
};

/** What elk is asked: from left to right where that fits, else from top to bottom. */
export function toElk(graph: Graph, shape: Shape, detail: Detail): ElkNode {
  const direction = shape === 'wide' && detail === 'overview' ? 'right' : 'down';
  return {
    id: graph.machine,
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': direction === 'right' ? 'RIGHT' : 'DOWN',
      'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
      'elk.edgeRouting': 'ORTHOGONAL',
      'elk.json.edgeCoords': 'ROOT',
      'elk.json.shapeCoords': 'ROOT',
      'elk.padding': '[top=4,left=4,bottom=4,right=4]',
      'elk.spacing.edgeEdge': '9',
      'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
      'elk.spacing.edgeLabel': '2',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.layered.cycleBreaking.strategy': 'MODEL_ORDER',
      'elk.layered.thoroughness': THOROUGHNESS,
      ...SPACING[direction],
    },
    children: graph.boxes.map((box) => ({ ...toElkNode(box), ...atTheEnds(box) })),
    edges: graph.lines.map((line) => toElkEdge(line, shape)),
  };
}

/** Where a life begins and ends. A box with boxes inside has options of its own, and is neither. */
function atTheEnds({ isInitial, isFinal, boxes }: Box): Partial<ElkNode> {
  if (boxes.length > 0 || (!isInitial && !isFinal)) return {};
  return { layoutOptions: isInitial ? FIRST : LAST };
}

const FIRST: LayoutOptions = { 'elk.layered.layering.layerConstraint': 'FIRST' };
const LAST: LayoutOptions = { 'elk.layered.layering.layerConstraint': 'LAST' };
const headId = (id: string): string => `${id}#head`;
const initialId = (id: string): string => `${id}#initial`;

function toElkNode(box: Box): ElkNode {
  const { rowHeight, nameHeight, padding } = METRICS;
  const width = widthOf(box);
  const height = nameHeight + rowsOf(box) * rowHeight + (rowsOf(box) > 0 ? 6 : 4);
  if (box.boxes.length === 0) return { id: box.id, width, height };
  const head = { id: headId(box.id), width, height: height - 4, layoutOptions: FIRST };
  const initial = { id: initialId(box.id), sources: [head.id], targets: [box.initial ?? box.id] };
  return {
    id: box.id,
    layoutOptions: { 'elk.padding': `[top=2,left=${padding},bottom=${padding},right=${padding}]` },
    children: [head, ...box.boxes.map((inner) => toElkNode(inner))],
    edges: [initial],
  };
}

function widthOf(box: Box): number {
  const { nameChar, rowChar, padding, minWidth, countdownWidth, badgeWidth } = METRICS;
  const rows = [
    ...box.delays.map((name) => name.length * rowChar + countdownWidth),
    otherwiseText(box).length * rowChar,
    comesFromText(box).length * rowChar,
  ];
  return Math.ceil(
    Math.max(
      minWidth,
      box.key.length * nameChar + 2 * padding + (box.delays.length > 0 ? badgeWidth : 0),
      ...rows.map((row) => row + 2 * padding),
    ),
  );
}

function toElkEdge(line: Line, shape: Shape): ElkExtendedEdge {
  const text = labelOf(line);
  const size = {
    width: Math.ceil(text.length * METRICS.labelChar) + (isTimed(line) ? METRICS.clockWidth : 0) + 6,
    height: METRICS.labelHeight,
  };
  return {
    id: line.id,
    sources: [line.source],
    targets: [line.target],
    labels: shape === 'wide' ? [{ text, ...size }] : [],
  };
}

/** What elk answered. */
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

const pointsOf = (edge: ElkExtendedEdge | undefined): { x: number; y: number }[] =>
  (edge?.sections ?? [])
    .flatMap(({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint])
    .map(({ x, y }) => ({ x, y }));

function placeLine(line: Line, edge: ElkExtendedEdge | undefined): PlacedLine {
  const [label] = edge?.labels ?? [];
  const { x = 0, y = 0, width = 0, height = 0, text = '' } = label ?? {};
  return { ...line, points: pointsOf(edge), label: label ? { text, x, y, width, height } : null };
}

/** Names what elk was asked: another machine, and other measures, make another key. */
export function layoutKey(graph: Graph, detail: Detail, shape: Shape): string {
  const text = JSON.stringify(toElk(graph, shape, detail));
  // FNV-1a; tells two questions apart, and is no secret.
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return `${hash.toString(16)}-${text.length}`;
}
