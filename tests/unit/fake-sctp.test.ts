import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FakeDataChannel } from '../../src/testing/fake-data-channel';
import { FakeNetwork, type Page } from '../../src/testing/fake-network';
import { FakeSctp } from '../../src/testing/fake-sctp';
import type { PathKind } from '../../src/testing/fake-sdp';
import { runAtOnce } from '../../src/testing/fake-target';
import { type BrowserProfile, PROFILES } from '../../src/testing/profiles';
import { Timers } from '../../src/testing/timers';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTime(ms);
const CHROMIUM: BrowserProfile = { ...PROFILES.chromium, connectMs: 20 };
const FIREFOX: BrowserProfile = { ...PROFILES.firefox, connectMs: 20 };
const GAME = { ordered: false, maxRetransmits: 0 };

/** Two associations over one path that ICE says is up. Any loss of the network loses every packet. */
function createScene(profile = CHROMIUM) {
  const timers = new Timers();
  const network = new FakeNetwork(timers, () => 0);
  const ice: { path: PathKind | null; isUp: boolean } = { path: 'direct', isUp: true };
  const heard: string[] = [];
  const note = (what: string, page: Page) => void heard.push(`${page} ${what}`);
  const follow = (channel: FakeDataChannel, page: Page) => {
    channel.onopen = () => note('open', page);
    channel.onclose = () => note('close', page);
    channel.onmessage = ({ data }) => note(String(data), page);
    return channel;
  };
  const announced: FakeDataChannel[] = [];
  const create = (page: Page): FakeSctp =>
    new FakeSctp({
      page,
      profile,
      network,
      run: runAtOnce,
      kind: () => ice.path,
      peer: () => (ice.isUp ? (page === 0 ? b : a) : null),
      announce: (channel) => {
        note(`meets ${channel.label}`, page);
        announced.push(follow(channel, page));
      },
    });
  const a = create(0);
  const b = create(1);
  const flow = () => {
    a.flow();
    b.flow();
  };
  return {
    a,
    b,
    network,
    timers,
    ice,
    heard,
    announced,
    flow,
    /** What happens from now on, until `ms` have passed. */
    within: (ms: number) => {
      heard.length = 0;
      pass(ms);
      return [...heard];
    },
    create: (page: Page, init: RTCDataChannelInit = GAME, label = 'game') =>
      follow((page === 0 ? a : b).createChannel(label, init), page),
    heal: () => {
      network.heal();
      flow();
    },
  };
}

/** The same, with a channel that is open at both ends. */
function connect(init: RTCDataChannelInit = GAME, profile = CHROMIUM) {
  const scene = createScene(profile);
  const channel = scene.create(0, init);
  scene.flow();
  pass(20);
  const [theirs] = scene.announced;
  if (!theirs) throw new Error('not announced');
  expect([channel.readyState, theirs.readyState]).toEqual(['open', 'open']);
  scene.heard.length = 0;
  return { ...scene, channel, theirs };
}

describe('the handshake of a fake association', () => {
  it('takes half the time of ICE, and two round trips', () => {
    const { a, b, network, flow } = createScene();
    network.setDelay(30, 0);
    network.setDelay(20, 1);
    flow();
    pass(109);
    expect([a.state, b.state]).toEqual(['connecting', 'connecting']);
    pass(1);
    expect([a.state, b.state]).toEqual(['connected', 'connected']);
  });

  it('waits for ICE to be up at both ends, when it starts and when it ends', () => {
    const { a, ice, flow, timers } = createScene();
    ice.isUp = false;
    flow();
    expect(timers.size).toBe(0);
    ice.isUp = true;
    flow();
    ice.isUp = false;
    pass(100);
    expect(a.state).toBe('connecting');
  });

  it('happens once', () => {
    const { flow, timers } = connect();
    flow();
    expect(timers.size).toBe(0);
  });

  it('of a new one with an end that has another counts as a restart of that other', () => {
    const { b, network, announced } = connect();
    const fresh = new FakeSctp({
      page: 0,
      profile: CHROMIUM,
      network,
      run: runAtOnce,
      kind: () => 'direct',
      peer: () => b,
      announce() {},
    });
    const told: unknown[] = [];
    const channel = fresh.createChannel('again', GAME);
    channel.onmessage = ({ data }) => told.push(data);
    fresh.flow();
    pass(30);
    announced.at(-1)?.send('hello');
    pass(5);
    expect([announced.at(-1)?.label, told]).toEqual(['again', ['hello']]);
  });

  it('is not answered by an association that has ended, nor completed by one', () => {
    const { a, b, flow } = createScene();
    flow();
    a.close({ notify: false });
    pass(100);
    expect([a.state, b.state]).toEqual(['closed', 'connecting']);
  });
});

