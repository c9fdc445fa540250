import { html, setAttribute, setText, show } from '../dom';
import { outermost } from '../model/history';
import { sceneAt } from '../model/scene';
import { millisOf, outOf, toneOf } from '../model/words';
import type { Watched } from '../model/workspace';
import type { Actions, Pane, View } from './view';

interface Tab {
  button: HTMLButtonElement;
  name: HTMLElement;
  state: HTMLElement;
  figures: HTMLElement;
}

/** One tab for each link, with its name, state, round trip and attempts at the shown moment. */
export class LinksPane implements Pane {
  readonly #host: HTMLElement;
  readonly #actions: Actions;
  readonly #tabs = new Map<string, Tab>();
  #order = '';

  constructor(host: HTMLElement, actions: Actions) {
    this.#host = host;
    this.#actions = actions;
    host.addEventListener('keydown', (event) => this.#onKey(event));
  }

  render({ workspace, selected }: View): void {
    const { links } = workspace;
    const order = links.map(({ track }) => track.link).join(' ');
    if (order !== this.#order) this.#rebuild(links, order);
    for (const watched of links)
      this.#fill(watched, watched === selected, workspace.momentOf(watched, Date.now()));
    show(this.#host, links.length > 0);
  }

  #rebuild(links: readonly Watched[], order: string): void {
    this.#order = order;
    this.#tabs.clear();
    for (const { track } of links) {
      const [name, state, figures] = [
        html('span', { class: 'name' }),
        html('span', { class: 'pill' }),
        html('span', { class: 'figures' }),
      ];
      const pick = () => this.#actions.select(track.link);
      const button = html('button', { type: 'button', role: 'tab', click: pick }, name, state, figures);
      this.#tabs.set(track.link, { button, name, state, figures });
    }
    this.#host.replaceChildren(...[...this.#tabs.values()].map(({ button }) => button));
  }

  #fill({ track, status }: Watched, isSelected: boolean, timeMs: number): void {
    const tab = this.#tabs.get(track.link);
    if (!tab) return;
    const { connection, sample, session } = sceneAt(track, timeMs);
    const state = outermost(connection?.to ?? '') || 'unknown';
    const attempts = connection?.context.attempts ?? 0;
    const limit = session?.input.timings.maxIceRestarts;
    const rtt = state === 'connected' ? (sample?.rttMs ?? null) : null;
    setText(tab.name, track.label);
    setText(tab.state, state);
    setAttribute(tab.state, 'data-tone', toneOf(state));
    const figures = [
      status === 'lost' ? 'gone' : rtt !== null && millisOf(rtt),
      attempts > 0 && `attempt ${outOf(attempts, limit, '/')}`,
    ];
    setText(tab.figures, figures.filter((figure) => figure !== false).join(' · '));
    setAttribute(tab.button, 'aria-selected', String(isSelected));
    setAttribute(tab.button, 'tabindex', isSelected ? '0' : '-1');
    setAttribute(tab.button, 'data-status', status);
  }

  #onKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const links = [...this.#tabs.keys()];
    const at = links.findIndex((link) => this.#tabs.get(link)?.button === document.activeElement);
    const next = links[(at + step + links.length) % links.length];
    if (next === undefined) return;
    this.#actions.select(next);
    this.#tabs.get(next)?.button.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
