import { html, setAttribute, setText, show, svg } from '../dom';
import { clockOf, durationInWords, stopwatchOf, type Tone, toneOf } from '../model/words';
import type { Watched } from '../model/workspace';
import type { Pane, View } from './view';

/** What the user can do with the timeline. */
export interface TransportActions {
  seek(timeMs: number): void;
  goLive(): void;
  /** Goes to the previous or next transition. */
  step(direction: 1 | -1): void;
  togglePlay(): void;
  setSpeed(speed: number): void;
}

const ICONS = {
  before: 'M3 2h2v12H3zM14 2v12L6 8z',
  play: 'M4 2l10 6-10 6z',
  pause: 'M3 2h4v12H3zM9 2h4v12H9z',
  next: 'M11 2h2v12h-2zM2 2l8 6-8 6z',
} as const;

const icon = (name: keyof typeof ICONS): SVGSVGElement =>
  svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('path', { d: ICONS[name] }));

/** Redraw interval of a live strip, which grows constantly. */
const STRIP_MS = 500;
/** Resolution of the strip. */
const STRIP_STEPS = 400;
const SPEEDS = [0.25, 1, 4, 16];

/** The timeline: the states of the selected link in colour, and a slider for the position. */
export class TransportPane implements Pane {
  readonly #slider: HTMLInputElement;
  readonly #strip = html('div', { class: 'strip', 'aria-hidden': 'true' });
  readonly #ticks = html('div', { class: 'ticks', 'aria-hidden': 'true' });
  readonly #clock = html('span', { class: 'clock-now' });
  readonly #play: HTMLButtonElement;
  readonly #live: HTMLButtonElement;
  readonly #speed: HTMLSelectElement;
  #startMs = 0;
  #strippedAtMs = 0;
  #strippedFor = '';
  #tickedFor = '';

