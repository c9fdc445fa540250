import { readPreference, savePreference } from './preferences';

/** The actions of the keyboard shortcuts. The help dialog in index.html lists the same keys. */
export interface KeyActions {
  togglePlay(): void;
  step(direction: 1 | -1): void;
  goLive(): void;
  search(): void;
  toggleFull(): void;
  toggleRecording(): void;
  open(): void;
  save(): void;
  help(): void;
  /** Closes open details. */
  escape(): void;
  selectNth(index: number): void;
}

/** Elements in which keys are typed text, or already have a meaning. */
const TYPED_INTO = 'input:not([type=range]):not([type=checkbox]):not([type=radio]), select, textarea, dialog';
const PRESSED = 'button, a, summary, [role=button], [type=checkbox], [type=radio]';
const MOVED_IN = '[type=radio], [role=tab]';

const KEY = 'holdfast-visualizer-letters';

/** `letters` turns single-character shortcuts on and off: speech input can trigger them by accident (WCAG 2.1.4). */
export function listenToKeys(letters: HTMLInputElement, actions: KeyActions): void {
  letters.checked = readPreference(KEY) !== 'off';
  letters.addEventListener('change', () => savePreference(KEY, letters.checked ? 'on' : 'off'));
  const keys: Readonly<Record<string, () => void>> = {
    ' ': () => actions.togglePlay(),
    ArrowLeft: () => actions.step(-1),
    ArrowRight: () => actions.step(1),
    l: () => actions.goLive(),
    '/': () => actions.search(),
    n: () => actions.toggleFull(),
    r: () => actions.toggleRecording(),
    o: () => actions.open(),
    s: () => actions.save(),
    '?': () => actions.help(),
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : null;
    if (event.key === 'Escape') return actions.escape();
    if (target?.closest(TYPED_INTO)) return;
    if (event.key === ' ' && target?.closest(PRESSED)) return;
    if (event.key.startsWith('Arrow') && target?.closest(MOVED_IN)) return;
    const isTyped = event.key.length === 1;
    if (isTyped && event.key !== ' ' && !letters.checked) return;
    const nth = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : null;
    const name = isTyped ? event.key.toLowerCase() : event.key;
    const act = nth === null ? keys[name] : () => actions.selectNth(nth);
    if (!act) return;
    event.preventDefault();
    act();
  });
}
