import { createServer, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requires } from '../support/requirements';
import { soon } from './soon';
import { look, openWatchVenue, type WatchVenue } from './watch-venue';

const BUILD_MS = 180_000;
const FOLDER = '/games';

/** Serves the root of `target` below {@link FOLDER}, and nothing else. */
async function proxyTo(target: string) {
  const proxy = createServer((asked, answer) => {
    if (!asked.url?.startsWith(`${FOLDER}/`)) return void answer.writeHead(404).end();
    const { method, headers } = asked;
    const passed = request(target + asked.url.slice(FOLDER.length), { method, headers }, (given) => {
      answer.writeHead(given.statusCode ?? 502, given.headers);
      given.pipe(answer);
    });
    passed.on('error', () => answer.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy listens on no address');
  return {
    url: `http://127.0.0.1:${address.port}${FOLDER}`,
    close: () => void proxy.close().closeAllConnections(),
  };
}

describe.skipIf(!requires('chromium'))('behind a proxy that serves them below a path', () => {
  let venue: WatchVenue;
  let proxy: Awaited<ReturnType<typeof proxyTo>>;

  beforeAll(async () => {
    venue = await openWatchVenue({ inspect: true });
    proxy = await proxyTo(venue.url);
  }, BUILD_MS);
  afterAll(async () => {
    await venue.close();
    proxy.close();
  });

  it('the game can be played, and watched from another device', async () => {
    const [players, device] = [
      await venue.openProfile({ url: proxy.url }),
      await venue.openProfile({ url: proxy.url }),
    ];
    const page = await device.openVisualizer(`?game=${players.game}`);
    await players.play(1, '&inspect');
    await players.play(2, '&inspect');
    await soon(() => look(page).states()).toEqual(['connected', 'connected']);
    expect(await device.outside()).toEqual([]);
  });
});