  constructor(host: HTMLElement, actions: TransportActions) {
    this.#slider = html('input', {
      type: 'range',
      min: 0,
      step: 1,
      'aria-label': 'Position',
      input: () => actions.seek(this.#startMs + this.#slider.valueAsNumber),
    });
    const button = (name: keyof typeof ICONS, label: string, click: () => void) =>
      html('button', { type: 'button', title: label, 'aria-label': label, click }, icon(name));
    this.#play = button('play', 'Play (Space)', () => actions.togglePlay());
    this.#live = html('button', { type: 'button', class: 'live', click: () => actions.goLive() }, 'Live');
    this.#speed = html(
      'select',
      { 'aria-label': 'Speed', change: () => actions.setSpeed(Number(this.#speed.value)) },
      ...SPEEDS.map((speed) => html('option', { value: speed, selected: speed === 1 }, `${speed}×`)),
    );
    host.append(
      html(
        'div',
        { class: 'buttons' },
        button('before', 'Previous transition (←)', () => actions.step(-1)),
        this.#play,
        button('next', 'Next transition (→)', () => actions.step(1)),
      ),
      html('div', { class: 'line-of-time' }, this.#strip, this.#ticks, this.#slider),
      this.#clock,
      this.#speed,
      this.#live,
    );
  }

  get speed(): number {
    return Number(this.#speed.value);
  }

  render({ workspace, selected, timeMs, isLive, divergent }: View): void {
    const { startMs, endMs } = workspace.range;
    const lastMs = Math.max(endMs, isLive ? timeMs : endMs);
    this.#startMs = startMs;
    const { cursor } = workspace;
    const isPlaying = cursor.at === 'moment' && cursor.speed > 0;
    setAttribute(this.#slider, 'max', String(Math.max(1, Math.round(lastMs - startMs))));
    this.#slider.valueAsNumber = Math.round((isLive ? lastMs : timeMs) - startMs);
    setAttribute(
      this.#slider,
      'aria-valuetext',
      // While it moves by itself, a screen reader would never stop reading it.
      isLive && selected?.status === 'live'
        ? 'live'
        : `${clockOf(timeMs)}, ${durationInWords(timeMs - startMs)} after the start`,
    );
    this.#drawPlay(isPlaying ? 'Pause (Space)' : 'Play (Space)', isPlaying ? 'pause' : 'play');
    setText(this.#live, selected?.status === 'live' ? 'Live' : 'End');
    setAttribute(this.#live, 'aria-pressed', String(isLive));
    setText(this.#clock, `${stopwatchOf(timeMs - startMs)} /\u00a0${stopwatchOf(lastMs - startMs)}`);
    this.#slider.disabled = selected === null;
    if (!selected) return;
    this.#drawStrip(selected, startMs, lastMs, isLive);
    this.#drawTicks(selected, startMs, lastMs, divergent);
  }

  #drawPlay(label: string, name: 'play' | 'pause'): void {
    if (this.#play.getAttribute('aria-label') === label) return;
    this.#play.setAttribute('aria-label', label);
    this.#play.title = label;
    this.#play.replaceChildren(icon(name));
  }

  #drawStrip(watched: Watched, startMs: number, endMs: number, isLive: boolean): void {
    const nowMs = performance.now();
    const key = `${watched.track.link} ${watched.track.generation} ${watched.track.endId} ${startMs} ${isLive ? '' : endMs}`;
    const isSameLink = this.#strippedFor.startsWith(watched.track.link);
    if (key === this.#strippedFor || (isSameLink && isLive && nowMs - this.#strippedAtMs < STRIP_MS)) return;
    this.#strippedFor = key;
    this.#strippedAtMs = nowMs;
    this.#strip.style.background = gradientOf(watched, startMs, endMs);
  }

  /** Marks where a replay differs. */
  #drawTicks({ track }: Watched, startMs: number, endMs: number, divergent: ReadonlySet<number>): void {
    const key = `${track.link} ${[...divergent].join()} ${startMs} ${endMs}`;
    if (key === this.#tickedFor) return;
    this.#tickedFor = key;
    const ticks = [...divergent].flatMap((seq) => {
      const id = track.idOfSeq(seq);
      if (id === null) return [];
      const share = (track.timeAt(id) - startMs) / Math.max(1, endMs - startMs);
      return [html('i', { style: `left: ${(share * 100).toFixed(2)}%` })];
    });
    this.#ticks.replaceChildren(...ticks);
    show(this.#ticks, ticks.length > 0);
  }
}

/** A step that covers several states shows the most severe one. */
const SEVERITY: readonly Tone[] = ['off', 'calm', 'good', 'warn', 'bad'];

function gradientOf({ history }: Watched, startMs: number, endMs: number): string {
  const lengthMs = Math.max(1, endMs - startMs);
  const steps: (Tone | null)[] = Array.from({ length: STRIP_STEPS }, () => null);
  for (const { state, fromMs, toMs } of history.spans) {
    const tone = toneOf(state);
    const from = Math.floor(((fromMs - startMs) / lengthMs) * STRIP_STEPS);
    const to = Math.floor((((toMs ?? endMs) - startMs) / lengthMs) * STRIP_STEPS);
    for (let step = Math.max(0, from); step <= Math.min(STRIP_STEPS - 1, to); step++) {
      const known = steps[step];
      if (!known || SEVERITY.indexOf(tone) > SEVERITY.indexOf(known)) steps[step] = tone;
    }
  }
  const stops = steps.flatMap((tone, step) => {
    if (step > 0 && steps[step - 1] === tone) return [];
    const end = steps.findIndex((other, index) => index > step && other !== tone);
    const [from, to] = [step, end < 0 ? STRIP_STEPS : end].map((at) => ((at / STRIP_STEPS) * 100).toFixed(2));
    return [`var(--strip-${tone ?? 'none'}) ${from}% ${to}%`];
  });
  return `linear-gradient(to right, ${stops.join(', ')})`;
}
