export interface Point {
  x: number;
  y: number;
}

/** Radius of rounded bends, in px. */
const RADIUS = 5;

/** A path through the points with rounded bends. */
export function roundedPath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const parts = [`M ${at(first)}`];
  rest.forEach((point, index) => {
    const before = points[index] ?? first;
    const after = rest[index + 1];
    if (!after) parts.push(`L ${at(point)}`);
    else parts.push(`L ${at(towards(point, before))} Q ${at(point)} ${at(towards(point, after))}`);
  });
  return parts.join(' ');
}

const at = ({ x, y }: Point): string => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;

/** The point that is one radius from `from` in the direction of `to`, at most half way. */
function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(RADIUS, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

const HEAD_LENGTH = 7;
const HEAD_WIDTH = 6;

/** The head of an arrow that ends at the last point. Not an SVG marker, because markers do not take the colour of their line in every browser. */
export function headPath(points: readonly Point[]): string {
  const [end, before] = [points.at(-1), points.at(-2)];
  if (!end || !before) return '';
  const length = Math.hypot(end.x - before.x, end.y - before.y) || 1;
  const [dx, dy] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const foot = { x: end.x - dx * HEAD_LENGTH, y: end.y - dy * HEAD_LENGTH };
  const half = HEAD_WIDTH / 2;
  const [left, right] = [
    { x: foot.x - dy * half, y: foot.y + dx * half },
    { x: foot.x + dy * half, y: foot.y - dx * half },
  ];
  return `M ${at(left)} L ${at(end)} L ${at(right)} z`;
}
