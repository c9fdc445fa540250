/** What the library does during an outage, as the browsers and the server see it. */
import { describe, expect, it, vi } from 'vitest';
import { connectPlayers, createPlayers, namesOf, type Player, pass } from './players';

const openOf = ({ end }: Player) =>
  end.peerConnections.filter(({ signalingState }) => signalingState !== 'closed');

/** For a while neither packets nor signals pass; afterwards packets do. */
async function isolate({ world, a }: Awaited<ReturnType<typeof connectPlayers>>, ms: number) {
  world.network.cut();
  world.relay.loss = 1;
  await pass(ms);
  expect(a.manager.state).toBe('restarting');
  world.network.heal();
}

describe('a lost connection', () => {
  it('heals without signaling after 30 s in Chromium, which by itself gives up after 15 s', async () => {
    const players = await connectPlayers();
    await isolate(players, 30_000);
    await pass(2_000);
    for (const { manager, end, heard } of [players.a, players.b]) {
      expect(namesOf(heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
      expect(manager.peerConnection).toBe(end.peerConnections[0]);
    }
  });

  it.each(['firefox', 'chromium'] as const)(
    'is kept alive by restartIce() in Chromium only: %s',
    async (profile) => {
      const players = await connectPlayers({}, { profile });
      const [first] = players.a.end.peerConnections;
      if (!first) throw new Error('no connection');
      const stirred = vi.spyOn(first, 'restartIce');
      await isolate(players, 20_000);
      expect(stirred.mock.calls.length > 0).toBe(profile === 'chromium');
    },
  );

  it('is the only one left once it is back: unanswered attempts are closed', async () => {
    const players = await connectPlayers();
    await isolate(players, 9_000);
    expect(openOf(players.a).length).toBeGreaterThan(1);
    await pass(1_000);
    for (const player of [players.a, players.b]) {
      expect(player.manager.state).toBe('connected');
      expect(openOf(player)).toEqual([player.manager.peerConnection]);
    }
  });
});

describe('a recovery', () => {
  it('succeeds on a path where a handshake takes longer than the renewal of an attempt', async () => {
    const { world, a, b } = await connectPlayers({}, { profile: 'firefox' });
    world.network.setDelay(350);
    world.relay.delayMs = 370;
    await pass(5_000);
    world.network.cut();
    await pass(40_000);
    world.network.heal();
    await pass(20_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('succeeds when each offer is answered only after eight seconds', async () => {
    const { world, a, b } = createPlayers();
    world.relay.delayMs = 4_000;
    void a.manager.connectToPeer(b.end.playerId);
    void b.manager.connectToPeer(a.end.playerId);
    await pass(20_000);
    a.manager.dataChannel?.close();
    await pass(1_000);
    expect([a.manager.state, b.manager.state]).toEqual(['restarting', 'restarting']);
    await pass(20_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('counts its attempt by the answer when the relay acknowledges nothing', async () => {
    const { world, a } = await connectPlayers();
    world.relay.acknowledges = false;
    const counts: number[] = [];
    a.manager.on('status', ({ attempts }) => void (counts.at(-1) !== attempts && counts.push(attempts)));
    a.manager.dataChannel?.close();
    await pass(900);
    expect([a.manager.state, counts]).toEqual(['connected', [0, 1]]);
  });

  it('counts on both ends when both start it at once, although one offer yields', async () => {
    const { world, a, b } = createPlayers();
    world.network.blockDirect();
    void a.manager.connectToPeer(b.end.playerId);
    void b.manager.connectToPeer(a.end.playerId);
    await pass(20_000);
    const counted = ({ lines }: Player) =>
      lines.filter(({ line }) => /restart attempt/.test(String(line[0])));
    expect([counted(a), counted(b)].map(({ length }) => length)).toEqual([1, 1]);
  });

  it('fetches servers again for a first connect, and makes a new offer', async () => {
    let asked = 0;
    const iceServers = async () => {
      asked += 1;
      return [];
    };
    const { world, a, b } = createPlayers({}, {}, { iceServers });
    world.relay.loss = 1;
    void a.manager.connectToPeer(2);
    await pass(10_000);
    const before = [asked, a.manager.peerConnection?.localDescription?.sdp];
    await pass(10_000);
    expect([before[0], asked]).toEqual([1, 2]);
    expect(a.manager.peerConnection?.localDescription?.sdp).not.toBe(before[1]);
    world.relay.loss = 0;
    void b.manager.connectToPeer(1);
    await pass(2_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect(a.end.peerConnections).toHaveLength(1);
  });

  it('continues when the servers of an attempt never arrive', async () => {
    let hangs = false;
    const iceServers = () => (hangs ? new Promise<RTCIceServer[]>(() => {}) : Promise.resolve([]));
    const { world, a, b } = await connectPlayers({ iceServers }, { profile: 'firefox' });
    hangs = true;
    world.network.cut();
    await pass(40_000);
    world.network.heal();
    await pass(10_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('makes at most one connection when the servers of several attempts arrive late', async () => {
    let answer: (() => void)[] | null = null;
    const iceServers = () =>
      new Promise<RTCIceServer[]>((resolve) => {
        if (answer) answer.push(() => resolve([]));
        else resolve([]);
      });
    const { world, a } = await connectPlayers({ iceServers }, { profile: 'firefox' });
    answer = [];
    world.network.cut();
    world.relay.loss = 1;
    await pass(11_500);
    const before = a.end.peerConnections.length;
    for (const each of answer) each();
    await pass(0);
    expect(a.end.peerConnections.length - before).toBeLessThanOrEqual(1);
  });
});

describe('a restart under a live link', () => {
  it.each(['chromium', 'firefox'] as const)(
    'is offered again when its offer was lost on the way, in %s',
    async (profile) => {
      const { world, a, b } = await connectPlayers({}, { profile });
      world.relay.loss = 1;
      expect(await a.manager.attemptIceRestart()).toBe(true);
      await pass(700);
      world.relay.loss = 0;
      await pass(1_000);
      expect([a, b].map(({ heard }) => namesOf(heard))).toEqual([['onConnectionRestored'], []]);
    },
  );

  /** A provider of ICE servers that answers late, on the test's clock. */
  const late = () => new Promise<RTCIceServer[]>((answer) => setTimeout(answer, 200, []));
  it.each([
    { profile: 'firefox', iceServers: () => [], askedAtMs: 900 },
    { profile: 'chromium', iceServers: late, askedAtMs: 1_200 },
  ] as const)(
    'is offered again after it yielded to an offer of the peer, whose link then came back, in $profile',
    async ({ profile, iceServers, askedAtMs }) => {
      const { world, a, b } = await connectPlayers({ preset: 'rollback', iceServers }, { profile });
      world.network.cut(1);
      world.relay.delayMs = 300;
      await pass(askedAtMs);
      expect([a.manager.state, b.manager.state]).toEqual(['restarting', 'connected']);
      expect(await b.manager.attemptIceRestart()).toBe(true);
      await pass(30);
      world.network.heal();
      await pass(3_000);
      const restored = ['onConnectionLost', 'onConnectionRestored'];
      expect([a, b].map(({ heard }) => namesOf(heard))).toEqual([restored, restored.slice(1)]);
    },
  );
});

describe('a signal made while the socket is down', () => {
  const TURN = { urls: 'turn:relay.example', username: 'name', credential: 'secret' };

  it('is sent once it is back: candidates of a first connect', async () => {
    const { a, b } = createPlayers({ iceServers: [TURN], forceRelay: true });
    const { socket } = b.end;
    const send = b.manager._sendSignal.bind(b.manager);
    let isFirst = true;
    b.manager._sendSignal = (type: string, payload: unknown) => {
      if (type === 'ice-candidate' && isFirst) socket.down();
      isFirst &&= type !== 'ice-candidate';
      return send(type, payload);
    };
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(1_000);
    expect([a.manager.state, b.manager.state]).toEqual(['checking', 'checking']);
    socket.up();
    await pass(500);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('is sent once it is back: a restart under a live link', async () => {
    const { a, b } = await connectPlayers();
    a.end.socket.down();
    expect(await a.manager.attemptIceRestart()).toBe(true);
    await pass(2_000);
    expect(namesOf(a.heard)).toEqual([]);
    a.end.socket.up();
    await pass(500);
    expect(namesOf(a.heard)).toEqual(['onConnectionRestored']);
    expect([a, b].map(({ manager }) => manager.peerConnection?.signalingState)).toEqual(['stable', 'stable']);
  });

  it('is made again if it was rolled back meanwhile', async () => {
    const { a } = await connectPlayers();
    a.end.socket.down();
    expect(await a.manager.attemptIceRestart()).toBe(true);
    await pass(8_000);
    a.end.socket.up();
    await pass(500);
    expect(namesOf(a.heard)).toEqual(['onConnectionRestored']);
  });

  it('is not sent if the link has failed meanwhile', async () => {
    const { world, a, b } = await connectPlayers();
    a.end.socket.down();
    void a.manager.attemptIceRestart();
    await pass(1_000);
    world.network.cut();
    await pass(200_000);
    expect([a.manager.state, b.manager.state]).toEqual(['failed', 'failed']);
    const before = world.relay.signals.length;
    a.end.socket.up();
    await pass(1_000);
    expect(world.relay.signals.length).toBe(before);
  });

  it('is sent only once per offer, with fewer than 16 signals in all', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    a.end.socket.down();
    await pass(20_000);
    const before = world.relay.signals.length;
    a.end.socket.up();
    await pass(100);
    const { from } = { from: a.end.playerId };
    const sent = world.relay.signals.slice(before).filter((signal) => signal.from === from);
    const offers = sent.filter(({ message }) => message.type === 'offer');
    expect(new Set(offers.map(({ message }) => JSON.stringify(message.payload))).size).toBe(offers.length);
    expect(sent.length).toBeLessThan(16);
  });
});

describe('the server', () => {
  it('is pinged while the link is suspect, and no longer once it is up', async () => {
    const { world, a } = await connectPlayers();
    await pass(5_000);
    let asked = 0;
    a.end.socket.onAnyOutgoing((event: string) => {
      if (event === 'holdfast_ping') asked += 1;
    });
    await pass(10_000);
    expect(asked).toBe(0);
    world.network.cut();
    await pass(10_000);
    expect(asked).toBeGreaterThan(5);
    world.network.heal();
    await pass(5_000);
    expect(a.manager.state).toBe('connected');
    asked = 0;
    await pass(10_000);
    expect(asked).toBe(0);
  });
});
