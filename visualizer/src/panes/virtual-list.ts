import { html } from '../dom';

/** What a list shows; rows are made only while they can be seen. */
export interface Rows {
  count: number;
  /** Two rows with the same key look alike. */
  keyOf(index: number): string;
  make(index: number): HTMLElement;
}

interface ListOptions {
  /** In px; every row has it. */
  rowHeight: number;
  /** How the list is called aloud. */
  label: string;
  /** Asked for by click, Enter or the arrow keys. */
  onPick?: (index: number) => void;
}

/** Rows beyond the edges, so that a quick scroll shows no gap. */
const OVERSCAN = 6;

/** A list of any length that keeps some dozens of rows in the page. With `onPick` it is a list box of one tab stop. */
export class VirtualList {
  readonly element: HTMLElement;
  readonly #space: HTMLElement;
  readonly #rowHeight: number;
  readonly #onPick: ((index: number) => void) | undefined;
  readonly #made = new Map<number, { key: string; row: HTMLElement }>();
  #rows: Rows = { count: 0, keyOf: () => '', make: () => html('div') };
  #picked: number | null = null;
  #height = 0;

  constructor({ rowHeight, label, onPick }: ListOptions) {
    this.#rowHeight = rowHeight;
    this.#onPick = onPick;
    this.#space = html('div', { class: 'space', role: 'presentation' });
    this.element = html('div', {
      class: 'list',
      role: onPick ? 'listbox' : 'list',
      'aria-label': label,
      tabindex: 0,
    });
    this.element.append(this.#space);
    this.element.addEventListener('scroll', () => this.#draw(), { passive: true });
    new ResizeObserver(([entry]) => {
      this.#height = entry?.contentRect.height ?? 0;
      this.#draw();
    }).observe(this.element);
    if (!onPick) return;
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('click', (event) => {
      const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
      if (row) onPick(Number(row.getAttribute('data-index')));
    });
  }

  /** Whether the newest row is in sight. */
  get isAtEnd(): boolean {
    const { scrollTop } = this.element;
    return scrollTop + this.#height >= this.#rows.count * this.#rowHeight - this.#rowHeight;
  }

  show(rows: Rows, picked: number | null): void {
    this.#rows = rows;
    this.#picked = picked;
    this.#space.style.height = `${rows.count * this.#rowHeight}px`;
    this.#draw();
  }

  scrollToEnd(): void {
    this.element.scrollTop = this.#rows.count * this.#rowHeight;
  }

  /** Brings a row into sight, in the middle unless it is in sight already. */
  reveal(index: number): void {
    const top = index * this.#rowHeight;
    const { scrollTop } = this.element;
    if (top >= scrollTop + this.#rowHeight && top + 2 * this.#rowHeight <= scrollTop + this.#height) return;
    this.element.scrollTop = top - (this.#height - this.#rowHeight) / 2;
  }

  #draw(): void {
    const first = Math.max(0, Math.floor(this.element.scrollTop / this.#rowHeight) - OVERSCAN);
    const visible = Math.ceil(this.#height / this.#rowHeight) + 2 * OVERSCAN;
    const end = Math.min(this.#rows.count, first + visible);
    for (const [index, { row }] of this.#made) {
      if (index >= first && index < end) continue;
      row.remove();
      this.#made.delete(index);
    }
    for (let index = first; index < end; index++) this.#drawRow(index);
  }

  #drawRow(index: number): void {
    const isPicked = index === this.#picked;
    const key = `${this.#rows.keyOf(index)}${isPicked ? '*' : ''}`;
    const known = this.#made.get(index);
    if (known?.key === key) return;
    const row = this.#rows.make(index);
    row.dataset.index = String(index);
    row.style.transform = `translateY(${index * this.#rowHeight}px)`;
    row.style.height = `${this.#rowHeight}px`;
    row.setAttribute('role', this.#onPick ? 'option' : 'listitem');
    row.setAttribute('aria-setsize', String(this.#rows.count));
    row.setAttribute('aria-posinset', String(index + 1));
    if (this.#onPick) {
      row.id = `${this.element.id || 'row'}-${index}`;
      row.setAttribute('aria-selected', String(isPicked));
      if (isPicked) this.element.setAttribute('aria-activedescendant', row.id);
    }
    if (known) known.row.replaceWith(row);
    else this.#space.append(row);
    this.#made.set(index, { key, row });
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
    this.#onPick?.(index);
    this.reveal(index);
  }
}
