import { html, setAttribute, setText, timeElement } from '../dom';
import { LogFilter } from '../model/log-filter';
import { DEFAULT_GROUPS, GROUPS, type Group, logLineOf } from '../model/log-lines';
import { countUpTo, type Track } from '../model/track';
import { clockOf, countOf } from '../model/words';
import type { Actions, Pane, View } from './view';
import { NO_ROWS, VirtualList } from './virtual-list';

const ROW_HEIGHT = 26;

/** The records of the selected link, one per line, filtered by kind and by text. */
export class LogPane implements Pane {
  readonly minIntervalMs = 50;
  readonly #actions: Actions;
  readonly #list: VirtualList;
  readonly #search: HTMLInputElement;
  readonly #count: HTMLElement;
  readonly #groups = new Set<Group>(DEFAULT_GROUPS);
  #track: Track | null = null;
  #filter: LogFilter | null = null;
  #current = -1;
  #wasLive = true;
  #isDone = true;

  constructor(host: HTMLElement, actions: Actions) {
    this.#actions = actions;
    this.#search = html('input', {
      type: 'search',
      id: 'search',
      placeholder: 'Filter by text',
      'aria-label': 'Filter the log by text',
      input: () => this.#narrow(),
    });
    this.#count = html('span', { class: 'muted count', role: 'status' });
    this.#list = new VirtualList({
      id: 'log-list',
      rowHeight: ROW_HEIGHT,
      label: 'Log of the link',
      onPick: (index) => this.#pick(index),
    });
    host.append(
      html('div', { class: 'filter' }, this.#search, this.#count),
      html('div', { class: 'chips', role: 'group', 'aria-label': 'Kinds of records' }, ...this.#chips()),
      this.#list.element,
    );
  }

  /** False while a search is running. */
  get isDone(): boolean {
    return this.#isDone;
  }

  focus(): void {
    this.#list.element.focus();
  }

  focusSearch(): void {
    this.#search.focus();
    this.#search.select();
  }

  render({ sliceMs, selected, timeMs, isLive, pickedSeq, divergent }: View): void {
    const track = selected?.track ?? null;
    const wasDone = this.#isDone;
    if (track !== this.#track) {
      this.#track = track;
      this.#narrow();
    }
    if (!track || !this.#filter) return this.#list.show(NO_ROWS, null);
    const wasAtEnd = this.#list.isAtEnd;
    this.#isDone = this.#filter.step(sliceMs);
    const { ids } = this.#filter;
    const lastId = track.idAt(timeMs);
    const current = countUpTo(ids, lastId);
    const pickedId = pickedSeq === null ? null : track.idOfSeq(pickedSeq);
    const picked = pickedId === null ? -1 : countUpTo(ids, pickedId) - 1;
    const isPicked = picked >= 0 && ids[picked] === pickedId;
    this.#list.show(
      {
        count: ids.length,
        futureFrom: current,
        keyOf: (index) => `${track.link}:${track.generation}:${ids[index]}:${divergent.size}`,
        make: (index) => rowOf(track, ids[index] ?? -1, divergent),
      },
      isPicked ? picked : isLive ? null : current - 1,
    );
    const found = this.#isDone ? countOf(ids.length, 'record') : `${ids.length}…`;
    // Announced after the user has changed the filter, but not whenever a live log grows.
    const isGrowing = isLive && selected?.status === 'live' && wasDone;
    if (found !== this.#count.textContent)
      setAttribute(this.#count, 'aria-live', isGrowing ? 'off' : 'polite');
    setAttribute(this.#count, 'aria-busy', String(!this.#isDone));
    setText(this.#count, found);
    if (isLive && (wasAtEnd || !this.#wasLive)) this.#list.scrollToEnd();
    else if (!isLive && current !== this.#current)
      this.#list.reveal(isPicked ? picked : Math.max(0, current - 1));
    this.#current = current;
    this.#wasLive = isLive;
  }

  #pick(index: number): void {
    const id = this.#filter?.ids[index];
    const head = id === undefined ? null : this.#track?.headAt(id);
    if (id !== undefined && head && this.#track) this.#actions.seek(this.#track.timeAt(id), head.seq);
  }

  #narrow(): void {
    const filter = { groups: new Set(this.#groups), query: this.#search.value.trim().toLowerCase() };
    this.#filter = this.#track && new LogFilter(this.#track, filter);
    this.#isDone = this.#filter === null;
    this.#current = -1;
    this.#wasLive = false;
  }

  #chips(): HTMLElement[] {
    return GROUPS.map((group) => {
      const chip = html('button', { type: 'button', class: 'chip' }, group);
      const draw = () => setAttribute(chip, 'aria-pressed', String(this.#groups.has(group)));
      chip.addEventListener('click', () => {
        if (!this.#groups.delete(group)) this.#groups.add(group);
        draw();
        this.#narrow();
      });
      draw();
      return chip;
    });
  }
}

function rowOf(track: Track, id: number, divergent: ReadonlySet<number>): HTMLElement {
  const record = track.recordAt(id);
  const { title, detail, tone } = record
    ? logLineOf(record)
    : { title: 'unreadable', detail: 'this line is not a record', tone: 'bad' };
  const isDivergent = divergent.has(track.headAt(id)?.seq ?? -1);
  return html(
    'div',
    { class: `log-row${isDivergent ? ' divergent' : ''}`, 'data-tone': tone },
    timeElement(clockOf(track.timeAt(id))),
    html('b', {}, title),
    html('span', { class: 'detail' }, isDivergent ? `the replay differs here; ${detail}` : detail),
  );
}
