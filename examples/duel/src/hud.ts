import type { ConnectionState } from 'holdfast';
import type { LinkStatus } from './link';
import { canLeave, NAMES, type Screen } from './screens';
import type { SessionPhase } from './session';
import { type DuelState, SEATS, type Seat } from './simulation';

const STATES: readonly ConnectionState[] = [
  'new',
  'checking',
  'connected',
  'disconnected',
  'restarting',
  'failed',
  'closed',
];
const MAX_NOTICES = 5;
const COPIED_MS = 1500;

export interface HudCommands {
  readonly restart: () => void;
  readonly toggleRelay: () => void;
  readonly leave: () => void;
  readonly go: (to: NonNullable<Screen['action']>['go']) => void;
}

/** Everything around the arena. It is called 60 times a second, so it writes to the page only what has changed. */
export class Hud {
  readonly #shareUrl: string;
  readonly #commands: HudCommands;
  readonly #shown = new Map<string, string>();
  #screen = '';

  constructor(shareUrl: string, commands: HudCommands) {
    this.#shareUrl = shareUrl;
    this.#commands = commands;
    this.#button('restart', commands.restart);
    this.#button('relay', commands.toggleRelay);
    this.#button('leave', commands.leave);
    element('states').replaceChildren(...STATES.map(stateItem));
    element('notices').replaceChildren(make('li', 'Nothing yet.', 'empty'));
  }

  showLink(link: LinkStatus, rttMs: number | null, phase: SessionPhase): void {
    const { state, route } = link;
    if (this.#changed('state', state)) {
      for (const item of element('states').children) {
        if (item.getAttribute('data-state') === state) item.setAttribute('aria-current', 'true');
        else item.removeAttribute('aria-current');
      }
    }
    const path = route === 'socket' ? 'through the server' : route === 'p2p' ? link.path : '–';
    this.#text('path', path === 'unknown' ? 'peer to peer' : path);
    this.#text(
      'rtt',
      rttMs === null || route === 'none' || link.paused ? '–' : `${rttMs.toFixed(rttMs < 10 ? 1 : 0)} ms`,
    );
    this.#text('attempts', link.maxAttempts === 0 ? '–' : `${link.attempt} of ${link.maxAttempts}`);
    this.#text('relay', link.forceRelay ? 'Allow direct' : 'Force relay');
    this.#enable('restart', state !== 'new' && state !== 'closed');
    // A new link needs the server. Without it the old link would be dropped for nothing.
    this.#enable('relay', phase === 'ready' && (route !== 'none' || state === 'failed'));
    this.#enable('leave', canLeave(phase));
    Object.assign(document.body.dataset, {
      link: state,
      route,
      path: link.path,
      paused: String(link.paused),
    });
  }

  showScore(state: DuelState | null, seat: Seat | null): void {
    for (const s of SEATS) {
      this.#text(`wins-${s}`, String(state?.wins[s] ?? 0));
      this.#text(`name-${s}`, s === seat ? 'You' : NAMES[s]);
    }
    this.#text('round', state === null ? 'Duel' : `Round ${state.round}`);
    document.body.dataset.frame = String(state?.frame ?? 0);
  }

  /** Rebuilds the screen only if its contents change, so that focus and selection are kept. */
  showScreen(screen: Screen | null): void {
    const key = JSON.stringify(screen);
    if (key === this.#screen) return;
    this.#screen = key;
    const host = element('screen');
    element('told').setAttribute('aria-live', screen?.hasNotice ? 'off' : 'polite');
    host.hidden = screen === null;
    if (screen === null) return;
    const parts: HTMLElement[] = [make('h2', screen.title), make('p', screen.text)];
    if (screen.share === true) parts.push(this.#share());
    if (screen.action !== undefined) parts.push(this.#action(screen.action));
    host.replaceChildren(...parts);
    // On a phone the button to leave is below the arena, so the screen may be scrolled out of sight.
    if (screen.action !== undefined) host.scrollIntoView({ block: 'nearest' });
  }

  notice(text: string, tone: 'good' | 'warn' | 'bad'): void {
    const list = element('notices');
    list.querySelector('.empty')?.remove();
    list.prepend(make('li', text, tone));
    while (list.children.length > MAX_NOTICES) list.lastElementChild?.remove();
  }

  #share(): HTMLElement {
    const row = make('div', '', 'share');
    const field = document.createElement('input');
    field.readOnly = true;
    field.value = this.#shareUrl;
    field.setAttribute('aria-label', 'Address of this game');
    const copy = make('button', 'Copy', 'primary');
    copy.addEventListener('click', () => void copyFrom(field, copy));
    row.append(field, copy);
    return row;
  }

  #action({ label, go }: NonNullable<Screen['action']>): HTMLElement {
    const button = make('button', label, 'primary');
    button.addEventListener('click', () => this.#commands.go(go));
    return button;
  }

  #button(id: string, act: () => void): void {
    const button = element(id);
    button.addEventListener('click', () => {
      act();
      // Otherwise the space bar, which fires, would press it again.
      button.blur();
    });
  }

  #enable(id: string, on: boolean): void {
    if (this.#changed(`${id}:enabled`, String(on))) element(id).toggleAttribute('disabled', !on);
  }

  #text(id: string, text: string): void {
    if (this.#changed(id, text)) element(id).textContent = text;
  }

  #changed(key: string, value: string): boolean {
    if (this.#shown.get(key) === value) return false;
    this.#shown.set(key, value);
    return true;
  }
}

export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no element #${id}`);
  return found;
}

function make(tag: string, text: string, className = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function stateItem(state: ConnectionState): HTMLElement {
  const item = make('li', state);
  item.dataset.state = state;
  return item;
}

/** The clipboard API needs a secure context. On a plain HTTP address this falls back to `execCommand`, or leaves the text selected. */
async function copyFrom(field: HTMLInputElement, button: HTMLElement): Promise<void> {
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = 'Copied';
  } catch {
    button.textContent = document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, COPIED_MS);
}
