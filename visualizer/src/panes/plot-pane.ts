import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { html, setAttribute } from '../dom';
import type { Watched } from '../model/desk';
import type { Span } from '../model/history';
import { type PlotColumns, Samples } from '../model/samples';
import { durationInWords, millisOf, percentOf } from '../model/words';
import type { Actions, Pane, View } from './view';

/** What a live plot shows: the last two minutes. */
const LIVE_WINDOW_MS = 120_000;
/** Drawing costs some ms; nobody reads a plot faster. */
const REDRAW_MS = 200;
const HEIGHT = 168;
/** Above the highest value: the words of an outage stand there. */
const HEADROOM = 1.3;
const STRIP_HEIGHT = 5;
/** The smallest span of a plot, so that a first sample does not fill it. */
const MIN_SPAN_MS = 10_000;

interface Shown {
  columns: PlotColumns;
  spans: readonly Span[];
  fromMs: number;
  toMs: number;
}

/** Round trip, loss and quality over time, outages shaded. A click goes to a moment, a drag enlarges, a double click shows all. */
export class PlotPane implements Pane {
  readonly #host: HTMLElement;
  readonly #actions: Actions;
  readonly #hand = html('div', { class: 'hand' });
  readonly #samples = new WeakMap<Watched, Samples>();
  readonly #plot: uPlot;
  #shown: Shown = { columns: { times: [], rttMs: [], loss: [], quality: [] }, spans: [], fromMs: 0, toMs: 0 };
  #zoom: { fromMs: number; toMs: number } | null = null;
  #key = '';
  #drawnAtMs = 0;
  #watched: Watched | null = null;
  #palette = readPalette();
  #wasDragged = false;