describe('a channel of a fake association', () => {
  it('opens with it, and is announced to the other end a trip later', () => {
    const { network, flow, create, within, announced } = createScene();
    network.setDelay(30, 0);
    const channel = create(0, { ...GAME, protocol: 'chess' });
    flow();
    expect([channel.id, within(69)]).toEqual([null, []]);
    expect([within(1), channel.id]).toEqual([['0 open'], 0]);
    expect(within(29)).toEqual([]);
    expect(within(1)).toEqual(['1 meets game', '1 open']);
    const [{ label, ordered, maxRetransmits, protocol, id } = {}] = announced;
    expect({ label, ordered, maxRetransmits, protocol, id }).toEqual({
      label: 'game',
      ordered: false,
      maxRetransmits: 0,
      protocol: 'chess',
      id: 0,
    });
  });

  it('that is created later opens at once, but after createChannel() returns', () => {
    const { create, within } = connect();
    const later = create(1, GAME, 'later');
    expect(later.readyState).toBe('connecting');
    expect(within(1)).toEqual(['1 open', '0 meets later', '0 open']);
    expect(later.id).toBe(1);
  });

  it('is created closed, silently, when the association has ended', () => {
    const { a, create, heard, within } = connect();
    a.close({ notify: true });
    heard.length = 0;
    const late = create(0);
    expect([late.readyState, heard, within(100)]).toEqual(['closed', [], []]);
  });

  it('does not open when the association ends first', () => {
    const { a, create, within } = connect();
    const late = create(0);
    a.close({ notify: false });
    expect([within(5), late.readyState]).toEqual([[], 'closed']);
  });

  it('takes the first free stream of its end’s parity', () => {
    const { create } = connect();
    create(0, { negotiated: true, id: 2 });
    const ids = [create(0), create(0), create(1), create(1)];
    pass(5);
    expect(ids.map(({ id }) => id)).toEqual([4, 6, 1, 3]);
  });

  it.each([
    { page: 0, free: 511, last: 1_022 },
    { page: 1, free: 512, last: 1_023 },
  ] as const)('is refused when no stream is left: 512 for each end, here $page', ({ page, free, last }) => {
    const { create } = connect();
    const channels = Array.from({ length: free }, () => create(page));
    pass(5);
    expect(channels.at(-1)?.id).toBe(last);
    create(page);
    expect(() => pass(5)).toThrow(
      expect.objectContaining({ name: 'OperationError', message: 'no stream left' }),
    );
  });

  it('that both ends negotiated is not announced', () => {
    const { create, flow, within } = createScene();
    const [mine, theirs] = [create(0, { negotiated: true, id: 7 }), create(1, { negotiated: true, id: 7 })];
    flow();
    expect(within(50)).toEqual(['0 open', '1 open']);
    mine.send('hello');
    expect([within(1), mine.id, theirs.id]).toEqual([['1 hello'], 7, 7]);
  });

  it('is announced neither to a page that is gone nor to an end that has ended', () => {
    const { a, b, channel, network, announced } = connect();
    network.kill(1);
    b.acceptChannel(channel);
    a.close({ notify: true });
    a.acceptChannel(channel);
    expect(announced).toHaveLength(1);
  });

  it('connects an end that has yet to notice', () => {
    const { a, b, create, within } = createScene();
    create(0);
    a.flow();
    expect(within(20)).toEqual(['0 open', '1 meets game', '1 open']);
    expect(b.state).toBe('connected');
  });
});

