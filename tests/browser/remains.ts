import { randomUUID } from 'node:crypto';
import type { WebRTCManager as Manager } from 'holdfast';
import type { Socket } from 'socket.io-client';
import type { TestBrowser, TestPage } from '../support/browser-page';
import { type Census, installCensus } from './census';

declare global {
  interface Window {
    io(url: string, options: object): Socket;
    Holdfast: { WebRTCManager: typeof Manager };
    sockets: Socket[];
    game: string;
    remains(): Remains;
  }
}

/** What two players in one page keep alive. */
export interface Remains extends Census {
  /** Listeners on the callers' sockets and on their managers. */
  readonly onSockets: number;
}

interface Places {
  /** The address of the page server. */
  readonly pages: string;
  /** The address of the signaling server. */
  readonly signaling: string;
}

/** A page with the library, two sockets that joined one game, and `window.remains()`. */
export async function openCountedPage(browser: TestBrowser, places: Places): Promise<TestPage> {
  const page = await browser.newPage();
  await page.goto(places.pages);
  // Signaling first, so that its own timers are not counted; then the census, before the library is loaded.
  await page.evaluate(loadScript, '/socket.io.js');
  await page.evaluate(openSockets, { url: places.signaling, game: randomUUID() });
  await page.evaluate(installCensus, undefined);
  await page.evaluate(installRemains, undefined);
  await page.evaluate(loadScript, '/holdfast.global.js');
  return page;
}

function loadScript(source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = source;
    script.onload = () => resolve();
    script.onerror = reject;
    document.head.append(script);
  });
}

async function openSockets({ url, game }: { url: string; game: string }): Promise<void> {
  window.game = game;
  window.sockets = [1, 2].map(() => window.io(url, { transports: ['websocket'], forceNew: true }));
  await Promise.all(
    window.sockets.map((socket, index) =>
      socket.emitWithAck('join_game', { game_id: game, player_id: index + 1 }),
    ),
  );
}

export function installRemains(): void {
  const listenersOn = (emitter: object) => {
    const own = Object.values<unknown[]>(Reflect.get(emitter, '_callbacks') ?? {}).flat().length;
    const any: unknown = Reflect.get(emitter, '_anyListeners');
    return own + (Array.isArray(any) ? any.length : 0);
  };
  window.remains = () => ({
    ...window.census(),
    onSockets: window.sockets
      .map((socket) => listenersOn(socket) + listenersOn(socket.io))
      .reduce((sum, each) => sum + each, 0),
  });
}
