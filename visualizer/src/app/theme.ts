import { readPreference, savePreference } from './preferences';

/** `auto` follows the system. */
const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'holdfast-visualizer-theme';
/** Media queries that also affect the colours. */
const OTHER_COLOURS = [
  '(prefers-color-scheme: dark)',
  '(prefers-contrast: more)',
  '(forced-colors: active)',
  'print',
];
const NAMES = { auto: 'Auto', light: 'Light', dark: 'Dark' } as const satisfies Record<Theme, string>;

const isTheme = (text: string | null): text is Theme => THEMES.some((theme) => theme === text);

/** Applies and saves the choice of theme. `changed` is called whenever the colours may have changed. */
export function setUpTheme(button: HTMLButtonElement, changed: () => void): void {
  const found = readPreference(KEY);
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
    savePreference(KEY, theme);
    apply();
  });
  for (const query of OTHER_COLOURS) matchMedia(query).addEventListener('change', changed);
  apply();
}
