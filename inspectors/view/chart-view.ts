import type { ShownArrow, ShownState } from './chart';
import { html } from './html';

export interface ChartView {
  readonly element: HTMLElement;
  /** Highlights the live states, and expands those that have just become live. */
  light(livePaths: readonly string[]): void;
}

/** The chart as nested lists: what each state invokes, which events it handles, and their targets. */
export function viewOf(chart: ShownState): ChartView {
  const boxes = new Map<string, HTMLDetailsElement>();
  const element = html('div', 'chart', ...partsOf(chart, boxes));
  return {
    element,
    light(livePaths) {
      for (const [path, box] of boxes) {
        const isLive = livePaths.includes(path);
        if (isLive && !box.classList.contains('live')) box.open = true;
        if (!isLive && box.classList.contains('live')) box.open = false;
        box.classList.toggle('live', isLive);
      }
    },
  };
}

function partsOf(state: ShownState, boxes: Map<string, HTMLDetailsElement>): HTMLElement[] {
  const facts = [
    factOf('runs', state.invokes),
    factOf('on entry', state.entry),
    factOf('on exit', state.exit),
  ].filter((fact) => fact !== null);
  const arrows = state.arrows.length > 0 ? [html('ul', 'arrows', ...state.arrows.map(arrowView))] : [];
  return [...facts, ...arrows, ...state.states.map((inner) => boxOf(inner, boxes))];
}

function boxOf(state: ShownState, boxes: Map<string, HTMLDetailsElement>): HTMLElement {
  const box = html('details', 'state', html('summary', '', state.key), ...partsOf(state, boxes));
  box.dataset.path = state.path;
  boxes.set(state.path, box);
  return box;
}

const factOf = (title: string, names: readonly string[]): HTMLElement | null =>
  names.length > 0 ? html('p', 'fact', html('span', 'muted', `${title} `), names.join(', ')) : null;

function arrowView({ event, guard, targets, actions }: ShownArrow): HTMLElement {
  return html(
    'li',
    '',
    html('b', '', event),
    guard === null ? null : html('span', 'guard', ` if ${guard}`),
    targets.length > 0 ? html('span', 'target', ` → ${targets.join(', ')}`) : null,
    actions.length > 0 ? html('span', 'muted', ` / ${actions.join(', ')}`) : null,
  );
}