describe('data that arrives before its negotiated channel', () => {
  const early = (profile: BrowserProfile) => {
    const { create, within } = connect(GAME, profile);
    const [one, other] = [create(0, { negotiated: true, id: 8 }), create(0, { negotiated: true, id: 9 })];
    pass(5);
    one.send('first');
    other.send('of another');
    one.send('second');
    pass(5);
    create(1, { negotiated: true, id: 8 });
    const atFirst = within(5);
    create(1, { negotiated: true, id: 9 });
    return [atFirst, within(5)];
  };

  it('is kept for it by Firefox, once', () => {
    expect(early(FIREFOX)).toEqual([
      ['1 open', '1 first', '1 second'],
      ['1 open', '1 of another'],
    ]);
  });

  it('is kept by Firefox only for the first channel of its id', () => {
    const { create, within } = connect(GAME, FIREFOX);
    const sender = create(0, { negotiated: true, id: 8 });
    pass(5);
    sender.send('early');
    pass(5);
    const first = create(1, { negotiated: true, id: 8 });
    expect(within(5)).toEqual(['1 open', '1 early']);
    first.close();
    pass(100);
    create(1, { negotiated: true, id: 8 });
    expect(within(5)).toEqual(['1 open']);
  });

  it('is lost in Chromium', () => {
    expect(early(CHROMIUM)).toEqual([['1 open'], ['1 open']]);
  });
});

describe('data on a fake association', () => {
  it('takes its sender’s delay, and is counted and timestamped at both ends', () => {
    const { a, b, channel, network, within } = connect();
    network.setDelay(40, 0);
    expect([a, b].map(({ receivedAtMs }) => receivedAtMs)).toEqual([0, 0]);
    channel.send('hello');
    expect([channel.bufferedAmount, a.bytesSent, b.bytesReceived]).toEqual([5, 5, 0]);
    expect(within(39)).toEqual([]);
    expect(within(1)).toEqual(['1 hello']);
    channel.send('again');
    pass(100);
    expect([a.bytesSent, b.bytesReceived, b.bytesSent, a.bytesReceived]).toEqual([10, 10, 0, 0]);
    const arrivedAtMs = 1_000_000 + 20 + 40 + 40;
    expect([a, b].map(({ receivedAtMs }) => receivedAtMs)).toEqual([arrivedAtMs, arrivedAtMs]);
  });

  it('is acknowledged on the path that is selected, to either end', () => {
    const { a, b, channel, theirs, network, ice } = connect();
    ice.path = 'relay';
    network.blockDirect();
    channel.send('hello');
    pass(1);
    expect([a, b].map(({ receivedAtMs }) => receivedAtMs)).toEqual([1_000_020, 1_000_020]);
    network.cut(0);
    pass(1);
    theirs.send('hello');
    pass(1);
    expect([a, b].map(({ receivedAtMs }) => receivedAtMs)).toEqual([1_000_022, 1_000_020]);
  });

  it('is refused when the buffer of its browser is full', () => {
    const { channel, network } = connect({});
    network.cut();
    const chunk = new Uint8Array(262_144);
    for (let sent = 0; sent < 64; sent += 1) channel.send(chunk);
    expect(() => channel.send('x')).toThrow(expect.objectContaining({ name: 'OperationError' }));
    expect(channel.bufferedAmount).toBe(16 * 1_024 * 1_024);
  });

  it.each<[string, (network: FakeNetwork) => void]>([
    ['lost', (network) => network.setLoss(1, 1)],
    ['cut off', (network) => network.cut(1)],
  ])('whose acknowledgement is %s sets no timestamp at its sender', (_, spoil) => {
    const { a, b, channel, network, within } = connect();
    spoil(network);
    channel.send('hello');
    expect(within(1)).toEqual(['1 hello']);
    expect([a.receivedAtMs, b.receivedAtMs]).toEqual([0, 1_000_020]);
  });

  it.each([
    { init: { maxRetransmits: 0 }, comesAfterMs: null },
    { init: { maxPacketLifeTime: 100 }, comesAfterMs: null },
    { init: {}, comesAfterMs: 230 },
  ])('that the network drops on a channel of %o is lost, or sent again', ({ init, comesAfterMs }) => {
    const { a, channel, network, within } = connect(init);
    network.setDelay(30);
    network.setLoss(1, 0);
    channel.send('hello');
    expect(a.bytesSent).toBe(5);
    expect(within(229)).toEqual([]);
    expect(within(1)).toEqual(comesAfterMs === null ? [] : ['1 hello']);
  });

  it('that is reliable and not dropped arrives at once', () => {
    const { channel, within } = connect({});
    channel.send('hello');
    expect(within(1)).toEqual(['1 hello']);
  });

  it('reaches neither a page that is gone nor an end that has ended', () => {
    const { b, network } = connect();
    network.kill(1);
    b.receive(0, 'hello');
    expect(b.bytesReceived).toBe(0);
    const other = connect();
    other.b.close({ notify: true });
    other.b.receive(0, 'hello');
    expect(other.b.bytesReceived).toBe(0);
  });
});

