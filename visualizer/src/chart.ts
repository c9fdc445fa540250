import type { Arrow, Graph } from './graph';
import { centerOf, type Layout, pathBetween } from './layout';

const SVG = 'http://www.w3.org/2000/svg';
/** Every state but itself leads there; one arrow says so. */
const END = 'closed';

function element(name: string, attributes: Record<string, string | number>, ...children: (Node | string)[]) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

export interface Highlight {
  path: readonly string[];
  arrow: { from: string; to: string } | null;
}

/** Draws the graph into `svg`, and again when the layout changes. @returns what shows the live state. */
export function drawChart(svg: SVGElement, graph: Graph, layout: Layout): (highlight: Highlight) => void {
  const arrows = graph.arrows.filter(({ to }) => to !== END);
  const toEnd = graph.arrows.filter(({ to }) => to === END);
  svg.setAttribute('viewBox', `0 0 ${layout.width} ${layout.height}`);
  const drawn = arrows.map((arrow) => ({ arrow, node: drawArrow(arrow, arrows, layout) }));
  const end = drawEnd(toEnd, layout);
  const boxes = graph.states.map((state) => ({ state, ...drawBox(state, layout) }));
  svg.replaceChildren(arrowhead(), ...drawn.map(({ node }) => node), end, ...boxes.map(({ node }) => node));

  return ({ path, arrow: taken }) => {
    const [live = '', ...nested] = path;
    svg.setAttribute('aria-label', `The connection machine, in ${path.join(', ')}`);
    for (const { state, node, inner } of boxes) {
      node.setAttribute(
        'class',
        `state ${state}${state === live ? ' live' : ''}${state === live && nested.length > 0 ? ' nested' : ''}`,
      );
      inner.textContent = state === live ? nested.join(' · ') : '';
    }
    for (const { arrow, node } of drawn) {
      const isTaken = arrow.from === taken?.from && arrow.to === taken.to;
      node.setAttribute('class', `arrow${isTaken ? ' taken' : arrow.from === live ? ' open' : ''}`);
    }
    end.setAttribute('class', `arrow end${taken?.to === END ? ' taken' : ''}`);
  };
}

const arrowhead = () =>
  element(
    'marker',
    {
      id: 'head',
      viewBox: '0 0 10 10',
      refX: 8,
      refY: 5,
      markerWidth: 6.5,
      markerHeight: 6.5,
      orient: 'auto',
    },
    element('path', { d: 'M 0 0 L 10 5 L 0 10 z', fill: 'context-stroke' }),
  );

function drawArrow({ from, to, events }: Arrow, all: readonly Arrow[], layout: Layout): SVGElement {
  const hasReverse = all.some((other) => other.from === to && other.to === from);
  const d = pathBetween(from, to, hasReverse, layout);
  const title = element('title', {}, `${from} → ${to}: ${events.join(', ')}`);
  return element(
    'g',
    { class: 'arrow' },
    title,
    element('path', { class: 'hit', d }),
    element('path', { class: 'line', d, 'marker-end': 'url(#head)' }),
  );
}

function drawEnd(arrows: readonly Arrow[], layout: Layout): SVGElement {
  const { x, y } = centerOf(END, layout);
  const top = y - layout.box.height / 2 - 3;
  const events = [...new Set(arrows.flatMap((arrow) => arrow.events))];
  return element(
    'g',
    { class: 'arrow end' },
    element('title', {}, `${arrows.map(({ from }) => from).join(', ')} → ${END}: ${events.join(', ')}`),
    element('path', { class: 'line', d: `M ${x} ${top - 40} L ${x} ${top}`, 'marker-end': 'url(#head)' }),
    element('text', { x, y: top - 48, 'text-anchor': 'middle' }, 'from every state'),
  );
}

function drawBox(state: string, layout: Layout) {
  const { x, y } = centerOf(state, layout);
  const { width, height } = layout.box;
  const rect = { x: x - width / 2, y: y - height / 2, width, height, rx: 10 };
  const inner = element('text', { class: 'inner', x, y: y + 16, 'text-anchor': 'middle' });
  const name = element('text', { class: 'name', x, y: y + 5, 'text-anchor': 'middle' }, state);
  return { node: element('g', { class: 'state' }, element('rect', rect), name, inner), inner };
}
