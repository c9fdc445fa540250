import type { WebRTCManager } from 'holdfast';
import type { StatelyObserver } from 'holdfast/inspect';
import { button, find, html } from '../view/html';
import { startCareless } from './careless';
import { startLink } from './link';

/** More than `@statelyai/inspect` keeps for a viewer that connects later. */
const FLOOD_EVENTS = 300;

/** Fills the page around a viewer: two players, a network that can be cut, and a machine that is careless with secrets. */
export function startHost(observe: (label: string) => Pick<StatelyObserver, 'next'>): void {
  const link = startLink(observe);
  const careless = startCareless(observe('game'));
  const viewer = find('viewer', HTMLIFrameElement);
  find('players', HTMLElement).append(...link.players.map(cardOf));
  find('controls', HTMLElement).append(
    button('Connect', link.connect),
    button('Cut the network', link.cut),
    button('Restore the network', link.restoreNetwork),
    button('Restart', link.restart),
    button('Close', link.close),
    button('Fetch servers', careless.fetch),
    button(`${FLOOD_EVENTS} events`, () => careless.flood(FLOOD_EVENTS)),
    button('Reload the viewer', () => viewer.contentWindow?.location.reload()),
  );
}

function cardOf(player: WebRTCManager): HTMLElement {
  const state = html('span', 'word', player.state);
  const attempts = html('span', 'muted', '');
  player.on('state', (status) => {
    state.textContent = status.state;
    attempts.textContent = status.attempts > 0 ? `attempt ${status.attempts} of ${status.maxAttempts}` : '';
  });
  return html('p', 'player', html('b', '', `Player ${player.myPlayerId}`), state, attempts);
}
