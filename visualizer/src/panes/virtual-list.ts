import { html, setAttribute } from '../dom';

/** The contents of a list. Rows are created only while they are visible. */
export interface Rows {
  count: number;
  /** From this row on, rows are in the future of the shown moment. */
  futureFrom: number;
  /** Rows with the same key look the same. */
  keyOf(index: number): string;
  make(index: number): HTMLElement;
}

interface ListOptions {
  /** Id of the element; the ids of its rows begin with it. */
  id: string;
  /** Height of every row, in px. */
  rowHeight: number;
  /** Name of the list for screen readers. */
  label: string;
  /** Called when a row is selected by a click or a key. */
  onPick: (index: number) => void;
}

export const NO_ROWS: Rows = { count: 0, futureFrom: 0, keyOf: () => '', make: () => html('div') };

/** Extra rows beyond the edges, so that fast scrolling shows no gap. */
const OVERSCAN = 6;

/** A list box of any length with a single tab stop. It keeps only a few dozen rows in the page. */
export class VirtualList {
  readonly element: HTMLElement;
  readonly #space: HTMLElement;
  readonly #rowHeight: number;
  readonly #onPick: (index: number) => void;
  readonly #made = new Map<number, { key: string; row: HTMLElement }>();
  #rows: Rows = NO_ROWS;
  #picked: number | null = null;
  #height = 0;
  /** The last known value, because reading it from the page forces a layout. */
  #scrollTop = 0;

  constructor({ id, rowHeight, label, onPick }: ListOptions) {
    this.#rowHeight = rowHeight;
    this.#onPick = onPick;
    this.#space = html('div', { class: 'space', role: 'presentation' });
    this.element = html('div', {
      id,
      class: 'list',
      role: 'listbox',
      'aria-label': label,
      tabindex: 0,
    });
    this.element.append(this.#space);
    this.element.addEventListener(
      'scroll',
      () => {
        this.#scrollTop = this.element.scrollTop;
        this.#draw();
      },
      { passive: true },
    );
    new ResizeObserver(([entry]) => {
      this.#height = entry?.contentRect.height ?? 0;
      this.#draw();
    }).observe(this.element);
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('click', (event) => {
      const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
      if (row) onPick(Number(row.getAttribute('data-index')));
    });
  }

  /** Whether the last row is visible. */
  get isAtEnd(): boolean {
    return this.#scrollTop + this.#height >= (this.#rows.count - 1) * this.#rowHeight;
  }

  show(rows: Rows, picked: number | null): void {
    this.#rows = rows;
    this.#picked = picked;
    const height = `${rows.count * this.#rowHeight}px`;
    if (this.#space.style.height !== height) this.#space.style.height = height;
    this.#draw();
  }

  scrollToEnd(): void {
    this.#scrollTo(this.#rows.count * this.#rowHeight - this.#height);
  }

  /** Scrolls a row to the middle unless it is already visible. */
  reveal(index: number): void {
    const top = index * this.#rowHeight;
    const isSeen =
      top >= this.#scrollTop + this.#rowHeight && top + 2 * this.#rowHeight <= this.#scrollTop + this.#height;
    if (!isSeen) this.#scrollTo(top - (this.#height - this.#rowHeight) / 2);
  }

  #scrollTo(wanted: number): void {
    const most = Math.max(0, this.#rows.count * this.#rowHeight - this.#height);
    const top = Math.round(Math.min(most, Math.max(0, wanted)));
    if (top === this.#scrollTop) return;
    this.#scrollTop = top;
    this.#draw();
    // After all panes are drawn, because it forces a layout.
    queueMicrotask(() => {
      this.element.scrollTop = this.#scrollTop;
    });
  }

  #draw(): void {
    const first = Math.max(0, Math.floor(this.#scrollTop / this.#rowHeight) - OVERSCAN);
    const visible = Math.ceil(this.#height / this.#rowHeight) + 2 * OVERSCAN;
    const end = Math.min(this.#rows.count, first + visible);
    for (const [index, { row }] of this.#made) {
      if (index >= first && index < end) continue;
      row.remove();
      this.#made.delete(index);
    }
    // Starts with the last row and inserts each before the next, because screen readers follow the order in the page.
    let next: HTMLElement | null = null;
    for (let index = end - 1; index >= first; index--) next = this.#drawRow(index, next);
    this.#point();
  }

  /** Sets `aria-activedescendant` to the selected row while it is in the page. */
  #point(): void {
    const row = this.#picked === null ? undefined : this.#made.get(this.#picked)?.row;
    if (row) setAttribute(this.element, 'aria-activedescendant', row.id);
    else this.element.removeAttribute('aria-activedescendant');
  }

  #drawRow(index: number, next: HTMLElement | null): HTMLElement {
    const key = this.#rows.keyOf(index);
    const known = this.#made.get(index);
    const row = known?.key === key ? known.row : this.#makeRow(index);
    row.classList.toggle('future', index >= this.#rows.futureFrom);
    setAttribute(row, 'aria-selected', String(index === this.#picked));
    if (known?.row === row) return row;
    if (known) known.row.replaceWith(row);
    else this.#space.insertBefore(row, next);
    this.#made.set(index, { key, row });
    return row;
  }

  #makeRow(index: number): HTMLElement {
    const row = this.#rows.make(index);
    row.id = `${this.element.id}-${index}`;
    row.dataset.index = String(index);
    row.style.transform = `translateY(${index * this.#rowHeight}px)`;
    row.style.height = `${this.#rowHeight}px`;
    row.setAttribute('role', 'option');
    row.setAttribute('aria-setsize', String(this.#rows.count));
    row.setAttribute('aria-posinset', String(index + 1));
    return row;
  }

  #onKey(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(this.#height / this.#rowHeight) - 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
    const step = steps[event.key];
    const last = this.#rows.count - 1;
    if (last < 0) return;
    if (step !== undefined) this.#pick((this.#picked ?? last) + step);
    else if (event.key === 'Home') this.#pick(0);
    else if (event.key === 'End') this.#pick(last);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #pick(wanted: number): void {
    const index = Math.min(this.#rows.count - 1, Math.max(0, wanted));
    this.#onPick(index);
    this.reveal(index);
  }
}