describe('data on a fake association whose path is lost', () => {
  const numbers = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
  const sendAll = (channel: FakeDataChannel, texts: string[]) => {
    for (const text of texts) channel.send(text);
  };

  it('is lost for ten unreliable messages, and then buffered for 50 ms longer than the outage', async () => {
    const { channel, network, within, heal } = connect();
    network.cut();
    sendAll(channel, numbers(10, 19));
    await Promise.resolve();
    expect(channel.bufferedAmount).toBe(0);
    sendAll(channel, numbers(20, 22));
    expect(channel.bufferedAmount).toBe(6);
    pass(5_000);
    heal();
    expect(within(49)).toEqual([]);
    channel.send('23');
    expect([within(1), channel.bufferedAmount]).toEqual([[], 8]);
    await Promise.resolve();
    expect(channel.bufferedAmount).toBe(0);
    expect(within(1)).toEqual(['1 20', '1 21', '1 22', '1 23']);
    channel.send('24');
    expect(within(1)).toEqual(['1 24']);
  });

  it.each([
    ['in which something was buffered', 13],
    ['in which nothing was buffered', 7],
  ])('is lost for ten messages again after an outage %s', (_, count) => {
    const { channel, network, heal, within } = connect();
    network.cut();
    sendAll(channel, numbers(1, count));
    heal();
    pass(100);
    network.cut();
    sendAll(channel, numbers(50, 60));
    heal();
    expect(within(100)).toEqual(['1 60']);
  });

  it('counts its ten again once something went through', () => {
    const { channel, network, within, heal } = connect();
    network.cut();
    sendAll(channel, numbers(1, 7));
    network.heal();
    channel.send('through');
    network.cut();
    sendAll(channel, numbers(50, 60));
    heal();
    expect(within(100)).toEqual(['1 through', '1 60']);
  });

  it.each([{}, { maxPacketLifeTime: 9_999 }])('is buffered from the first on a channel of %o', (init) => {
    const { channel, network, within, heal } = connect(init);
    network.cut();
    channel.send('hello');
    expect(channel.bufferedAmount).toBe(5);
    heal();
    expect(within(60)).toEqual(['1 hello']);
  });

  it.each([
    { name: 'Chromium', profile: CHROMIUM, heard: ['1 just so'] },
    { name: 'Firefox', profile: FIREFOX, heard: ['1 too old', '1 just so'] },
  ])('older than its lifetime is dropped, or not: $name', async ({ profile, heard }) => {
    const { a, channel, network, within, heal } = connect({ maxPacketLifeTime: 150 }, profile);
    network.cut();
    channel.send('too old');
    pass(1);
    channel.send('just so');
    pass(100);
    heal();
    expect(within(60)).toEqual(heard);
    await Promise.resolve();
    expect([channel.bufferedAmount, a.bytesSent]).toEqual([0, heard.join('').length - 2 * heard.length]);
  });

  it('stays buffered when the path is lost again before it is sent', () => {
    const { channel, network, within, heal } = connect({});
    network.cut();
    channel.send('hello');
    heal();
    pass(20);
    network.cut();
    expect(within(5_000)).toEqual([]);
    heal();
    expect(within(60)).toEqual(['1 hello']);
  });

  it('is buffered when no pair is selected, too', () => {
    const { channel, ice, within } = connect({});
    ice.path = null;
    channel.send('hello');
    expect(within(1_000)).toEqual([]);
  });
});

