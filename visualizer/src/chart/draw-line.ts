import { setAttribute, svg } from '../dom';
import { type DrawOptions, type Highlight, isIn, pickable } from './highlight';
import { isTimed, type Layout, METRICS, type PlacedBox, type PlacedLine } from './layout';
import { headPath, type Point, roundedPath } from './route';

export function drawLine(line: PlacedLine, options: DrawOptions): SVGGElement {
  const { id, source, target, events, points, label } = line;
  const d = roundedPath(points);
  const text = `${source} to ${target}: ${events.join(', ')}`;
  const clock = label && isTimed(line) ? METRICS.clockWidth : 0;
  return svg(
    'g',
    { class: 'line', ...pickable(id, text, options) },
    svg('title', {}, text),
    svg('path', { class: 'hit', d }),
    svg('path', { class: 'stroke', d }),
    drawHead(points),
    label && clock > 0 && drawClock(label.x + 8, label.y + label.height / 2),
    label &&
      svg(
        'text',
        { class: 'label', x: label.x + 3 + clock, y: label.y + 11.5, 'data-room': label.width - 6 - clock },
        label.text,
      ),
  );
}

export const drawHead = (points: readonly Point[]): SVGPathElement =>
  svg('path', { class: 'head', d: headPath(points) });

/** The icon for a delay. */
const drawClock = (x: number, y: number): SVGGElement =>
  svg(
    'g',
    { class: 'clock', 'aria-hidden': 'true' },
    svg('circle', { cx: x, cy: y, r: 4.5 }),
    svg('path', { d: `M ${x} ${y - 2.6} L ${x} ${y} L ${x + 2} ${y + 1.2}` }),
  );

export function lineClass(line: PlacedLine, { path, taken, picked }: Highlight): string {
  const isTaken = taken?.source === line.source && taken.target === line.target;
  const isOpen = isIn(path, line.source);
  return ['line', isTaken && 'taken', isOpen && 'open', picked === line.id && 'picked']
    .filter(Boolean)
    .join(' ');
}

/** Draws a taken arrow that has no line of its own, for example to `closed`. */
export function updateLeap(
  { stroke, head }: { stroke: SVGPathElement; head: SVGPathElement },
  layout: Layout,
  { taken }: Highlight,
): void {
  const boxOf = (id: string | undefined) => layout.boxes.find((box) => box.id === id);
  const [source, target] = [boxOf(taken?.source), boxOf(taken?.target)];
  const hasLine = layout.lines.some((line) => line.source === taken?.source && line.target === taken?.target);
  const points = source && target && source !== target && !hasLine ? leapBetween(source, target) : [];
  const [from, bend, to] = points;
  setAttribute(
    stroke,
    'd',
    from && bend && to ? `M ${from.x} ${from.y} Q ${bend.x} ${bend.y} ${to.x} ${to.y}` : '',
  );
  setAttribute(head, 'd', headPath(points));
}

/** From the bottom of a box to the near side of another, around what lies between. */
function leapBetween(source: PlacedBox, target: PlacedBox): Point[] {
  const from = { x: source.x + source.width / 2, y: source.y + source.height };
  if (target.y > from.y) {
    const to = { x: target.x + target.width / 2, y: target.y };
    return [from, { x: to.x, y: from.y }, to];
  }
  const isRight = target.x > from.x;
  const to = { x: isRight ? target.x : target.x + target.width, y: target.y + target.height / 2 };
  return [from, { x: from.x, y: to.y + 24 }, to];
}