  constructor(host: HTMLElement, actions: Actions) {
    this.#host = host;
    this.#actions = actions;
    this.#plot = new uPlot(this.#options(), [[], [], []], host);
    this.#plot.over.append(this.#hand);
    this.#plot.over.addEventListener('pointerdown', () => {
      this.#wasDragged = false;
    });
    this.#plot.over.addEventListener('click', (event) => this.#onClick(event));
    this.#plot.over.addEventListener('dblclick', () => this.#setZoom(null));
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0) this.#plot.setSize({ width, height: HEIGHT });
    }).observe(host);
  }

  /** The colours of a canvas do not follow the theme by themselves. */
  recolour(): void {
    this.#palette = readPalette();
    this.#plot.redraw(true, true);
    this.#key = '';
  }

  render({ selected, timeMs, isLive, desk, scene }: View): void {
    if (selected !== this.#watched) this.#zoom = null;
    this.#watched = selected;
    if (selected && this.#isDue(isLive)) this.#draw(selected, timeMs, isLive, desk.range);
    this.#place(timeMs, selected !== null && !isLive);
    const sample = scene?.sample;
    const said = sample
      ? `Round trip ${sample.rttMs === null ? 'unknown' : millisOf(sample.rttMs)}, loss ${sample.loss === null ? 'unknown' : percentOf(sample.loss)}, quality ${sample.status}`
      : 'No sample yet';
    setAttribute(this.#host, 'aria-label', said);
  }

  #isDue(isLive: boolean): boolean {
    const nowMs = performance.now();
    if (isLive && nowMs - this.#drawnAtMs < REDRAW_MS) return false;
    this.#drawnAtMs = nowMs;
    return true;
  }

  #draw(watched: Watched, timeMs: number, isLive: boolean, range: { startMs: number; endMs: number }): void {
    const { track, history } = watched;
    const isMoving = isLive && watched.status === 'live';
    const all = isMoving
      ? { fromMs: Math.max(track.startMs, timeMs - LIVE_WINDOW_MS), toMs: timeMs }
      : { fromMs: range.startMs, toMs: range.endMs };
    const { fromMs, toMs } = this.#zoom ?? { ...all, toMs: Math.max(all.toMs, all.fromMs + MIN_SPAN_MS) };
    const key = `${track.link} ${track.generation} ${track.endId} ${Math.round(fromMs / 100)} ${Math.round(toMs / 100)}`;
    if (key === this.#key) return;
    this.#key = key;
    const samples = this.#samples.get(watched) ?? new Samples(track);
    this.#samples.set(watched, samples);
    const columns = samples.between(fromMs, toMs, Math.max(100, this.#plot.width));
    this.#shown = { columns, spans: history.spans, fromMs, toMs };
    const { times, rttMs, loss } = columns;
    this.#plot.batch(() => {
      this.#plot.setData([times, rttMs, loss.map((share) => (share === null ? null : share * 100))], false);
      this.#plot.setScale('x', { min: fromMs / 1_000, max: toMs / 1_000 });
      this.#plot.setScale('rtt', { min: 0, max: Math.max(20, largest(rttMs) * HEADROOM) });
      this.#plot.setScale('loss', { min: 0, max: Math.max(10, largest(loss) * 100 * HEADROOM) });
    });
  }

  #place(timeMs: number, isShown: boolean): void {
    const x = this.#plot.valToPos(timeMs / 1_000, 'x');
    const isInside = isShown && x >= 0 && x <= this.#plot.over.clientWidth;
    this.#hand.style.display = isInside ? '' : 'none';
    this.#hand.style.transform = `translateX(${x}px)`;
  }

  #onClick(event: MouseEvent): void {
    if (this.#wasDragged || !this.#watched) return;
    const x = event.clientX - this.#plot.over.getBoundingClientRect().left;
    this.#actions.seek(this.#plot.posToVal(x, 'x') * 1_000);
  }

  #setZoom(zoom: { fromMs: number; toMs: number } | null): void {
    this.#zoom = zoom;
    this.#key = '';
    this.#drawnAtMs = 0;
  }

  #options(): uPlot.Options {
    const axis = (scale: string, rest: uPlot.Axis): uPlot.Axis => ({
      scale,
      stroke: () => this.#palette.muted,
      grid: { stroke: () => this.#palette.hairline, width: 1 },
      ticks: { show: false },
      font: '11px Roboto, "Liberation Sans", "DejaVu Sans Condensed", system-ui, sans-serif',
      ...rest,
    });
    return {
      width: 400,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { time: true, auto: false }, rtt: { auto: false }, loss: { auto: false } },
      axes: [
        axis('x', { size: 24, values: (_, ticks) => ticks.map((tick) => timeLabel(tick)) }),
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
        { scale: 'rtt', stroke: () => this.#palette.accent, width: 1.5, points: { show: false } },
        {
          scale: 'loss',
          stroke: () => this.#palette.bad,
          fill: () => this.#palette['loss-fill'],
          width: 1,
          points: { show: false },
        },
      ],
      hooks: {
        drawClear: [(plot) => this.#shade(plot)],
        draw: [(plot) => this.#strip(plot)],
        setSelect: [(plot) => this.#onSelect(plot)],
      },
    };
  }

  #onSelect(plot: uPlot): void {
    const { left, width } = plot.select;
    if (width < 4) return;
    this.#wasDragged = true;
    this.#setZoom({
      fromMs: plot.posToVal(left, 'x') * 1_000,
      toMs: plot.posToVal(left + width, 'x') * 1_000,
    });
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  }

  #shade(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const xOf = (ms: number) =>
      Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(ms / 1_000, 'x', true)));
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px Roboto, "Liberation Sans", "DejaVu Sans Condensed", system-ui, sans-serif`;
    for (const { state, fromMs, toMs } of this.#shown.spans) {
      const wash = WASHES[state];
      const end = toMs ?? this.#shown.toMs;
      if (wash === undefined || end < this.#shown.fromMs || fromMs > this.#shown.toMs) continue;
      const [left, right] = [xOf(fromMs), xOf(end)];
      ctx.fillStyle = this.#palette[wash];
      ctx.fillRect(left, bbox.top, Math.max(devicePixelRatio, right - left), bbox.height);
      const text = `${state} ${durationInWords(end - fromMs)}`;
      if (ctx.measureText(text).width + 8 * devicePixelRatio > right - left) continue;
      ctx.fillStyle = this.#palette.muted;
      ctx.fillText(text, left + 4 * devicePixelRatio, bbox.top + 13 * devicePixelRatio);
    }
    ctx.restore();
  }

  /** Quality, as a strip along the foot. */
  #strip(plot: uPlot): void {
    const { ctx, bbox } = plot;
    const { times, quality } = this.#shown.columns;
    const height = STRIP_HEIGHT * devicePixelRatio;
    const top = bbox.top + bbox.height - height;
    const xOf = (s: number) =>
      Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(s, 'x', true)));
    ctx.save();
    times.forEach((time, index) => {
      const colour = QUALITY_COLOURS[quality[index] ?? 'unknown'];
      if (colour === null || index === 0) return;
      const [left, right] = [Math.floor(xOf(times[index - 1] ?? time)), Math.ceil(xOf(time))];
      ctx.fillStyle = this.#palette[colour];
      ctx.fillRect(left, top, Math.max(1, right - left), height);
    });
    ctx.restore();
  }
}

const QUALITY_COLOURS = { good: 'good', warning: 'warn', critical: 'bad', unknown: null } as const;

/** States in which no data flows, as far as is known. */
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

/** The theme's colours, which the style sheet registers, so that they are resolved here. */
function readPalette(): Record<Colour, string> {
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

const timeLabel = (s: number): string => {
  const date = new Date(s * 1_000);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

const largest = (values: readonly (number | null)[]): number =>
  values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
