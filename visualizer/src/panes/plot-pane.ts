import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { html, setAttribute } from '../dom';
import type { Watched } from '../model/desk';
import { Samples } from '../model/samples';
import { millisOf, percentOf } from '../model/words';
import { drawStrip, nameShades, plotOptions, readPalette, type Shown, shade } from './plot-drawing';
import type { Actions, Pane, View } from './view';

/** What a live plot shows: the last two minutes. */
const LIVE_WINDOW_MS = 120_000;
/** Drawing costs some ms; nobody reads a plot faster. */
const REDRAW_MS = 200;
const HEIGHT = 168;
/** Above the highest value: the words of an outage stand there. */
const HEADROOM = 1.3;
/** The smallest span of a plot, so that a first sample does not fill it. */
const MIN_SPAN_MS = 10_000;
/** Enlarged by buttons no further: the foot shows whole seconds. */
const CLOSEST_MS = 1_000;

/** Round trip, loss and quality over time, outages shaded. A click goes to a moment, a drag or a button enlarges, a double click shows all. */
export class PlotPane implements Pane {
  readonly #host: HTMLElement;
  readonly #actions: Actions;
  readonly #hand = html('div', { class: 'hand' });
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
    { closer, wider }: Record<'closer' | 'wider', HTMLButtonElement>,
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
    this.#plot.over.append(this.#hand);
    this.#plot.over.addEventListener('pointerdown', () => {
      this.#wasDragged = false;
    });
    this.#plot.over.addEventListener('click', (event) => this.#onClick(event));
    this.#plot.over.addEventListener('dblclick', () => this.#setZoom(null));
    closer.addEventListener('click', () => this.#enlarge(2));
    wider.addEventListener('click', () => this.#enlarge(0.5));
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0) this.#plot.setSize({ width, height: HEIGHT });
    }).observe(host);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** The colours of a canvas do not follow the theme by themselves. */
  recolour(): void {
    this.#palette = readPalette();
    this.#plot.redraw(true, true);
    this.#key = '';
  }

  render({ sliceMs, selected, timeMs, isLive, desk, scene }: View): void {
    if (selected !== this.#watched) this.#zoom = null;
    this.#watched = selected;
    this.#timeMs = timeMs;
    if (selected) this.#read(selected, sliceMs);
    else this.#isDone = true;
    if (selected && this.#isDue(isLive)) this.#draw(selected, timeMs, isLive, desk.range);
    this.#place(timeMs, selected !== null && !isLive);
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
    // What was read meanwhile is drawn when the reading is over, and now and then before.
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

  #place(timeMs: number, isShown: boolean): void {
    const x = this.#plot.valToPos(timeMs / 1_000, 'x');
    const isInside = isShown && x >= 0 && x <= this.#plot.bbox.width / devicePixelRatio;
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

  /** Round the moment that is shown: a drag is for who has a mouse. */
  #enlarge(by: number): void {
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
