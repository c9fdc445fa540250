import { livePathsOf } from './chart';
import { type ChartView, viewOf } from './chart-view';
import { button, find, html } from './html';
import { type Line, stateWordOf, Watched, type WatchedActor } from './watched';

export interface ViewerOptions {
  /** Sends an event to an actor, if the inspector supports that. */
  send?: (actor: WatchedActor, type: string) => void;
}

/** Times within a session matter, dates do not. */
const CLOCK = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** The page of both inspectors: a list of actors, and the state, chart, context and events of the selected one. */
export class Viewer {
  readonly watched = new Watched();
  readonly #send: ViewerOptions['send'];
  readonly #charts = new WeakMap<object, ChartView>();
  readonly #ui = {
    status: find('status', HTMLElement),
    actors: find('actors', HTMLElement),
    name: find('name', HTMLElement),
    state: find('state', HTMLElement),
    controls: find('controls', HTMLElement),
    chart: find('chart', HTMLElement),
    context: find('context', HTMLElement),
    log: find('log', HTMLElement),
  };
  #chosen: string | null = null;
  #isDue = false;

  constructor({ send }: ViewerOptions = {}) {
    this.#send = send;
    this.changed();
  }

  /** Draws once per frame, however many events have arrived. */
  changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw(): void {
    const actors = [...this.watched.actors.values()].filter(({ isAnnounced }) => isAnnounced);
    const isKnown = ({ sessionId }: WatchedActor) => sessionId === this.#chosen;
    const actor = actors.find(isKnown) ?? actors.find(({ chart, parentId }) => chart && parentId === null);
    const { status } = this.#ui;
    status.textContent = actors.length === 0 ? 'Waiting for a page to inspect.' : `${actors.length} actors`;
    document.body.classList.toggle('empty', !actor);
    this.#drawActors(actors, actor);
    if (actor) this.#drawActor(actor);
  }

  #drawActors(actors: readonly WatchedActor[], chosen: WatchedActor | undefined): void {
    const ids = new Set(actors.map(({ sessionId }) => sessionId));
    const roots = actors.filter(({ parentId }) => parentId === null || !ids.has(parentId));
    const itemOf = (actor: WatchedActor): HTMLElement => {
      const children = actors.filter(({ parentId }) => parentId === actor.sessionId);
      const list = children.length > 0 ? html('ul', '', ...children.map(itemOf)) : null;
      return html('li', '', this.#buttonOf(actor, actor === chosen), list);
    };
    // Replaces the list only if it has changed: a press may span two frames, and its target must not disappear.
    const list = html('ul', '', ...roots.map(itemOf));
    if (list.outerHTML !== this.#ui.actors.firstElementChild?.outerHTML)
      this.#ui.actors.replaceChildren(list);
  }

  #buttonOf(actor: WatchedActor, isChosen: boolean): HTMLElement {
    const made = button('', () => {
      this.#chosen = actor.sessionId;
      this.changed();
    });
    // An actor below its link needs no label, and the outermost state is enough.
    const name = actor.parentId === null ? actor.name : actor.name.replace(/^.*: /, '');
    made.append(html('span', 'name', name), html('span', 'word', stateWordOf(actor).replace(/\..*/, '')));
    made.classList.toggle('over', actor.status !== 'active');
    made.setAttribute('aria-current', String(isChosen));
    made.dataset.actor = actor.name;
    return made;
  }

  #drawActor(actor: WatchedActor): void {
    const { name, state, chart, context } = this.#ui;
    name.textContent = actor.name;
    state.textContent = stateWordOf(actor);
    state.dataset.status = actor.status;
    this.#drawControls(actor);
    if (actor.chart === null) chart.replaceChildren(html('p', 'muted', 'Not a machine: it has no chart.'));
    else {
      const view = this.#charts.get(actor.chart) ?? viewOf(actor.chart);
      this.#charts.set(actor.chart, view);
      if (chart.firstElementChild !== view.element) chart.replaceChildren(view.element);
      view.light(livePathsOf(actor.value));
    }
    context.textContent = actor.context === undefined ? '–' : JSON.stringify(actor.context, null, 2);
    this.#drawLog(actor.lines);
  }

  #drawControls(actor: WatchedActor): void {
    const send = this.#send;
    const wanted = send ? actor.allowed : [];
    const key = `${actor.sessionId} ${wanted.join()}`;
    if (this.#ui.controls.dataset.key === key) return;
    this.#ui.controls.dataset.key = key;
    this.#ui.controls.replaceChildren(...wanted.map((type) => button(type, () => send?.(actor, type))));
  }

  #drawLog(lines: readonly Line[]): void {
    const rows = [...lines]
      .reverse()
      .map(({ atMs, kind, text, detail }) =>
        html(
          'li',
          kind,
          html('time', '', CLOCK.format(atMs)),
          html('span', 'text', kind === 'state' ? `→ ${text}` : text),
          html('span', 'muted', detail),
        ),
      );
    this.#ui.log.replaceChildren(...rows);
  }
}
