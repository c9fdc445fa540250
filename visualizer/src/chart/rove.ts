import { setAttribute } from '../dom';

const STEPS: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };

/** One stop of Tab for many elements, as a toolbar is one: the keys up and down, Home and End lead from each to the others. Those across lead through time. */
export function rove(toolbar: SVGElement, stops: readonly SVGElement[]): void {
  const stopAt = (element: SVGElement | undefined): void => {
    for (const stop of stops) setAttribute(stop, 'tabindex', stop === element ? '0' : '-1');
  };
  stopAt(stops[0]);
  // At each: Chromium gives the focus to what is drawn in SVG and listens to it, the whole picture too.
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

/** Round from the last to the first; null for a key that leads nowhere. */
function nextOf(at: number, count: number, key: string): number | null {
  if (key === 'Home') return 0;
  if (key === 'End') return -1;
  const step = STEPS[key];
  return step === undefined ? null : (at + step) % count;
}
