import type { SessionRecord } from 'holdfast/inspect';
import { html, show } from '../dom';
import { changesBetween } from '../model/diff';
import { logLineOf } from '../model/log-lines';
import type { Track } from '../model/track';
import { clockOf } from '../model/words';
import type { Pane, View } from './view';

/** All details of one record: a summary, its changes to the machine's context, and its JSON. */
export class DetailsPane implements Pane {
  readonly #host: HTMLElement;
  readonly #close: () => void;
  #shown = '';

  constructor(host: HTMLElement, close: () => void) {
    this.#host = host;
    this.#close = close;
  }

  render({ selected, pickedSeq }: View): void {
    const id = selected && pickedSeq !== null ? selected.track.idOfSeq(pickedSeq) : null;
    const key = id === null ? '' : `${selected?.track.link} ${pickedSeq}`;
    if (key === this.#shown) return;
    this.#shown = key;
    const record = selected && id !== null ? selected.track.recordAt(id) : null;
    show(this.#host, record !== null);
    if (!selected || id === null || !record) return this.#host.replaceChildren();
    const { title, detail } = logLineOf(record);
    const changes = changesOf(selected.track, id, record);
    const parts = [
      html(
        'div',
        { class: 'heading' },
        html('h3', {}, `${record.kind} ${record.seq}`),
        html('span', { class: 'muted' }, clockOf(selected.track.timeAt(id))),
        html('button', { type: 'button', class: 'quiet', click: this.#close }, 'Close'),
      ),
      html('p', {}, `${title}: ${detail}`),
      changes.length > 0 &&
        html(
          'dl',
          { class: 'changes', 'aria-label': 'Changes to the context' },
          ...changes.map(({ path, before, after }) =>
            html('div', {}, html('dt', {}, path), html('dd', {}, `${before} → ${after}`)),
          ),
        ),
      html(
        'pre',
        { tabindex: 0, role: 'group', 'aria-label': 'Record as JSON' },
        JSON.stringify(bodyOf(record), null, 2),
      ),
    ];
    this.#host.replaceChildren(...parts.filter((part) => part !== false));
  }
}

/** Omits the machines of a session, which the chart shows. */
const bodyOf = (record: SessionRecord): unknown =>
  record.kind === 'session' ? { ...record, machines: Object.keys(record.machines) } : record;

function changesOf(track: Track, id: number, record: SessionRecord) {
  if (record.kind !== 'transition') return [];
  const beforeId = track.lastIn(record.machine, id - 1);
  const before = beforeId === null ? null : track.recordAt(beforeId);
  if (before?.kind !== 'transition') return [];
  return changesBetween(before.context, record.context);
}
