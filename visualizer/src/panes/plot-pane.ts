import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { html, setAttribute } from '../dom';
import { Samples } from '../model/samples';
import { millisOf, percentOf } from '../model/words';
import type { Watched } from '../model/workspace';
import { drawStrip, nameShades, plotOptions, readPalette, type Shown, shade } from './plot-drawing';
import type { Actions, Pane, View } from './view';

/** A live plot shows the last two minutes. */
const LIVE_WINDOW_MS = 120_000;
/** Drawing costs a few ms, and nobody reads a plot faster. */
const REDRAW_MS = 200;
const HEIGHT = 168;
/** Room above the highest value for the labels of outages. */
const HEADROOM = 1.3;
/** The smallest span of a plot, so that a first sample does not fill it. */
const MIN_SPAN_MS = 10_000;
/** The smallest span that the buttons zoom to, because the axis shows whole seconds. */
const CLOSEST_MS = 1_000;

/** Round trip, loss and quality over time, with outages shaded. A click seeks, a drag or a button zooms, a double click shows everything. */
export class PlotPane implements Pane {
  readonly #host: HTMLElement;
  readonly #actions: Actions;
  readonly #playhead = html('div', { class: 'playhead' });
  readonly #samples = new WeakMap<Watched, Samples>();
  readonly #plot: uPlot;
  #shown: Shown = { columns: { times: [], rttMs: [], loss: [], quality: [] }, spans: [], fromMs: 0, toMs: 0 };
  #whole = { fromMs: 0, toMs: 0 };
  #timeMs = 0;
  #zoom: { fromMs: number; toMs: number } | null = null;
  #key = '';
  #drawnAtMs = 0;
  #watched: Watched | null = null;
  #palette = readPalette();
  #wasDragged = false;
  #isDone = true;

  constructor(
    host: HTMLElement,
    { zoomIn, zoomOut }: Record<'zoomIn' | 'zoomOut', HTMLButtonElement>,
    actions: Actions,
  ) {
    this.#host = host;
    this.#actions = actions;
    this.#plot = new uPlot(
      plotOptions(HEIGHT, () => this.#palette, {
        drawClear: [(plot) => shade(plot, this.#shown, this.#palette)],
        draw: [
          (plot) => nameShades(plot, this.#shown, this.#palette),
          (plot) => drawStrip(plot, this.#shown, this.#palette),
        ],
        setSelect: [(plot) => this.#onSelect(plot)],
      }),
      [[], [], []],
      host,
    );
    this.#plot.over.append(this.#playhead);
    this.#plot.over.addEventListener('pointerdown', () => {
      this.#wasDragged = false;
    });
    this.#plot.over.addEventListener('click', (event) => this.#onClick(event));
    this.#plot.over.addEventListener('dblclick', () => this.#setZoom(null));
    zoomIn.addEventListener('click', () => this.#zoomBy(2));
    zoomOut.addEventListener('click', () => this.#zoomBy(0.5));
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0) this.#plot.setSize({ width, height: HEIGHT });
    }).observe(host);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** A canvas does not follow the theme by itself. */
  recolour(): void {
    this.#palette = readPalette();
    this.#plot.redraw(true, true);
    this.#key = '';
  }

  render({ sliceMs, selected, timeMs, isLive, workspace, scene }: View): void {
    if (selected !== this.#watched) this.#zoom = null;
    this.#watched = selected;
    this.#timeMs = timeMs;
    if (selected) this.#read(selected, sliceMs);
    else this.#isDone = true;
    if (selected && this.#isDue(isLive)) this.#draw(selected, timeMs, isLive, workspace.range);
    this.#placePlayhead(timeMs, selected !== null && !isLive);
    const sample = scene?.sample;
    const said = sample
      ? `Round trip ${sample.rttMs === null ? 'unknown' : millisOf(sample.rttMs)}, loss ${sample.loss === null ? 'unknown' : percentOf(sample.loss)}, quality ${sample.status}`
      : 'No sample yet';
    setAttribute(this.#host, 'aria-label', said);
  }

  #read(watched: Watched, sliceMs: number): void {
    const samples = this.#samples.get(watched) ?? new Samples(watched.track);
    this.#samples.set(watched, samples);
    const isDone = samples.step(sliceMs);
    // Draw again once everything has been read.
    if (isDone && !this.#isDone) this.#key = '';
    this.#isDone = isDone;
  }

  #isDue(isLive: boolean): boolean {
    const nowMs = performance.now();
    if ((isLive || !this.#isDone) && nowMs - this.#drawnAtMs < REDRAW_MS) return false;
    this.#drawnAtMs = nowMs;
    return true;
  }

  #draw(watched: Watched, timeMs: number, isLive: boolean, range: { startMs: number; endMs: number }): void {
    const { track, history } = watched;
    const isMoving = isLive && watched.status === 'live';
    const all = isMoving
      ? { fromMs: Math.max(track.startMs, timeMs - LIVE_WINDOW_MS), toMs: timeMs }
      : { fromMs: range.startMs, toMs: range.endMs };
    this.#whole = { ...all, toMs: Math.max(all.toMs, all.fromMs + MIN_SPAN_MS) };
    const { fromMs, toMs } = this.#zoom ?? this.#whole;
    const key = `${track.link} ${track.generation} ${this.#isDone ? track.endId : performance.now()} ${Math.round(fromMs / 100)} ${Math.round(toMs / 100)}`;
    if (key === this.#key) return;
    this.#key = key;
    const samples = this.#samples.get(watched);
    if (!samples) return;
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

  #placePlayhead(timeMs: number, isShown: boolean): void {
    const x = this.#plot.valToPos(timeMs / 1_000, 'x');
    const isInside = isShown && x >= 0 && x <= this.#plot.bbox.width / devicePixelRatio;
    this.#playhead.style.display = isInside ? '' : 'none';
    this.#playhead.style.transform = `translateX(${x}px)`;
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

  /** Zooms around the shown moment. For users without a mouse, who cannot drag. */
  #zoomBy(by: number): void {
    const { fromMs, toMs } = this.#whole;
    const spanMs = (this.#shown.toMs - this.#shown.fromMs) / by;
    if (by > 1 && spanMs < CLOSEST_MS) return;
    if (spanMs >= toMs - fromMs) return this.#setZoom(null);
    const firstMs = Math.min(Math.max(fromMs, this.#timeMs - spanMs / 2), toMs - spanMs);
    this.#setZoom({ fromMs: firstMs, toMs: firstMs + spanMs });
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
}

const largest = (values: readonly (number | null)[]): number =>
  values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
