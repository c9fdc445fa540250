import { addressFor, readAddress, shareUrl } from './address';
import { Controls } from './controls';
import { Game } from './game';
import { element, Hud } from './hud';
import { screenFor } from './screens';
import { View } from './view';

const FRAME_MS = 1000 / 60;
/** After a pause of the page (a dialog, a sleeping laptop) the game does not catch up on all missed frames. */
const MAX_FRAMES_AT_ONCE = 4;

const { gameId, wanted, isGuessed } = readAddress();
const hud = new Hud(shareUrl(gameId), {
  restart: () => game.restart(),
  toggleRelay: () => game.toggleRelay(),
  leave: () => game.leave(),
  go: (to) => location.assign(addressFor(to, gameId)),
});
// If this cannot be loaded, the game works without the visualizer.
const watch = await import('./watch').then(
  ({ watchLink }) => watchLink,
  () => null,
);
const game = new Game({
  gameId,
  wanted,
  watch,
  onNotice: (text, tone) => hud.notice(text, tone),
});
addEventListener('pagehide', () => game.releaseSeat());
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
  let last = performance.now();
  let due = 0;

  const frame = (): void => {
    const now = performance.now();
    due = Math.min(due + (now - last) / FRAME_MS, MAX_FRAMES_AT_ONCE);
    last = now;
    for (; due >= 1; due -= 1) game.tick(now, controls.take());
    if (isGuessed && game.phase === 'game-full') {
      location.replace(addressFor('new-game', gameId));
      return;
    }
    const state = game.match?.state ?? null;
    const screen = screenFor({
      phase: game.phase,
      link: game.link,
      state,
      stalledTicks: game.match?.stalledTicks ?? 0,
      seat: game.seat,
    });
    view.draw(state, game.seat, screen !== null);
    hud.showScore(state, game.seat);
    hud.showLink(game.link, game.match?.rttMs ?? null, game.phase);
    hud.showScreen(screen);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
