import type { ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs/lib/elk-api';
import type { Box, Graph, Line } from './graph';
import {
  comesFromText,
  type Detail,
  isTimed,
  labelOf,
  METRICS,
  otherwiseText,
  rowsOf,
  type Shape,
} from './layout';

/** Tries many orders of boxes and arrows, because a chart is laid out once and looked at for hours. */
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

/** The input for elk: from left to right if that fits, otherwise from top to bottom. */
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

/** Places the initial state first and the final state last. Does not apply to a box with nested boxes, which has its own options. */
function atTheEnds({ isInitial, isFinal, boxes }: Box): Partial<ElkNode> {
  if (boxes.length > 0 || (!isInitial && !isFinal)) return {};
  return { layoutOptions: isInitial ? FIRST : LAST };
}

const FIRST: LayoutOptions = { 'elk.layered.layering.layerConstraint': 'FIRST' };
const LAST: LayoutOptions = { 'elk.layered.layering.layerConstraint': 'LAST' };
export const headId = (id: string): string => `${id}#head`;
export const initialId = (id: string): string => `${id}#initial`;

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

/** A key of elk's input: another machine or other metrics give another key. */
export function layoutKey(graph: Graph, detail: Detail, shape: Shape): string {
  const text = JSON.stringify(toElk(graph, shape, detail));
  // FNV-1a is enough to tell inputs apart.
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return `${hash.toString(16)}-${text.length}`;
}
