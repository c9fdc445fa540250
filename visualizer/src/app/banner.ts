import { html, show } from '../dom';

/** A message at the top of the page, with buttons for what the user can do about it. */
export interface Notice {
  tone: 'calm' | 'good' | 'warn' | 'bad';
  text: string;
  buttons: { text: string; act: () => void }[];
}

/** Shows at most one notice. It is called with every frame, so it writes to the page only what has changed. */
export class Banner {
  readonly #host: HTMLElement;
  #shown = '';

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  show(notice: Notice | null): void {
    const key = notice
      ? JSON.stringify([notice.tone, notice.text, notice.buttons.map(({ text }) => text)])
      : '';
    if (key === this.#shown) return;
    this.#shown = key;
    show(this.#host, notice !== null);
    if (!notice) return this.#host.replaceChildren();
    this.#host.dataset.tone = notice.tone;
    this.#host.replaceChildren(
      html('p', {}, notice.text),
      ...notice.buttons.map(({ text, act }) => html('button', { type: 'button', click: act }, text)),
    );
  }
}
