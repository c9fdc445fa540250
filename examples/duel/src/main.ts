import { Controls } from './controls';
import { Game } from './game';
import { element, Hud } from './hud';
import { screenFor } from './screens';
import { createState } from './simulation';
import { View } from './view';

const FRAME_MS = 1000 / 60;
/** After a pause of the page (a dialog, a sleeping laptop) the game does not run to make up for it. */
const MOST_FRAMES_AT_ONCE = 4;

const address = new URL(location.href);
const gameId = gameName(address);
const wanted = address.searchParams.get('player');

const hud = new Hud(shareUrl(gameId), {
  restart: () => game.restart(),
  toggleRelay: () => game.toggleRelay(),
  leave: () => game.leave(),
  go: (to) => {
    const next = new URL(location.href);
    if (to === 'new-game') next.search = '';
    if (to === 'other-seat') next.searchParams.delete('player');
    location.assign(next);
  },
});
const game = new Game({
  gameId,
  wanted: wanted === '1' || wanted === '2' ? wanted : null,
  onNotice: (text, tone) => hud.notice(text, tone),
});
run();

function run(): void {
  const canvas = element('arena');
  const context = canvas instanceof HTMLCanvasElement ? canvas.getContext('2d') : null;
  if (!(canvas instanceof HTMLCanvasElement) || context === null) {
    hud.showScreen({ title: 'No canvas', text: 'This browser cannot draw the game.' });
    return;
  }
  const view = new View(canvas, context);
  const controls = new Controls(window, { stick: element('stick'), fire: element('fire') });
  const empty = createState();
  let last = performance.now();
  let due = 0;

  const frame = (): void => {
    const now = performance.now();
    due = Math.min(due + (now - last) / FRAME_MS, MOST_FRAMES_AT_ONCE);
    last = now;
    for (; due >= 1; due -= 1) game.tick(now, controls.input);
    const state = game.match?.state ?? null;
    view.draw(state ?? empty, game.seat);
    hud.showScore(state, game.seat);
    hud.showLink(game.link, game.match?.rttMs ?? null);
    hud.showScreen(
      screenFor({
        phase: game.phase,
        link: game.link,
        state,
        stalledTicks: game.match?.stalledTicks ?? 0,
        seat: game.seat,
      }),
    );
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** Without a name in the address a short one is made up and written there, so that a reload finds the game again. */
function gameName(url: URL): string {
  const given = url.searchParams.get('game')?.trim() ?? '';
  if (given !== '') return given.slice(0, 64);
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const made = Array.from(crypto.getRandomValues(new Uint8Array(5)), (n) => letters[n % letters.length]).join(
    '',
  );
  url.searchParams.set('game', made);
  history.replaceState(null, '', url);
  return made;
}

function shareUrl(game: string): string {
  return `${location.origin}${location.pathname}?${new URLSearchParams({ game })}`;
}
