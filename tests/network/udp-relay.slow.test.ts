import { createSocket, type Socket } from 'node:dgram';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { requires } from '../support/requirements';
import { BarePair } from './support/bare-pair.js';
import { launchChromium } from './support/chromium.js';
import type { LabBrowser } from './support/lab-page.js';
import { servePages } from './support/page-server.js';
import { rewriteSignal } from './support/rewrite-candidates.js';
import { UdpRelay } from './support/udp-relay.js';

const PATIENCE = { timeout: 15_000, interval: 10 };

interface Correspondent {
  readonly socket: Socket;
  readonly port: number;
  readonly received: string[];
  readonly senders: Set<number>;
}

async function correspondent(): Promise<Correspondent> {
  const socket = createSocket('udp4');
  const received: string[] = [];
  const senders = new Set<number>();
  socket.on('message', (packet, from) => {
    received.push(packet.toString());
    senders.add(from.port);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { socket, port: socket.address().port, received, senders };
}

describe('the UDP relay between two sockets', () => {
  let relay: UdpRelay;
  let a: Correspondent;
  let b: Correspondent;
  /** Where B reaches A, and A reaches B. */
  let faceOfA: number;
  let faceOfB: number;

  beforeEach(async () => {
    relay = new UdpRelay(7);
    [a, b] = await Promise.all([correspondent(), correspondent()]);
    faceOfA = await relay.portFor('a', '127.0.0.1', a.port);
    faceOfB = await relay.portFor('b', '127.0.0.1', b.port);
  });

  afterEach(async () => {
    await relay.close();
    a.socket.close();
    b.socket.close();
  });

  async function until(isTrue: () => boolean): Promise<void> {
    await vi.waitFor(() => expect(isTrue()).toBe(true), PATIENCE);
  }

  it('passes packets both ways, each from the other face', async () => {
    a.socket.send('from a', faceOfB);
    b.socket.send('from b', faceOfA);
    await until(() => a.received.length === 1 && b.received.length === 1);

    expect([a.received, b.received]).toEqual([['from b'], ['from a']]);
    expect([[...a.senders], [...b.senders]]).toEqual([[faceOfB], [faceOfA]]);
  });

  it('delays each packet', async () => {
    relay.set({ delayMs: 80 });
    const sentAt = performance.now();
    a.socket.send('late', faceOfB);
    await until(() => b.received.length === 1);

    expect(performance.now() - sentAt).toBeGreaterThan(75);
  });

  it('lets packets overtake one another under jitter, and loses none', async () => {
    relay.set({ jitterMs: 60 });
    for (let index = 0; index < 40; index += 1) a.socket.send(String(index), faceOfB);
    await until(() => b.received.length === 40);

    const numbers = b.received.map(Number);
    expect(numbers).not.toEqual([...numbers].sort((one, other) => one - other));
  });

  it('loses the same packets for the same seed', async () => {
    relay.set({ loss: 0.3 });
    for (let index = 0; index < 30; index += 1) a.socket.send(String(index), faceOfB);
    await until(() => relay.counts['a->b'].passed + relay.counts['a->b'].lost === 30);
    const { passed } = relay.counts['a->b'];
    await until(() => b.received.length === passed);
    const first = [...b.received];

    const again = new UdpRelay(7);
    const port = await again.portFor('b', '127.0.0.1', b.port);
    again.set({ loss: 0.3 });
    b.received.length = 0;
    for (let index = 0; index < 30; index += 1) a.socket.send(String(index), port);
    await until(() => b.received.length === passed);
    await again.close();

    expect(passed).toBeLessThan(30);
    expect(b.received).toEqual(first);
  });

  it('loses one way only, and heals', async () => {
    relay.oneWayLoss('a->b');
    a.socket.send('lost', faceOfB);
    b.socket.send('kept', faceOfA);
    await until(() => a.received.length === 1 && relay.counts['a->b'].lost === 1);
    relay.heal();
    a.socket.send('after', faceOfB);
    await until(() => b.received.length > 0);

    expect(b.received).toEqual(['after']);
  });

  it('drops everything as a black hole', async () => {
    relay.blackHole();
    a.socket.send('lost', faceOfB);
    b.socket.send('lost', faceOfA);
    await until(() => relay.counts['a->b'].lost === 1 && relay.counts['b->a'].lost === 1);

    expect([a.received, b.received]).toEqual([[], []]);
  });

  it('rebinds: the peer appears from a new port, and is no longer reached at the old one', async () => {
    await relay.rebind('a');
    const newFaceOfA = await relay.portFor('a', '127.0.0.1', a.port);
    a.socket.send('moved', faceOfB);
    await until(() => b.received.length === 1);
    b.socket.send('to the old port', faceOfA);
    b.socket.send('to the new port', newFaceOfA);
    await until(() => a.received.length > 0);

    expect(newFaceOfA).not.toBe(faceOfA);
    expect([...b.senders]).toEqual([newFaceOfA]);
    expect(a.received).toEqual(['to the new port']);
  });

  it('gives an unannounced endpoint a separate face', async () => {
    const stranger = await correspondent();
    stranger.socket.send('hello', faceOfB);
    await until(() => b.received.length === 1);
    stranger.socket.close();

    expect([...b.senders]).not.toEqual([faceOfA]);
  });

  it('rewrites host candidates to its own ports and drops the others', async () => {
    const host = `candidate:1 1 udp 2122260223 127.0.0.1 ${a.port} typ host generation 0 ufrag x`;
    const ipv6 = 'candidate:2 1 udp 2122260223 ::1 9 typ host';
    const reflexive = 'candidate:3 1 udp 1686052607 192.0.2.9 9 typ srflx raddr 0.0.0.0 rport 0';
    const rewrite = (candidate: string) =>
      rewriteSignal(relay, 'a', { type: 'ice-candidate', payload: { candidate, sdpMid: '0' } });

    expect(await rewrite(host)).toEqual({
      type: 'ice-candidate',
      payload: {
        candidate: `candidate:1 1 udp 2122260223 127.0.0.1 ${faceOfA} typ host generation 0 ufrag x`,
        sdpMid: '0',
      },
    });
    expect(await rewrite(ipv6)).toBeNull();
    expect(await rewrite(reflexive)).toBeNull();
    const sdp = ['v=0', `a=${host}`, `a=${ipv6}`, 'a=end-of-candidates', ''].join('\r\n');
    expect(await rewriteSignal(relay, 'a', { type: 'offer', payload: { type: 'offer', sdp } })).toEqual({
      type: 'offer',
      payload: {
        type: 'offer',
        sdp: ['v=0', `a=${host.replace(` ${a.port} `, ` ${faceOfA} `)}`, 'a=end-of-candidates', ''].join(
          '\r\n',
        ),
      },
    });
  });
});

describe.skipIf(!requires('chromium'))('the UDP relay between two pages', () => {
  let browser: LabBrowser;
  let pages: { readonly origin: string; close(): Promise<void> };
  let relay: UdpRelay;
  let pair: BarePair;

  beforeAll(async () => {
    pages = await servePages({ port: 0 });
    browser = await launchChromium({ args: ['--allow-loopback-in-peer-connection'] });
  });

  beforeEach(async () => {
    relay = new UdpRelay(1);
    const [a, b] = await Promise.all([browser.newPage(), browser.newPage()]);
    await Promise.all([a, b].map((page) => page.goto(`${pages.origin}/blank.html`)));
    pair = await BarePair.connect(a, b, { relay });
    await untilFresh();
  });

  afterEach(async () => {
    await pair.close();
    await relay.close();
  });

  afterAll(async () => {
    await browser.close();
    await pages.close();
  });

  async function untilFresh(): Promise<void> {
    const since = Date.now();
    await vi.waitFor(async () => expect(await pair.isFreshSince(since)).toBe(true), PATIENCE);
  }

  it('carries all their traffic', async () => {
    const before = { ...relay.counts['a->b'] };
    await untilFresh();

    expect(relay.counts['a->b'].passed).toBeGreaterThan(before.passed);
  });

  it('cuts and heals their link', async () => {
    relay.blackHole();
    await vi.waitFor(async () => expect((await pair.look('a')).iceState).toBe('disconnected'), PATIENCE);
    relay.heal();

    await untilFresh();
  });

  it('keeps them connected through a rebinding', async () => {
    await relay.rebind('a');

    await untilFresh();
  });
});
