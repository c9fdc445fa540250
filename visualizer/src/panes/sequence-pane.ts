import { html, show, timeElement } from '../dom';
import { type LaneRow, LaneRows } from '../model/lane-rows';
import type { Lane } from '../model/lanes';
import { countBy } from '../model/track';
import { clockOf } from '../model/words';
import type { Watched } from '../model/workspace';
import type { Actions, Pane, View } from './view';
import { VirtualList } from './virtual-list';

const ROW_HEIGHT = 28;
/** The columns of each player's lanes; the relay is between the two players. */
const COLUMNS: readonly Record<Lane, number>[] = [
  { browser: 0, player: 1, relay: 2 },
  { browser: 4, player: 3, relay: 2 },
];

/** The sequence diagram: what passed between both players, the relay and the browsers, in order of time from top to bottom. */
export class SequencePane implements Pane {
  readonly minIntervalMs = 50;
  readonly #list: VirtualList;
  readonly #heads: HTMLElement;
  readonly #empty: HTMLElement;
  #pair: readonly Watched[] = [];
  #names: readonly string[] = [];
  #rows = new LaneRows([]);
  #current = -1;
  #wasLive = true;
  #isDone = true;

  constructor(host: HTMLElement, actions: Actions) {
    this.#heads = html('div', { class: 'lane-heads', 'aria-hidden': 'true' });
    this.#empty = html('p', { class: 'muted' }, 'Nothing has happened yet.');
    this.#list = new VirtualList({
      id: 'lanes-list',
      rowHeight: ROW_HEIGHT,
      label: 'Sequence',
      onPick: (index) => {
        const row = this.#rows.rows[index];
        if (row) actions.seek(row.timeMs, row.side === 0 ? row.seq : undefined);
      },
    });
    this.#list.element.classList.add('lanes');
    host.append(this.#heads, this.#list.element, this.#empty);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  render({ sliceMs, selected, other, timeMs, isLive }: View): void {
    const pair = [selected, other].filter((watched) => watched !== null);
    if (pair.length !== this.#pair.length || pair.some((watched, side) => watched !== this.#pair[side]))
      this.#choose(pair);
    const wasAtEnd = this.#list.isAtEnd;
    this.#isDone = this.#rows.step(sliceMs);
    const { rows } = this.#rows;
    const current = countBy(rows, timeMs, (row) => row.timeMs);
    show(this.#empty, rows.length === 0);
    this.#list.show(
      {
        count: rows.length,
        futureFrom: current,
        keyOf: (index) => this.#keyOf(rows[index]),
        make: (index) => this.#make(rows[index]),
      },
      isLive ? null : current - 1,
    );
    if (isLive && (wasAtEnd || !this.#wasLive)) this.#list.scrollToEnd();
    else if (!isLive && current !== this.#current) this.#list.reveal(Math.max(0, current - 1));
    this.#current = current;
    this.#wasLive = isLive;
  }

  #choose(pair: readonly Watched[]): void {
    this.#pair = pair;
    this.#rows = new LaneRows(pair.map(({ track }) => track));
    const [one, two] = pair.map(({ track }) => track.label);
    const names = ['Browser', one ?? 'Player', 'Relay', ...(two === undefined ? [] : [two, 'Browser'])];
    this.#names = names;
    this.#heads.replaceChildren(
      html('span', { class: 'time' }),
      ...names.map((name) => html('span', {}, name)),
    );
    this.#heads.parentElement?.style.setProperty('--lanes', String(names.length));
  }

  #make(row: LaneRow | undefined): HTMLElement {
    const made = html('div', { class: 'lane-row' });
    if (!row) return made;
    const { item, side, timeMs, count } = row;
    const columns = COLUMNS[side] ?? COLUMNS[0];
    const text = count > 1 ? `${item.text} ×${count}` : item.text;
    const body = html('span', { class: `lane-${item.type}`, 'data-tone': item.tone });
    if (item.type === 'note') {
      body.style.gridColumn = noteColumns(columns?.[item.on] ?? 0, Number(this.#pair.length > 1) * 2 + 3);
      body.append(html('span', {}, text));
    } else {
      const [from, to] = [columns?.[item.from] ?? 0, columns?.[item.to] ?? 0];
      body.style.gridColumn = `${Math.min(from, to) + 2} / span 2`;
      body.dataset.points = from < to ? 'right' : 'left';
      body.append(html('span', {}, text));
    }
    made.append(timeElement(clockOf(timeMs)), body);
    // For screen readers, and for lanes that are too narrow for the text.
    const nameOf = (lane: Lane) => this.#names[columns?.[lane] ?? 0];
    const way = item.type === 'note' ? nameOf(item.on) : `${nameOf(item.from)} to ${nameOf(item.to)}`;
    made.title = `${way}: ${text}`;
    made.setAttribute('aria-label', `${clockOf(timeMs)} ${made.title}`);
    return made;
  }

  #keyOf(row: LaneRow | undefined): string {
    if (!row) return '';
    const { side, seq, timeMs, count } = row;
    return `${this.#pair[side]?.track.link}:${side}:${seq}:${timeMs}×${count}`;
  }
}

/** A note is wider than a lane, so it spans the adjacent lanes, too. */
function noteColumns(lane: number, lanes: number): string {
  const first = Math.min(Math.max(0, lane - 1), Math.max(0, lanes - 3));
  return `${first + 2} / span ${Math.min(3, lanes)}`;
}
