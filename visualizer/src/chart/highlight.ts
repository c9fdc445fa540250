import type { Countdown } from '../model/scene';
import type { Tone } from '../model/words';

/** What lights up in the picture. */
export interface Highlight {
  /** Path of the innermost state; empty for none. */
  path: string;
  tone: Tone;
  /** Ends of the arrow taken last, as they are drawn. */
  taken: { source: string; target: string } | null;
  countdowns: readonly Countdown[];
  /** Counted attempts, beside the name of the live state; null hides them. */
  attempts: string | null;
  picked: string | null;
}

export interface DrawOptions {
  /** In ms; null where a delay depends on an attempt's plan. */
  delays: Readonly<Record<string, number | null>>;
  /** A box by its path, an arrow by its id. */
  onPick: (id: string) => void;
}

/** Whether a state is another, or lies in it. Both by path. */
export const isIn = (path: string, id: string): boolean => path === id || path.startsWith(`${id}.`);

/** Can be reached by keyboard, and says what it is. */
export const pickable = (id: string, label: string, { onPick }: DrawOptions) => ({
  'data-id': id,
  role: 'button',
  'aria-label': label,
  'aria-expanded': 'false',
  click: () => onPick(id),
  keydown: (event: Event) => {
    if (!(event instanceof KeyboardEvent) || (event.key !== 'Enter' && event.key !== ' ')) return;
    event.preventDefault();
    event.stopPropagation();
    onPick(id);
  },
});
