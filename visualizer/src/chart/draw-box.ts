import { setAttribute, setText, svg } from '../dom';
import { countOf } from '../model/words';
import { write } from './fit-text';
import { type DrawOptions, type Highlight, isIn, pickable } from './highlight';
import { comesFromText, METRICS, otherwiseText, type PlacedBox } from './layout';

export interface DrawnBox {
  box: PlacedBox;
  group: SVGGElement;
  inner: SVGTextElement | null;
  badge: SVGTextElement;
  rows: { name: SVGTextElement; left: SVGTextElement; bar: SVGRectElement }[];
}

const secondsOf = (ms: number): string =>
  ms >= 10_000 ? `${Math.round(ms / 1_000)} s` : `${(ms / 1_000).toFixed(1)} s`;

export function drawBox(box: PlacedBox, options: DrawOptions): DrawnBox {
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
  const rows = Array.from({ length: box.maxDelays }, () => {
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
    otherwise.length > 0 && `if no guard passes, on to ${otherwise.join(', ')}`,
    comesFrom.length > 0 && `reached from ${comesFrom.join(', ')}`,
  ]
    .filter((part) => part !== false)
    .join('; ');

export function updateBox(
  { box, group, inner, badge, rows }: DrawnBox,
  highlight: Highlight,
  { delays }: DrawOptions,
): void {
  const { path, tone, attempts, countdowns, picked, taken } = highlight;
  const isLive = isIn(path, box.id);
  const names = ['box', isLive && 'live', box.hasBoxes && 'outer', picked === box.id && 'picked'];
  if (taken?.source === box.id && box.otherwise.includes(taken.target)) names.push('turned');
  setAttribute(group, 'class', names.filter(Boolean).join(' '));
  setAttribute(group, 'aria-current', String(isLive));
  setAttribute(group, 'aria-expanded', String(picked === box.id));
  setAttribute(group, 'data-tone', isLive ? tone : '');
  setText(
    badge,
    isLive && !path.slice(box.id.length).includes('.') === !box.hasBoxes ? (attempts ?? '') : '',
  );
  if (inner) write(inner, isLive ? insideOf(path, box) : countOf(box.folded, 'nested state'));
  const running = countdowns.filter(
    ({ state }) => state === box.id || (box.folded > 0 && isIn(state, box.id)),
  );
  const idle = isLive ? [] : box.delays;
  rows.forEach(({ name, left, bar }, index) => {
    const timer = running[index];
    const declared = idle[index];
    write(name, timer?.name ?? declared ?? '');
    const ofMs = declared === undefined ? null : (delays[declared] ?? null);
    setText(left, timer ? secondsOf(timer.remainingMs) : ofMs === null ? '' : secondsOf(ofMs));
    const share = timer && timer.ofMs > 0 ? timer.remainingMs / timer.ofMs : 0;
    setAttribute(bar, 'width', String(Math.round((box.head.width - 2 * METRICS.padding) * share)));
  });
}

const insideOf = (path: string, { id }: PlacedBox): string =>
  path === id ? '' : path.slice(id.length + 1).replaceAll('.', ' · ');
