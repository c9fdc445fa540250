/**
 * `npx tsx bench/discoveries/fresh-to-old.ts`: what happens to a connection that receives an offer of a new connection, like that of an upstream
 * peer whose other end reloaded. Does not use this library.
 */
import type { TestPage } from '../../tests/support/browser-page';
import { launchChromium } from '../../tests/support/chromium';
import { launchFirefox } from '../../tests/support/firefox';
import { startPageServer } from '../../tests/support/page-server';
import { type Signal, type SignalledEnd, take } from './bare-signals.page';

interface Bare extends SignalledEnd {
  /** Its own channels, and those that the other end opened. */
  readonly channels: RTCDataChannel[];
  heard: number;
}

declare global {
  interface Window {
    fresh: Bare;
  }
}

const CONNECT_MS = 1_500;
const LATER_MS = 4_000;
const TURN_MS = 30;

/** Replaces the connection by a new one; the old one stays as it is. */
function makeFresh(): void {
  const pc = new RTCPeerConnection();
  const bare: Bare = { pc, channels: [], signals: [], heard: 0 };
  window.fresh = window.end = bare;
  pc.onicecandidate = ({ candidate }) => candidate && bare.signals.push({ candidate: candidate.toJSON() });
  pc.ondatachannel = ({ channel }) => {
    bare.channels.push(channel);
    channel.onmessage = () => {
      bare.heard += 1;
    };
  };
}

async function offer(): Promise<void> {
  const bare = window.fresh;
  const channel = bare.pc.createDataChannel('game', { ordered: false, maxRetransmits: 0 });
  channel.onmessage = () => {
    bare.heard += 1;
  };
  bare.channels.push(channel);
  await bare.pc.setLocalDescription();
  bare.signals.push({ description: { type: 'offer', sdp: bare.pc.localDescription?.sdp ?? '' } });
}

/** Sends on every channel that is open. @returns the signals to be carried. */
function speak(): Signal[] {
  const { channels, signals } = window.fresh;
  for (const channel of channels) if (channel.readyState === 'open') channel.send('hello');
  return signals.splice(0);
}

async function talk(one: TestPage, two: TestPage, ms: number): Promise<void> {
  for (let turn = 0; turn < ms / TURN_MS; turn += 1) {
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      const signals = await from.evaluate(speak, undefined);
      if (signals.length > 0) await to.evaluate(take, signals);
    }
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
}

const look = (page: TestPage) =>
  page.evaluate(() => {
    const { pc, channels, heard } = window.fresh;
    return `${pc.connectionState}, channels ${channels.map(({ readyState }) => readyState).join(' ')}, heard ${heard}`;
  }, undefined);

const [pages, chromium, firefox] = await Promise.all([startPageServer(), launchChromium(), launchFirefox()]);

try {
  for (const [old, renewed] of [
    [chromium, firefox],
    [chromium, chromium],
    [firefox, chromium],
  ] as const)
    for (const isOldFirst of [true, false]) {
      const [stays, reloads] = await Promise.all([old.newPage(), renewed.newPage()]);
      for (const page of [stays, reloads]) {
        await page.goto(pages.blankUrl);
        await page.evaluate(makeFresh, undefined);
      }
      await (isOldFirst ? stays : reloads).evaluate(offer, undefined);
      await talk(stays, reloads, CONNECT_MS);
      await reloads.evaluate(makeFresh, undefined);
      await stays.evaluate(() => {
        window.fresh.heard = 0;
      }, undefined);
      await reloads.evaluate(offer, undefined);
      await talk(stays, reloads, LATER_MS);
      console.log(
        `${old.name} stays${isOldFirst ? ', and had offered first' : ''}: ${await look(stays)}\n` +
          `  fresh in ${renewed.name}: ${await look(reloads)}`,
      );
      await Promise.all([stays.close(), reloads.close()]);
    }
} finally {
  await Promise.all([pages.close(), chromium.close(), firefox.close()]);
}
