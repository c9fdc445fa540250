/**
 * `npx tsx bench/discoveries/firefox-after-a-restart.ts [pairs]`: how many bare pairs of Firefox, which offers, and Chromium fail after ICE
 * restarts, either right after the last negotiation, or after 120 messages each way, which take a few seconds.
 */
import { eventually, type TestPage } from '../../tests/support/browser-page';
import { launchChromium } from '../../tests/support/chromium';
import { launchFirefox } from '../../tests/support/firefox';
import { startPageServer } from '../../tests/support/page-server';
import { type SignalledEnd, take } from './bare-signals.page';

interface Bare extends SignalledEnd {
  readonly channel: RTCDataChannel;
  heard: string;
}

declare global {
  interface Window {
    bare: Bare;
  }
}

const PAIRS = Number(process.argv[2] ?? 50);
const TURNS = 120;
const DEAD_AFTER_MS = 8_000;

function makeBare(): void {
  const pc = new RTCPeerConnection();
  const channel = pc.createDataChannel('game', {
    negotiated: true,
    id: 0,
    ordered: false,
    maxRetransmits: 0,
  });
  const bare: Bare = { pc, channel, signals: [], heard: '' };
  window.bare = window.end = bare;
  pc.onicecandidate = ({ candidate }) => candidate && bare.signals.push({ candidate: candidate.toJSON() });
  channel.onmessage = ({ data }) => {
    bare.heard = data;
  };
}

/** An answerer that restarts must state its current role: docs/discoveries/dtls-role-on-restart.md. */
async function offer(setup: string): Promise<void> {
  const { pc, signals } = window.bare;
  await pc.setLocalDescription(await pc.createOffer({ iceRestart: pc.remoteDescription !== null }));
  const sdp = pc.localDescription?.sdp.replaceAll('a=setup:actpass', `a=setup:${setup}`) ?? '';
  signals.push({ description: { type: 'offer', sdp } });
}

async function carry(from: TestPage, to: TestPage): Promise<void> {
  const signals = await from.evaluate(() => window.bare.signals.splice(0), undefined);
  if (signals.length > 0) await to.evaluate(take, signals);
}

/** Sends a message until it arrives, in both directions. @returns false if nothing arrives. */
async function talks(one: TestPage, two: TestPage, text: string): Promise<boolean> {
  const says = async (from: TestPage, to: TestPage) =>
    eventually(
      async () => {
        await carry(one, two);
        await carry(two, one);
        await from.evaluate((line) => {
          if (window.bare.channel.readyState === 'open') window.bare.channel.send(line);
        }, text);
        return to.evaluate(() => window.bare.heard, undefined);
      },
      (heard) => heard === text,
      { timeoutMs: DEAD_AFTER_MS },
    );
  try {
    await says(one, two);
    await says(two, one);
    return true;
  } catch {
    return false;
  }
}

const [pages, chromium, firefox] = await Promise.all([startPageServer(), launchChromium(), launchFirefox()]);

/** Why the pair failed, if it did. */
async function play(turns: number): Promise<string> {
  const [offerer, answerer] = await Promise.all([firefox.newPage(), chromium.newPage()]);
  try {
    for (const page of [offerer, answerer]) {
      await page.goto(pages.blankUrl);
      await page.evaluate(makeBare, undefined);
    }
    await offerer.evaluate(offer, 'actpass');
    for (const [after, restart] of [
      ['the first connect', async () => {}],
      ['a restart by Chromium', () => answerer.evaluate(offer, 'active')],
      ['a restart by Firefox', () => offerer.evaluate(offer, 'actpass')],
    ] as const) {
      await restart();
      for (let turn = 0; turn < turns; turn += 1)
        if (!(await talks(offerer, answerer, `${after} ${turn}`))) return `dead after ${after}`;
    }
    return 'alive';
  } finally {
    await Promise.all([offerer.close(), answerer.close()]);
  }
}

try {
  for (const turns of [1, TURNS]) {
    const ends = new Map<string, number>();
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const end = await play(turns);
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    const line = [...ends].map(([end, count]) => `${count} ${end}`).join(', ');
    console.log(`${turns} message(s) each way between restarts, ${PAIRS} pairs: ${line}`);
  }
} finally {
  await Promise.all([pages.close(), chromium.close(), firefox.close()]);
}
