import { remember, remembered } from './memory';

/** `auto` is the system's. */
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'holdfast-visualizer-theme';
/** What else the colours depend on. */
const OTHER_COLOURS = [
  '(prefers-color-scheme: dark)',
  '(prefers-contrast: more)',
  '(forced-colors: active)',
  'print',
];
const NAMES = { auto: 'Auto', light: 'Light', dark: 'Dark' } as const satisfies Record<Theme, string>;

const isTheme = (text: string | null): text is Theme => THEMES.some((theme) => theme === text);

/** Keeps the choice of theme. `changed` is called when the colours may be others. */
export function keepTheme(button: HTMLButtonElement, changed: () => void): void {
  const found = remembered(KEY);
  let theme = isTheme(found) ? found : 'auto';
  const apply = () => {
    document.documentElement.dataset.theme = theme;
    button.textContent = NAMES[theme];
    button.title = `Theme: ${NAMES[theme]}`;
    button.setAttribute('aria-label', button.title);
    changed();
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    remember(KEY, theme);
    apply();
  });
  for (const query of OTHER_COLOURS) matchMedia(query).addEventListener('change', changed);
  apply();
}
