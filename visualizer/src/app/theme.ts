/** `auto` is the system's. */
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'holdfast-visualizer-theme';
const NAMES = { auto: 'Auto', light: 'Light', dark: 'Dark' } as const satisfies Record<Theme, string>;

const isTheme = (text: string | null): text is Theme => THEMES.some((theme) => theme === text);

/** Storage may be forbidden: then the choice lasts as long as the page. */
function stored(): Theme {
  try {
    const found = localStorage.getItem(KEY);
    return isTheme(found) ? found : 'auto';
  } catch {
    return 'auto';
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // As above.
  }
}

/** Keeps the choice of theme. `changed` is called when the colours may be others. */
export function keepTheme(button: HTMLButtonElement, changed: () => void): void {
  let theme = stored();
  const apply = () => {
    document.documentElement.dataset.theme = theme;
    button.textContent = NAMES[theme];
    button.title = `Theme: ${NAMES[theme]}`;
    button.setAttribute('aria-label', button.title);
    changed();
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    store(theme);
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  apply();
}
