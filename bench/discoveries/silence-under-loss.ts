/**
 * `npx tsx bench/discoveries/silence-under-loss.ts`: for how long Chromium delivers no message at all over a network that loses 30 % of
 * its packets, although packets keep arriving.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Loopback } from '../../tests/network/support/loopback.js';
import type { Peer } from '../../tests/network/support/namespaces.js';
import { rewriteSignal } from '../../tests/network/support/rewrite-candidates.js';
import { installPairs } from './bare-pairs.page.js';

const PAIRS = 12;
const LOSS = 0.3;
const MINUTES = Number(process.argv[2] ?? 2);
const SETTLE_MS = 3_000;
const CHANNELS: readonly [string, RTCDataChannelInit][] = [
  ['maxRetransmits: 0', { maxRetransmits: 0 }],
  ['maxPacketLifeTime: 250', { maxPacketLifeTime: 250 }],
];

const rank = (sorted: readonly number[], share: number) =>
  sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;

async function measure(name: string, game: RTCDataChannelInit, oneWayMs: number): Promise<void> {
  const ground = await Loopback.open();
  try {
    const open = async (peer: Peer) => {
      const page = await (await ground.launch(peer, 'c')).newPage();
      await page.goto(`${ground.origin}/blank.html`);
      const options = { pairs: PAIRS, game, pingMs: 200, staleMs: 500, silenceMs: 1_000 };
      await page.evaluate(installPairs, options);
      return page;
    };
    const carry = (from: Peer, type: 'offer' | 'answer', sdps: string[]) =>
      Promise.all(
        sdps.map(async (sdp) => {
          const carried = await rewriteSignal(ground.udp, from, { type, payload: { type, sdp } });
          return carried?.payload.sdp ?? '';
        }),
      );
    const [a, b] = [await open('a'), await open('b')];
    const offers = await a.evaluate(() => globalThis.pairs.offer(), null);
    const answers = await b.evaluate(
      (them) => globalThis.pairs.answer(them),
      await carry('a', 'offer', offers),
    );
    await a.evaluate((them) => globalThis.pairs.accept(them), await carry('b', 'answer', answers));
    await delay(SETTLE_MS);
    for (const page of [a, b]) await page.evaluate(() => globalThis.pairs.forget(), null);
    ground.udp.set({ delayMs: oneWayMs, loss: LOSS });
    await delay(MINUTES * 60_000);
    const pages = [a, b];
    const silences = await Promise.all(
      pages.map((page) => page.evaluate(() => globalThis.pairs.silencesMs(), null)),
    );
    const losses = await Promise.all(
      pages.map((page) => page.evaluate(() => globalThis.pairs.losses(), null)),
    );
    const longest = silences.flat().sort((x, y) => x - y);
    const lost = losses.flat().sort((x, y) => x - y);
    console.log(
      `${name}, ${oneWayMs} ms each way, ${2 * PAIRS} directions for ${MINUTES} min: the longest silence of a direction has the median ` +
        `${seconds(rank(longest, 0.5))}, p90 ${seconds(rank(longest, 0.9))}, worst ${seconds(rank(longest, 1))}; ` +
        `pings without an echo ${Math.round(100 * rank(lost, 0))} to ${Math.round(100 * rank(lost, 1))} %`,
    );
  } finally {
    await ground.close();
  }
}

for (const oneWayMs of [100, 200]) for (const [name, game] of CHANNELS) await measure(name, game, oneWayMs);
