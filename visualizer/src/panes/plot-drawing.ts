import type uPlot from 'uplot';
import type { Span } from '../model/history';
import type { PlotColumns } from '../model/samples';
import { clockOf, durationInWords } from '../model/words';

const FONT = 'Roboto, "Liberation Sans", "DejaVu Sans Condensed", system-ui, sans-serif';
const STRIP_HEIGHT = 7;
/** Gap between the bottom of the plot and the strip, which would otherwise hide a short round trip. */
const STRIP_GAP = 2;

/** What a plot shows. */
export interface Shown {
  columns: PlotColumns;
  spans: readonly Span[];
  fromMs: number;
  toMs: number;
}

/** Worse quality is higher, so that it can be told without colours. */
const QUALITY = {
  good: { colour: 'good', height: 3 },
  warning: { colour: 'warn', height: 5 },
  critical: { colour: 'bad', height: STRIP_HEIGHT },
  unknown: null,
} as const;

/** States in which, as far as known, no data flows. */
const WASHES: Readonly<Record<string, 'warn-wash' | 'bad-wash'>> = {
  disconnected: 'warn-wash',
  restarting: 'warn-wash',
  failed: 'bad-wash',
};

type Colour =
  | 'muted'
  | 'hairline'
  | 'accent'
  | 'good'
  | 'warn'
  | 'bad'
  | 'warn-wash'
  | 'bad-wash'
  | 'loss-fill';

export type Palette = Record<Colour, string>;

/** The colours of the theme. The style sheet registers them as properties, so that they are resolved here. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const of = (name: Colour) => style.getPropertyValue(`--${name}`).trim();
  return {
    muted: of('muted'),
    hairline: of('hairline'),
    accent: of('accent'),
    good: of('good'),
    warn: of('warn'),
    bad: of('bad'),
    'warn-wash': of('warn-wash'),
    'bad-wash': of('bad-wash'),
    'loss-fill': of('loss-fill'),
  };
}

/** The constant options of the plot. `palette` is called with each drawing. */
export function plotOptions(
  height: number,
  palette: () => Palette,
  hooks: uPlot.Options['hooks'],
): uPlot.Options {
  const axis = (scale: string, rest: uPlot.Axis): uPlot.Axis => ({
    scale,
    stroke: () => palette().muted,
    grid: { stroke: () => palette().hairline, width: 1 },
    ticks: { show: false },
    font: `11px ${FONT}`,
    ...rest,
  });
  return {
    width: 400,
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: { x: { time: true, auto: false }, rtt: { auto: false }, loss: { auto: false } },
    axes: [
      axis('x', {
        size: 30,
        gap: STRIP_GAP + STRIP_HEIGHT + 4,
        values: (_, ticks) => ticks.map((tick) => clockOf(tick * 1_000, false)),
      }),
      axis('rtt', { size: 56, values: (_, ticks) => ticks.map((tick) => `${tick} ms`) }),
      axis('loss', {
        size: 46,
        side: 1,
        grid: { show: false },
        values: (_, ticks) => ticks.map((tick) => `${tick} %`),
      }),
    ],
    series: [
      {},
      { scale: 'rtt', stroke: () => palette().accent, width: 1.5, points: { show: false } },
      {
        scale: 'loss',
        stroke: () => palette().bad,
        fill: () => palette()['loss-fill'],
        width: 1,
        points: { show: false },
      },
    ],
    hooks: hooks ?? {},
  };
}

/** The area of a time without data, in px of the canvas. */
interface Shade {
  left: number;
  width: number;
  wash: string;
  text: string;
}

function shadesOf(plot: uPlot, { spans, fromMs: firstMs, toMs: lastMs }: Shown, palette: Palette): Shade[] {
  const { bbox } = plot;
  const xOf = (ms: number) =>
    Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(ms / 1_000, 'x', true)));
  return spans.flatMap(({ state, fromMs, toMs }) => {
    const wash = WASHES[state];
    const end = toMs ?? lastMs;
    if (wash === undefined || end < firstMs || fromMs > lastMs) return [];
    const left = xOf(fromMs);
    const width = Math.max(devicePixelRatio, xOf(end) - left);
    return [{ left, width, wash: palette[wash], text: `${state} ${durationInWords(end - fromMs)}` }];
  });
}

/** Shades the times without data in the background. */
export function shade(plot: uPlot, shown: Shown, palette: Palette): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { left, width, wash } of shadesOf(plot, shown, palette)) {
    ctx.fillStyle = wash;
    ctx.fillRect(left, bbox.top, width, bbox.height);
  }
  ctx.restore();
}

/** Labels each shaded area if there is room, and hides the grid behind the text. */
export function nameShades(plot: uPlot, shown: Shown, palette: Palette): void {
  const { ctx, bbox } = plot;
  const px = devicePixelRatio;
  ctx.save();
  ctx.font = `${11 * px}px ${FONT}`;
  for (const { left, width, wash, text } of shadesOf(plot, shown, palette)) {
    const room = ctx.measureText(text).width + 8 * px;
    if (room > width) continue;
    ctx.fillStyle = wash;
    ctx.fillRect(left, bbox.top + 3 * px, room, 14 * px);
    ctx.fillStyle = palette.muted;
    ctx.fillText(text, left + 4 * px, bbox.top + 13 * px);
  }
  ctx.restore();
}

/** Draws the quality as a strip below the plot. */
export function drawStrip(plot: uPlot, { columns }: Shown, palette: Palette): void {
  const { ctx, bbox } = plot;
  const { times, quality } = columns;
  const foot = bbox.top + bbox.height + (STRIP_GAP + STRIP_HEIGHT) * devicePixelRatio;
  const xOf = (s: number) =>
    Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(s, 'x', true)));
  ctx.save();
  times.forEach((time, index) => {
    const look = QUALITY[quality[index] ?? 'unknown'];
    if (look === null || index === 0) return;
    const height = look.height * devicePixelRatio;
    const [left, right] = [Math.floor(xOf(times[index - 1] ?? time)), Math.ceil(xOf(time))];
    ctx.fillStyle = palette[look.colour];
    ctx.fillRect(left, foot - height, Math.max(1, right - left), height);
  });
  ctx.restore();
}
