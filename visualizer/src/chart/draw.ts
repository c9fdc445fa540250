import { setAttribute, setText, svg } from '../dom';
import type { Countdown } from '../model/scene';
import { countOf, type Tone } from '../model/words';
import {
  comesFromText,
  isTimed,
  type Layout,
  METRICS,
  otherwiseText,
  type PlacedBox,
  type PlacedLine,
} from './layout';
import { headPath, type Point, roundedPath } from './route';

/** What lights up in the picture. */
export interface Highlight {
  /** Path of the innermost state; empty for none. */
  path: string;
  tone: Tone;
  /** Ends of the arrow taken last, as they are drawn. */
  taken: { source: string; target: string } | null;
  countdowns: readonly Countdown[];
  /** Counted attempts, beside the name of the live state; null hides them. */
  attempts: string | null;
  picked: string | null;
}

export interface Drawing {
  element: SVGSVGElement;
  update(highlight: Highlight): void;
}

interface DrawOptions {
  /** In ms; null where a delay depends on an attempt's plan. */
  delays: Readonly<Record<string, number | null>>;
  /** A box by its path, an arrow by its id. */
  onPick: (id: string) => void;
}

interface DrawnBox {
  box: PlacedBox;
  group: SVGGElement;
  inner: SVGTextElement | null;
  badge: SVGTextElement;
  rows: { name: SVGTextElement; left: SVGTextElement; bar: SVGRectElement }[];
}

export const secondsOf = (ms: number): string =>
  ms >= 10_000 ? `${Math.round(ms / 1_000)} s` : `${(ms / 1_000).toFixed(1)} s`;

/** Draws a layout once; what is alight is set as often as wanted. */
export function drawChart(layout: Layout, options: DrawOptions): Drawing {
  const lines = layout.lines.map((line) => ({ line, group: drawLine(line, options) }));
  const boxes = layout.boxes.map((box) => drawBox(box, options));
  const leap = { stroke: svg('path', { class: 'stroke' }), head: svg('path', { class: 'head' }) };
  const element = svg(
    'svg',
    {
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      role: 'group',
      'aria-label': `The machine ${layout.machine}`,
    },
    // Outer boxes lie below the arrows into them; the words of a box above all.
    ...boxes.filter(({ box }) => box.hasBoxes).map(({ group }) => group),
    ...layout.initials.map((points) =>
      svg(
        'g',
        { class: 'initial' },
        svg('path', { class: 'stroke', d: roundedPath(points) }),
        drawHead(points),
      ),
    ),
    ...lines.map(({ group }) => group),
    svg('g', { class: 'leap' }, leap.stroke, leap.head),
    ...boxes.filter(({ box }) => !box.hasBoxes).map(({ group }) => group),
  );
  const update = (highlight: Highlight): void => {
    for (const drawn of boxes) updateBox(drawn, highlight, options);
    for (const { line, group } of lines) setAttribute(group, 'class', lineClass(line, highlight));
    updateLeap(leap, layout, highlight);
  };
  return { element, update };
}

/** Squeezes what a wider font than expected would push over its edge. The drawing must be in the page. */
export function fitTexts(drawing: Drawing): void {
  for (const text of drawing.element.querySelectorAll<SVGTextElement>('text[data-room]')) {
    const room = Number(text.dataset.room);
    if (text.getComputedTextLength() <= room) continue;
    text.setAttribute('textLength', String(room));
    text.setAttribute('lengthAdjust', 'spacingAndGlyphs');
  }
}

