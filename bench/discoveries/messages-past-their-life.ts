/**
 * `npx tsx bench/discoveries/messages-past-their-life.ts`: how many messages Chromium delivers after a cut although they have expired,
 * and how many of them a gate that waits for an echo would hold back. Needs root, for network namespaces.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Lab } from '../../tests/network/support/lab.js';
import type { Peer } from '../../tests/network/support/namespaces.js';
import { installPairs, type PairsOptions } from './bare-pairs.page.js';

const LIFE_MS = 250;
const OPTIONS: PairsOptions = {
  pairs: 16,
  game: { maxPacketLifeTime: LIFE_MS },
  pingMs: 100,
  staleMs: 500,
  silenceMs: 800,
};
const CUTS_MS = [1_500, 2_000, 3_000, 8_000];
const ROUNDS = 5;
/** From the end of a cut until everything in flight has arrived. */
const SETTLE_MS = 6_000;

const lab = await Lab.open();
try {
  const open = async (peer: Peer) => {
    const page = await (await lab.launch(peer, 'c')).newPage();
    await page.goto(`${lab.origin}/blank.html`);
    await page.evaluate(installPairs, OPTIONS);
    return page;
  };
  const [a, b] = [await open('a'), await open('b')];
  const offers = await a.evaluate(() => globalThis.pairs.offer(), null);
  const answers = await b.evaluate((them) => globalThis.pairs.answer(them), offers);
  await a.evaluate((them) => globalThis.pairs.accept(them), answers);
  await delay(SETTLE_MS);
  console.log(
    `${2 * OPTIONS.pairs} directions, messages with a life of ${LIFE_MS} ms; stale: older than ${OPTIONS.staleMs} ms`,
  );
  for (const cutMs of CUTS_MS) {
    const sum = { stalePassed: 0, staleHeldBack: 0, freshHeldBack: 0, pairsWithStale: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      for (const page of [a, b]) await page.evaluate(() => globalThis.pairs.forget(), null);
      await lab.cutPeerToPeerUdp();
      await delay(cutMs);
      await lab.heal();
      await delay(SETTLE_MS);
      for (const page of [a, b]) {
        const arrivals = await page.evaluate(() => globalThis.pairs.arrivals(), null);
        for (const name of ['stalePassed', 'staleHeldBack', 'freshHeldBack', 'pairsWithStale'] as const)
          sum[name] += arrivals[name];
      }
    }
    console.log(
      `${ROUNDS} cuts of ${cutMs} ms: stale messages in ${sum.pairsWithStale} of ${2 * OPTIONS.pairs * ROUNDS} directions, ` +
        `${sum.staleHeldBack} held back, ${sum.stalePassed} passed on; ${sum.freshHeldBack} younger ones held back with them`,
    );
  }
} finally {
  await lab.close();
}
