import { html, setText } from '../dom';
import { durationInWords, pathInWords, stopwatchOf } from '../model/words';
import type { Actions, Pane, View } from './view';

/** How many of the latest paths are listed. */
const MAX_PATHS = 30;

/** The path that carries the data, and earlier paths with the time when each was found. */
export class PathPane implements Pane {
  readonly #now: HTMLElement;
  readonly #list: HTMLElement;
  readonly #actions: Actions;
  #shown = '';

  constructor(host: HTMLElement, actions: Actions) {
    this.#actions = actions;
    this.#now = html('p', { class: 'path-now' });
    this.#list = html('ol', { class: 'paths', 'aria-label': 'Paths so far' });
    host.append(this.#now, this.#list);
  }

  render({ selected, scene }: View): void {
    if (!selected || !scene) return;
    const { track } = selected;
    setText(this.#now, scene.path ? pathInWords(scene.path.path) : 'No path found yet.');
    const ids = track.column('path').filter((id) => id <= scene.lastId);
    const key = `${track.link} ${track.generation} ${ids.length} ${ids.at(-1)}`;
    if (key === this.#shown) return;
    this.#shown = key;
    const rows = ids.slice(-MAX_PATHS).map((id, index, shown) => {
      const record = track.recordAt(id);
      const atMs = track.timeAt(id);
      const nextId = shown[index + 1];
      const lasted = nextId === undefined ? '' : `for ${durationInWords(track.timeAt(nextId) - atMs)}`;
      const words = record?.kind === 'path' ? pathInWords(record.path) : '';
      const go = () => this.#actions.seek(atMs, record?.seq);
      return html(
        'li',
        {},
        html('button', { type: 'button', class: 'time', click: go }, stopwatchOf(atMs - track.startMs)),
        html('span', {}, words),
        html('span', { class: 'muted' }, lasted),
      );
    });
    this.#list.replaceChildren(...rows.reverse());
  }
}
