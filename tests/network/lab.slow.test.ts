import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { requires } from '../support/requirements';
import { BarePair } from './support/bare-pair.js';
import { launchChromium } from './support/chromium.js';
import { launchFirefox } from './support/firefox.js';
import { LAB_NEEDS, Lab } from './support/lab.js';
import type { LabBrowser, LabPage } from './support/lab-page.js';
import type { Peer } from './support/namespaces.js';

/** Only bounds a hang; ICE itself takes up to 8 s to notice a cut. */
const PATIENCE = { timeout: 20_000, interval: 20 };
const TEST_TIMEOUT_MS = 90_000;

/** A candidate whose checks overtake its signal is *prflx* until the signal arrives, and has no address. */
const untilSeen = (expectation: () => Promise<void>) => vi.waitFor(expectation, PATIENCE);

describe.skipIf(!requires(...LAB_NEEDS))('the lab', { timeout: TEST_TIMEOUT_MS }, () => {
  let lab: Lab;
  let browsers: Record<Peer, LabBrowser>;
  const pages: LabPage[] = [];

  beforeAll(async () => {
    lab = await Lab.open();
    const [a, b] = await Promise.all([
      launchChromium({ namespace: lab.namespaceOf('a') }),
      launchChromium({ namespace: lab.namespaceOf('b') }),
    ]);
    browsers = { a, b };
    for (const browser of [a, b]) lab.closeFirst(() => browser.close());
  }, TEST_TIMEOUT_MS);

  afterEach(async () => {
    await lab.heal();
    await Promise.all(pages.splice(0).map((page) => page.close()));
  });

  afterAll(() => lab.close());

  async function openPage(browser: LabBrowser): Promise<LabPage> {
    const page = await browser.newPage();
    pages.push(page);
    await page.goto(`${lab.origin}/blank.html`);
    return page;
  }

  async function connectedPair(configuration: RTCConfiguration = {}, b = browsers.b): Promise<BarePair> {
    const pair = await BarePair.connect(await openPage(browsers.a), await openPage(b), { configuration });
    await untilFresh(pair);
    return pair;
  }

  async function untilFresh(pair: BarePair): Promise<void> {
    const since = Date.now();
    await vi.waitFor(async () => expect(await pair.isFreshSince(since)).toBe(true), PATIENCE);
  }

  async function untilIce(pair: BarePair, peer: Peer, state: RTCIceConnectionState): Promise<void> {
    await vi.waitFor(async () => expect((await pair.look(peer)).iceState).toBe(state), PATIENCE);
  }

  it('joins two browsers across the router', async () => {
    const pair = await connectedPair();

    await untilSeen(async () => expect((await pair.look('a')).remoteAddress).toBe(lab.addressOf('b')));
  });

  it('cuts the UDP between the peers until it is healed, which the link survives', async () => {
    const pair = await connectedPair();

    await lab.cutPeerToPeerUdp();
    await untilIce(pair, 'a', 'disconnected');
    await lab.heal();

    await untilFresh(pair);
    await untilIce(pair, 'a', 'connected');
  });

  it('causes no ICE event with a cut of less than 3 s', async () => {
    const pair = await connectedPair();
    const cutAt = await lab.cutPeerToPeerUdp();

    await vi.waitFor(() => expect(Date.now() - cutAt).toBeGreaterThan(2_000), PATIENCE);
    await lab.heal();
    await untilFresh(pair);

    expect((await pair.look('a')).iceStates).not.toContain('disconnected');
  });

  it('loses one direction only', async () => {
    const pair = await connectedPair();

    await lab.oneWayLoss('a->b');
    const lostSince = Date.now();
    // Not much later: without A's acknowledgements B's SCTP soon stops sending as well.
    await vi.waitFor(async () => {
      expect((await pair.look('a')).newestSentAt).toBeGreaterThan(lostSince + 100);
    }, PATIENCE);

    expect((await pair.look('b')).newestSentAt).toBeLessThanOrEqual(lostSince);
  });

  it('offers a relay when the direct path is blocked for good', async () => {
    await lab.blockDirectForGood();

    const pair = await connectedPair({ iceServers: lab.turn.iceServers, iceTransportPolicy: 'relay' });

    await untilSeen(async () => expect((await pair.look('a')).remoteCandidateType).toBe('relay'));
  });

  it('stops the relay and restarts it', async () => {
    const configuration: RTCConfiguration = { iceServers: lab.turn.iceServers, iceTransportPolicy: 'relay' };
    const before = await connectedPair(configuration);

    await lab.turn.stop();
    await untilIce(before, 'a', 'disconnected');
    await lab.turn.start();

    await connectedPair(configuration);
  });

  it('changes the address of a peer, which the other learns by itself', async () => {
    const pair = await connectedPair();
    const before = lab.addressOf('a');

    await lab.changeAddress('a');
    await untilFresh(pair);

    // Chromium does not show the address of a candidate that was never signalled.
    await vi.waitFor(async () => expect((await pair.look('b')).remoteCandidateType).toBe('prflx'), PATIENCE);
    expect(lab.addressOf('a')).not.toBe(before);
  });

  it('blocks a new address with a stateful firewall', async () => {
    const pair = await connectedPair();

    await lab.statefulFirewall('b');
    await untilFresh(pair);
    await lab.changeAddress('a');

    await untilIce(pair, 'b', 'disconnected');
  });

  it('cuts a peer off from its signaling too', async () => {
    const page = await openPage(browsers.a);
    const fetches = (): Promise<boolean> =>
      page.evaluate(
        (url) =>
          fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(1_000) }).then(
            () => true,
            () => false,
          ),
        '/blank.html',
      );
    expect(await fetches()).toBe(true);

    await lab.cutPeer('a');
    expect(await fetches()).toBe(false);

    await lab.heal();
    await vi.waitFor(async () => expect(await fetches()).toBe(true), PATIENCE);
  });

  it('pulls the cable of a peer and plugs it in again', async () => {
    const page = await openPage(browsers.a);
    const isOnline = (): Promise<boolean> => page.evaluate(() => navigator.onLine, null);

    const { back } = await lab.carrierLoss('a', 1_500);
    await vi.waitFor(async () => expect(await isOnline()).toBe(false), PATIENCE);
    await back;

    await vi.waitFor(async () => expect(await isOnline()).toBe(true), PATIENCE);
  });

  it('joins Firefox in one namespace with Chromium in the other', async () => {
    const firefox = await launchFirefox({ namespace: lab.namespaceOf('b') });
    try {
      const pair = await connectedPair({}, firefox);
      await untilSeen(async () => expect((await pair.look('b')).remoteAddress).toBe(lab.addressOf('a')));
    } finally {
      await firefox.close();
    }
  });
});
