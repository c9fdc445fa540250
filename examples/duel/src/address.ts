import type { Screen } from './screens';
import type { PlayerId } from './seat-memory';

const LATEST_GAME = 'duel:latest-game';
/** After this long a window without a name in its address begins a game of its own. */
const LATEST_GAME_MS = 10 * 60 * 1000;
const MAX_NAME_LENGTH = 64;

export interface Address {
  readonly gameId: string;
  readonly wanted: PlayerId | null;
  /** The name was not in the address: if that game turns out to be full, another will do. */
  readonly guessed: boolean;
}

/**
 * `?game=NAME&player=1|2`, both optional. The bare address opened in two windows of a browser brings both into one
 * game; its name is written into the address, so that a reload finds it again.
 */
export function readAddress(): Address {
  const url = new URL(location.href);
  const player = url.searchParams.get('player');
  const given = url.searchParams.get('game')?.trim().slice(0, MAX_NAME_LENGTH) ?? '';
  const gameId = given === '' ? (latestGame() ?? newName()) : given;
  url.searchParams.set('game', gameId);
  history.replaceState(null, '', url);
  rememberGame(gameId);
  return { gameId, wanted: player === '1' || player === '2' ? player : null, guessed: given === '' };
}

export function shareUrl(gameId: string): string {
  return `${location.origin}${location.pathname}?${new URLSearchParams({ game: gameId })}`;
}

export function addressFor(to: NonNullable<Screen['action']>['go'], gameId: string): string {
  if (to === 'reload') return location.href;
  return shareUrl(to === 'new-game' ? newName() : gameId);
}

function newName(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  return Array.from(crypto.getRandomValues(new Uint8Array(5)), (n) => letters[n % letters.length]).join('');
}

function latestGame(): string | null {
  try {
    const [name, at] = (localStorage.getItem(LATEST_GAME) ?? '').split(' ');
    return name && Date.now() - Number(at) < LATEST_GAME_MS ? decodeURIComponent(name) : null;
  } catch {
    return null;
  }
}

/** Storage may be forbidden; then each bare address is a game of its own. */
function rememberGame(name: string): void {
  try {
    localStorage.setItem(LATEST_GAME, `${encodeURIComponent(name)} ${Date.now()}`);
  } catch {
    console.info('[Duel] No local storage: share the address of the game to play together');
  }
}
