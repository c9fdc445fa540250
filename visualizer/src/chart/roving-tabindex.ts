import { setAttribute } from '../dom';

const STEPS: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };

/**
 * Makes many elements a single tab stop, as in a toolbar: Up, Down, Home and End move the focus between them. Left and Right stay free, because they move
 * through time.
 */
export function useRovingTabindex(toolbar: SVGElement, stops: readonly SVGElement[]): void {
  const stopAt = (element: SVGElement | undefined): void => {
    for (const stop of stops) setAttribute(stop, 'tabindex', stop === element ? '0' : '-1');
  };
  stopAt(stops[0]);
  // On each element: Chromium makes any SVG element with a focus listener focusable, even the whole chart.
  for (const stop of stops) stop.addEventListener('focus', () => stopAt(stop));
  toolbar.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = stops.findIndex((stop) => stop.contains(document.activeElement));
    const next = nextOf(at, stops.length, event.key);
    if (next === null) return;
    event.preventDefault();
    stops.at(next)?.focus();
  });
}

/** Wraps around at both ends; null for other keys. */
function nextOf(at: number, count: number, key: string): number | null {
  if (key === 'Home') return 0;
  if (key === 'End') return -1;
  const step = STEPS[key];
  return step === undefined ? null : (at + step) % count;
}
