/** Where the chart's boxes and arrows lie; by hand, since seven states have one good order: left to right, then down. */
export interface Layout {
  width: number;
  height: number;
  box: { width: number; height: number };
  columns: readonly number[];
  rows: readonly number[];
}

/** Units of the SVG, about a pixel each. */
export const WIDE: Layout = {
  width: 720,
  height: 376,
  box: { width: 150, height: 60 },
  columns: [92, 360, 616],
  rows: [40, 186, 332],
};
export const NARROW: Layout = {
  width: 384,
  height: 296,
  box: { width: 106, height: 50 },
  columns: [54, 182, 312],
  rows: [30, 148, 266],
};

/** Column and row of each state. */
const CELLS: Record<string, readonly [column: number, row: number]> = {
  new: [0, 0],
  checking: [1, 0],
  connected: [2, 0],
  restarting: [1, 1],
  disconnected: [2, 1],
  failed: [1, 2],
  closed: [0, 2],
};

/** Two arrows between the same boxes run side by side, this far from the middle. */
const PAIR_OFFSET = 8;
const GAP = 3;

export interface Point {
  x: number;
  y: number;
}

export function centerOf(state: string, { columns, rows }: Layout): Point {
  const [column, row] = CELLS[state] ?? [0, 1];
  return { x: columns[column] ?? 0, y: rows[row] ?? 0 };
}

/** The point where the way from `from` to the middle of the box at `to` meets the box. */
function meet(from: Point, to: Point, { box }: Layout): Point {
  const [dx, dy] = [from.x - to.x, from.y - to.y];
  const scale = Math.min(
    (box.width / 2 + GAP) / Math.max(Math.abs(dx), 1e-6),
    (box.height / 2 + GAP) / Math.max(Math.abs(dy), 1e-6),
  );
  return { x: to.x + dx * scale, y: to.y + dy * scale };
}

const line = (...points: Point[]) =>
  `M ${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join(' L ')}`;
const curve = (from: Point, c1: Point, c2: Point, to: Point) =>
  `${line(from)} C ${[c1, c2, to].map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join(', ')}`;

/** Left of `restarting`, which stands between the two. */
function besideRestarting(start: Point, end: Point, { box }: Layout, isUpward: boolean): string {
  const direction = isUpward ? -1 : 1;
  const shift = box.width * (isUpward ? 0.44 : 0.3);
  const lane = shift + box.width * 0.5;
  const half = box.height / 2 + GAP;
  const reach = box.height * 1.1;
  return curve(
    { x: start.x - shift, y: start.y + direction * half },
    { x: start.x - lane, y: start.y + direction * (half + reach) },
    { x: end.x - lane, y: end.y - direction * (half + reach) },
    { x: end.x - shift, y: end.y - direction * half },
  );
}

/** Right of `disconnected`, into the right side of `failed`. */
function aroundDisconnected(start: Point, end: Point, { box }: Layout): string {
  return curve(
    { x: start.x + box.width * 0.42, y: start.y + box.height / 2 + GAP },
    { x: start.x + box.width * 0.95, y: (start.y + end.y) / 2 },
    { x: start.x + box.width * 0.5, y: end.y + box.height * 0.12 },
    { x: end.x + box.width / 2 + GAP, y: end.y + box.height * 0.12 },
  );
}

/** The path of an arrow as SVG has it. `hasReverse`: another one runs the other way. */
export function pathBetween(from: string, to: string, hasReverse: boolean, layout: Layout): string {
  const [start, end] = [centerOf(from, layout), centerOf(to, layout)];
  const key = `${from} ${to}`;
  if (key === 'checking failed') return besideRestarting(start, end, layout, false);
  if (key === 'failed checking') return besideRestarting(start, end, layout, true);
  if (key === 'connected failed') return aroundDisconnected(start, end, layout);
  const length = Math.hypot(end.x - start.x, end.y - start.y) || 1;
  const offset = hasReverse ? PAIR_OFFSET : 0;
  const shift = { x: (-(end.y - start.y) / length) * offset, y: ((end.x - start.x) / length) * offset };
  const moved = (point: Point) => ({ x: point.x + shift.x, y: point.y + shift.y });
  return line(moved(meet(end, start, layout)), moved(meet(start, end, layout)));
}
