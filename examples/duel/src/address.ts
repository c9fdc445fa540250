import type { Screen } from './screens';
import type { PlayerId } from './seat-storage';

const LATEST_GAME = 'duel:latest-game';
/** After this time a window without a game in its address starts a new game. */
const LATEST_GAME_MS = 10 * 60 * 1000;
const MAX_NAME_LENGTH = 64;

export interface Address {
  readonly gameId: string;
  readonly wanted: PlayerId | null;
  /** The address did not name the game. If the guessed game is full, the page starts a new one. */
  readonly isGuessed: boolean;
}

/**
 * Reads `?game=NAME&player=1|2`, both optional. If the bare address is opened in two windows of one browser, both join the same
 * game. Its name is written into the address, so that a reload finds it again.
 */
export function readAddress(): Address {
  const url = new URL(location.href);
  const player = url.searchParams.get('player');
  const given = url.searchParams.get('game')?.trim().slice(0, MAX_NAME_LENGTH) ?? '';
  const gameId = given === '' ? (latestGame() ?? newName()) : given;
  url.searchParams.set('game', gameId);
  history.replaceState(null, '', url);
  rememberGame(gameId);
  return { gameId, wanted: player === '1' || player === '2' ? player : null, isGuessed: given === '' };
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

/** If storage is blocked, each bare address starts its own game. */
function rememberGame(name: string): void {
  try {
    localStorage.setItem(LATEST_GAME, `${encodeURIComponent(name)} ${Date.now()}`);
  } catch {
    console.info('[Duel] No local storage. To play together, share the address of the game');
  }
}
