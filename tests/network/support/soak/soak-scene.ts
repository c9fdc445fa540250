import { type Browser, chromium } from 'playwright-core';
import { eventually } from '../../../support/browser-page';
import { CHROMIUM_FLAGS } from '../../../support/chromium';
import { bundle } from '../../../support/page-bundles';
import { startRelay } from '../../../support/relay';
import { programPath } from '../../../support/requirements';
import { type PageServer, servePages } from '../page-server.js';
import { UdpRelay } from '../udp-relay.js';
import type { SoakGround } from './soak-faults.js';
import { SoakPlayer } from './soak-player.js';
import { openTcpGate } from './tcp-gate.js';

export interface SoakScene {
  readonly ground: SoakGround;
  readonly players: readonly [SoakPlayer, SoakPlayer];
  close(): Promise<void>;
}

const START_PATIENCE_MS = 30_000;

/** Two pages of one browser, connected through a UDP relay, and through a gate to the real signaling server. */
export async function openScene(seed: number): Promise<SoakScene> {
  const [pages, relay, source, browser] = await Promise.all([
    servePages({ port: 0 }),
    startRelay(),
    bundle({ entry: 'tests/network/support/soak/soak-page.ts', format: 'iife' }),
    chromium.launch({
      executablePath: programPath('chromium'),
      args: [...CHROMIUM_FLAGS, '--allow-loopback-in-peer-connection'],
    }),
  ]);
  const ground = { udp: new UdpRelay(seed), gate: await openTcpGate(relay.port), relay };
  const close = () => closeScene(ground, pages, browser);
  try {
    const [pagesUrl, signalingUrl] = [`${pages.origin}/blank.html`, `http://127.0.0.1:${ground.gate.port}`];
    const start = (peer: 'a' | 'b') =>
      SoakPlayer.start({ browser, peer, udp: ground.udp, pagesUrl, signalingUrl, source });
    const players = await Promise.all([start('a'), start('b')]);
    await eventually(
      () => Promise.all(players.map((player) => player.look())),
      (looks) => looks.every(({ state }) => state === 'connected'),
      { timeoutMs: START_PATIENCE_MS, what: 'the first connect' },
    );
    return { ground, players, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function closeScene(
  { udp, gate, relay }: SoakGround,
  pages: PageServer,
  browser: Browser,
): Promise<void> {
  await browser.close();
  await Promise.all([udp.close(), gate.close(), relay.stop(), pages.close()]);
}
