/**
 * How long after an outage signaling is back, in real browsers: sockets that a link in trouble needs, compared with sockets that Socket.IO
 * reconnects by itself, in the same outages. Needs root, for network namespaces.
 *
 *   npm run bench:signaling                              Chromium over WebSockets, 20 s
 *   npm run bench:signaling -- --seconds 8,20,40 --browser f --transports polling,websocket --rounds 3
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LAB_NEEDS, Lab } from '../tests/network/support/lab.js';
import type { LabPage } from '../tests/network/support/lab-page.js';
import { bundle } from '../tests/support/page-bundles';
import { requires } from '../tests/support/requirements';
import { median } from './support/figures';

/** How long a link's heartbeats take to detect the silence. */
const SUSPICION_MS = 1_000;
const PATIENCE_MS = 90_000;
/** Each starts an outage and returns a function that ends it. */
type Outage = (lab: Lab, ms: number) => Promise<() => Promise<unknown>>;
const OUTAGES: Record<string, Outage> = {
  'every packet dropped': async (lab) => {
    await lab.cutPeer('a');
    return () => lab.heal();
  },
  'relay down': async (lab) => {
    await lab.stopRelay();
    return () => lab.startRelay();
  },
  'cable pulled': async (lab, ms) => {
    const { back } = await lab.carrierLoss('a', ms);
    return () => back;
  },
};

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    browser: { type: 'string', default: 'c' },
    transports: { type: 'string', default: 'websocket' },
    rounds: { type: 'string', default: '2' },
    outages: { type: 'string', default: Object.keys(OUTAGES).join(',') },
    /** Pages of each kind in one outage. */
    pages: { type: 'string', default: '3' },
  },
});

/** When the socket came back, on the wall clock; 0 if it never went down. */
async function upAgain(page: LabPage): Promise<number> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { isUp, sinceMs } = await page.evaluate(() => window.signaling.look(), null);
    if (isUp) return sinceMs;
    if (Date.now() > deadline) return Number.POSITIVE_INFINITY;
    await delay(100);
  }
}

/** Seconds from the end of one outage until each socket was up again. */
async function lateness(name: string, seconds: number): Promise<Record<'missed' | 'alone', number[]>> {
  const outage = OUTAGES[name];
  if (!outage) throw new Error(`unknown outage: ${name}; known: ${Object.keys(OUTAGES).join(', ')}`);
  const lab = await Lab.open();
  try {
    const source = await bundle({ entry: 'bench/support/signaling-page.ts', format: 'iife' });
    // Browsers throttle WebSockets per process, so each socket gets its own browser.
    const pages = await Promise.all(
      Array.from({ length: 2 * Number(flags.pages) }, async (_, index) => {
        const browser = await lab.launch('a', flags.browser === 'f' ? 'f' : 'c');
        const page = await browser.newPage();
        await page.goto(`${lab.origin}/blank.html`);
        await page.addScript(source);
        await page.evaluate(({ url, transports }) => window.signaling.open(url, transports), {
          url: lab.origin,
          transports: flags.transports.split(','),
        });
        return { page, isMissed: index % 2 === 0 };
      }),
    );
    const end = await outage(lab, seconds * 1_000);
    await delay(SUSPICION_MS);
    for (const { page, isMissed } of pages)
      if (isMissed) await page.evaluate(() => window.signaling.miss(), null);
    await delay(seconds * 1_000 - SUSPICION_MS);
    await end();
    const endedAtMs = Date.now();
    const late = await Promise.all(
      pages.map(async ({ page, isMissed }) => ({ isMissed, atMs: await upAgain(page) })),
    );
    const of = (wanted: boolean) =>
      late
        .filter(({ isMissed, atMs }) => isMissed === wanted && atMs > 0)
        .map(({ atMs }) => (atMs - endedAtMs) / 1_000);
    return { missed: of(true), alone: of(false) };
  } finally {
    await lab.close();
  }
}

const described = (values: readonly number[]) =>
  values.length === 0
    ? 'none noticed the outage'
    : `${median(values).toFixed(1)} s (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`;

if (!requires(...LAB_NEEDS)) throw new Error('The lab of network namespaces cannot run here.');

for (const name of flags.outages.split(','))
  for (const seconds of flags.seconds.split(',').map(Number)) {
    const rounds = [];
    for (let round = 0; round < Number(flags.rounds); round += 1) rounds.push(await lateness(name, seconds));
    const missed = rounds.flatMap((round) => round.missed);
    console.log(
      `${name} for ${seconds} s, median of ${missed.length}: back after ${described(missed)}; Socket.IO alone ${described(rounds.flatMap(({ alone }) => alone))}`,
    );
  }