describe('closing a channel of a fake association', () => {
  it('takes 6 ms at this end, and a trip more at the other', () => {
    const { channel, theirs, network, within } = connect();
    network.setDelay(30);
    channel.close();
    expect([within(5), channel.readyState]).toEqual([[], 'closing']);
    expect(within(1)).toEqual(['0 close']);
    expect([within(29), theirs.readyState]).toEqual([[], 'open']);
    expect(within(1)).toEqual(['1 close']);
  });

  it('ends only that channel, and fires `close` once', () => {
    const { channel, create, within, timers, flow } = connect();
    create(0, GAME, 'other');
    pass(5);
    channel.close();
    expect(within(100)).toEqual(['0 close', '1 close']);
    flow();
    expect(timers.size).toBe(0);
  });

  it('frees a negotiated stream', () => {
    const { create, within } = connect();
    const open = () => ([0, 1] as const).map((page) => create(page, { negotiated: true, id: 7 }));
    const [former] = open();
    pass(5);
    former?.close();
    pass(100);
    const [later] = open();
    pass(5);
    later?.send('hello');
    expect(within(5)).toEqual(['1 hello']);
  });

  it('before the handshake is not announced to the other end', () => {
    const { create, within, flow } = createScene();
    create(0).close();
    expect(within(100)).toEqual(['0 close']);
    flow();
    expect(within(2_000)).toEqual([]);
  });

  it('in an outage reaches the other end a second after it', () => {
    const { channel, network, within, heal } = connect();
    network.cut();
    channel.close();
    expect(within(5_000)).toEqual(['0 close']);
    heal();
    expect(within(999)).toEqual([]);
    expect(within(2)).toEqual(['1 close']);
  });
});

describe('the end of a fake association', () => {
  it('by its own page reaches the other end 6 ms and a trip later', () => {
    const { a, b, channel, network, within } = connect();
    network.setDelay(30);
    a.close({ notify: false });
    expect([a.state, channel.readyState, within(35), b.state]).toEqual(['closed', 'closed', [], 'connected']);
    expect([within(1), b.state]).toEqual([['1 close'], 'closed']);
    a.close({ notify: false });
    expect(within(100)).toEqual([]);
  });

  it('by a failure is reported only to its own page', () => {
    const { a, b, heard, within } = connect();
    a.close({ notify: true });
    expect(heard).toEqual(['0 close']);
    expect([within(1_000), b.state]).toEqual([[], 'connected']);
  });

  it('by a failure does not reach the other end even when its page closes the connection then', () => {
    const { a, b, within } = connect();
    a.close({ notify: true });
    a.close({ notify: false });
    expect([within(1_000), b.state]).toEqual([[], 'connected']);
  });

  it('in an outage does not reach the other end', () => {
    const { a, b, network, within } = connect();
    network.cut();
    a.close({ notify: false });
    expect([within(1_000), b.state]).toEqual([[], 'connected']);
  });

  it('ends what was under way: the handshake, buffered data, pending announcements', () => {
    const young = createScene();
    young.flow();
    young.a.close({ notify: false });
    young.b.close({ notify: false });
    expect(young.timers.size).toBe(0);

    const { a, channel, create, network, heal, timers } = connect({});
    const other = create(0);
    pass(5);
    network.cut();
    channel.send('held back');
    other.close();
    pass(10);
    heal();
    expect(timers.size).toBe(2);
    a.close({ notify: true });
    expect(timers.size).toBe(0);
  });

  it('by a page that navigates away reaches the other end 120 ms and a trip later', () => {
    const { a, b, network, within } = connect();
    network.setDelay(30, 0);
    a.navigateAway();
    expect([within(149), a.state, b.state]).toEqual([[], 'connected', 'connected']);
    expect([within(1), b.state]).toEqual([['1 close'], 'closed']);
  });

  it('by a page that navigates away in an outage, or before it was connected, does not reach the other end', () => {
    const { a, network, within, timers } = connect();
    network.cut();
    a.navigateAway();
    expect(within(1_000)).toEqual([]);
    createScene().a.navigateAway();
    expect(timers.size).toBe(0);
  });
});
