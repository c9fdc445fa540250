/** What each key does; the help dialog in index.html lists the same keys. */
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
  /** Closes what is open. */
  escape(): void;
  selectNth(index: number): void;
}

/** Where keys are typed, or mean something already. */
const TYPED_INTO = 'input:not([type=range]):not([type=checkbox]):not([type=radio]), select, textarea, dialog';
const PRESSED = 'button, a, summary, [role=button], [type=checkbox], [type=radio]';
const MOVED_IN = '[type=radio], [role=tab], [type=range]';

export function listenToKeys(actions: KeyActions): void {
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
    const nth = /^[1-9]$/.test(event.key) ? Number(event.key) - 1 : null;
    const act = nth === null ? keys[event.key] : () => actions.selectNth(nth);
    if (!act) return;
    event.preventDefault();
    act();
  });
}
