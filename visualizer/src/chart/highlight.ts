import type { Countdown } from '../model/scene';
import type { Tone } from '../model/words';

/** What is highlighted in the chart. */
export interface Highlight {
  /** Path of the innermost state; empty for none. */
  path: string;
  tone: Tone;
  /** Both ends of the last arrow taken, as drawn. */
  taken: { source: string; target: string } | null;
  countdowns: readonly Countdown[];
  /** Counted attempts, beside the name of the live state; null hides them. */
  attempts: string | null;
  picked: string | null;
}

export interface DrawOptions {
  /** In ms; null if a delay depends on the plan of an attempt. */
  delays: Readonly<Record<string, number | null>>;
  /** Called with the path of a box or the id of a line. */
  onPick: (id: string) => void;
}

/** Whether a state is `id` or nested in it, both given by path. */
export const isIn = (path: string, id: string): boolean => path === id || path.startsWith(`${id}.`);

/** Attributes that make an element a button for mouse, keyboard and screen reader. */
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