/** Can be reached by keyboard, and says what it is. */
const pickable = (id: string, label: string, { onPick }: DrawOptions) => ({
  'data-id': id,
  tabindex: 0,
  role: 'button',
  'aria-label': label,
  click: () => onPick(id),
  keydown: (event: Event) => {
    if (!(event instanceof KeyboardEvent) || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    event.stopPropagation();
    onPick(id);
  },
});

function drawLine(line: PlacedLine, options: DrawOptions): SVGGElement {
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

const drawHead = (points: readonly Point[]): SVGPathElement =>
  svg('path', { class: 'head', d: headPath(points) });

/** The sign of a delay. */
const drawClock = (x: number, y: number): SVGGElement =>
  svg(
    'g',
    { class: 'clock', 'aria-hidden': 'true' },
    svg('circle', { cx: x, cy: y, r: 4.5 }),
    svg('path', { d: `M ${x} ${y - 2.6} L ${x} ${y} L ${x + 2} ${y + 1.2}` }),
  );

function drawBox(box: PlacedBox, options: DrawOptions): DrawnBox {
  const { padding, rowHeight, nameHeight, badgeWidth } = METRICS;
  const { x, y, width } = box.head;
  const [left, right, room] = [x + padding, x + width - padding, width - 2 * padding];
  let baseline = y + nameHeight + 9;
  const next = (): number => {
    const here = baseline;
    baseline += rowHeight;
    return here;
  };
  const text = (className: string, content = '', attributes = {}) =>
    svg('text', { class: className, x: left, y: next(), 'data-room': room, ...attributes }, content);
  const badge = svg('text', { class: 'badge', x: right, y: y + 20, 'text-anchor': 'end' });
  const inner = box.folded > 0 ? text('inner') : null;
  const rows = Array.from({ length: box.mostDelays }, () => {
    const row = next();
    return {
      name: svg('text', { class: 'delay', x: left, y: row, 'data-room': room - METRICS.countdownWidth }),
      left: svg('text', { class: 'delay left', x: right, y: row, 'text-anchor': 'end' }),
      bar: svg('rect', { class: 'bar', x: left, y: row + 2.5, height: 1.5, width: 0 }),
    };
  });
  const remarks = [otherwiseText(box), comesFromText(box)].filter((remark) => remark !== '');
  const group = svg(
    'g',
    { class: 'box', ...pickable(box.id, `state ${box.id.replaceAll('.', ', ')}`, options) },
    svg('title', {}, titleOf(box)),
    svg('rect', { class: 'frame', x: box.x, y: box.y, width: box.width, height: box.height, rx: 7 }),
    svg('text', { class: 'name', x: left, y: y + 20, 'data-room': room - badgeWidth + 12 }, box.key),
    badge,
    inner,
    ...rows.flatMap(({ name, left: rest, bar }) => [name, rest, bar]),
    ...remarks.map((remark) => text('remark', remark)),
  );
  return { box, group, inner, badge, rows };
}

const titleOf = ({ id, otherwise, comesFrom }: PlacedBox): string =>
  [
    id,
    otherwise.length > 0 && `where a guard refuses, on to ${otherwise.join(', ')}`,
    comesFrom.length > 0 && `reached from ${comesFrom.join(', ')}`,
  ]
    .filter((part) => part !== false)
    .join('; ');

const isIn = (path: string, id: string): boolean => path === id || path.startsWith(`${id}.`);

function updateBox(
  { box, group, inner, badge, rows }: DrawnBox,
  highlight: Highlight,
  { delays }: DrawOptions,
): void {
  const { path, tone, attempts, countdowns, picked, taken } = highlight;
  const isLive = isIn(path, box.id);
  const names = ['box', isLive && 'live', box.hasBoxes && 'outer', picked === box.id && 'picked'];
  if (taken?.source === box.id && box.otherwise.includes(taken.target)) names.push('turned');
  setAttribute(group, 'class', names.filter(Boolean).join(' '));
  setAttribute(group, 'data-tone', isLive ? tone : '');
  setText(
    badge,
    isLive && !path.slice(box.id.length).includes('.') === !box.hasBoxes ? (attempts ?? '') : '',
  );
  if (inner) setText(inner, isLive ? insideOf(path, box) : `${countOf(box.folded, 'state')} inside`);
  const running = countdowns.filter(
    ({ state }) => state === box.id || (box.folded > 0 && isIn(state, box.id)),
  );
  const idle = isLive ? [] : box.delays;
  rows.forEach(({ name, left, bar }, index) => {
    const timer = running[index];
    const declared = idle[index];
    setText(name, timer?.name ?? declared ?? '');
    const ofMs = declared === undefined ? null : (delays[declared] ?? null);
    setText(left, timer ? secondsOf(timer.remainingMs) : ofMs === null ? '' : secondsOf(ofMs));
    const share = timer && timer.ofMs > 0 ? timer.remainingMs / timer.ofMs : 0;
    setAttribute(bar, 'width', String(Math.round((box.head.width - 2 * METRICS.padding) * share)));
  });
}

const insideOf = (path: string, { id }: PlacedBox): string =>
  path === id ? '' : path.slice(id.length + 1).replaceAll('.', ' · ');

function lineClass(line: PlacedLine, { path, taken, picked }: Highlight): string {
  const isTaken = taken?.source === line.source && taken.target === line.target;
  const isOpen = isIn(path, line.source);
  return ['line', isTaken && 'taken', isOpen && 'open', picked === line.id && 'picked']
    .filter(Boolean)
    .join(' ');
}

/** An arrow that no line stands for, to `closed` say, is drawn when it is taken. */
function updateLeap(
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

/** From below a box to the near side of another, round what lies between. */
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
