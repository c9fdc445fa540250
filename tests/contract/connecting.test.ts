import type { FakeEnd, FakeWorld } from 'holdfast/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CONTROL_CHANNEL_ID } from '../../src/peer/control-frames';
import {
  connectPlayers,
  createPlayer,
  createPlayers,
  HANDSHAKE_MS,
  namesOf,
  pass,
  signalsOf,
  startWorld,
} from './players';

type CreateDataChannel = RTCPeerConnection['createDataChannel'];

/** A player whose browser makes channels otherwise. */
function createOdd(world: FakeWorld, end: FakeEnd, odd: (create: CreateDataChannel) => CreateDataChannel) {
  const createPeerConnection = (configuration: RTCConfiguration) => {
    const pc = end.environment.createPeerConnection(configuration);
    pc.createDataChannel = odd(pc.createDataChannel.bind(pc));
    return pc;
  };
  return createPlayer(world, end, { environment: { ...end.environment, createPeerConnection } });
}

/** The page has a channel with the number of our control channel already. */
const mute = (create: CreateDataChannel) => (label: string, init?: RTCDataChannelInit) => {
  if (init?.id === CONTROL_CHANNEL_ID) throw new DOMException('taken', 'OperationError');
  return create(label, init);
};

/** Firefox 115 and 140 begin with 256 streams, and Chromium grants them no more: docs/discoveries/older-browsers.md. */
const narrow = (create: CreateDataChannel) => (label: string, init?: RTCDataChannelInit) => {
  const channel = create(label, init);
  if (Number(init?.id) > 255)
    channel.send = () => {
      throw new DOMException('no such stream', 'OperationError');
    };
  return channel;
};

describe('connecting', () => {
  it.each([
    ['numbers', [0, 1]],
    ['strings', ['agent_left', 'agent_right']],
    ['numbers in strings', ['9', '10']],
    ['numbers beside words', [7, 'agent']],
  ] as const)('lets the lower id offer: %s', async (_, playerIds) => {
    const { world, a, b } = await connectPlayers({}, { playerIds });
    expect(signalsOf(world, a.end)).toContain('offer');
    expect(signalsOf(world, a.end)).not.toContain('answer');
    expect(signalsOf(world, b.end)).toContain('answer');
    expect(signalsOf(world, b.end)).not.toContain('offer');
  });

  it('comes about also where the socket was gone for a moment before there was anybody to connect to', async () => {
    const { a, b } = createPlayers();
    await pass(100);
    a.end.socket.down();
    await pass(100);
    a.end.socket.up();
    await pass(100);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('makes upstream’s channel', async () => {
    const { a, b } = await connectPlayers();
    for (const { manager } of [a, b]) {
      const { label, ordered, maxRetransmits, maxPacketLifeTime, binaryType, readyState } =
        manager.dataChannel ?? {};
      expect({ label, ordered, maxRetransmits, maxPacketLifeTime, binaryType, readyState }).toEqual({
        label: 'game',
        ordered: false,
        maxRetransmits: 0,
        maxPacketLifeTime: null,
        binaryType: 'arraybuffer',
        readyState: 'open',
      });
    }
  });

  it('sends signals of upstream’s shape', async () => {
    const { world, a } = await connectPlayers({}, { playerIds: [0, 'one'], gameId: 7 });
    const offer = world.relay.signals.find(({ message }) => message.type === 'offer')?.message;
    expect(offer).toMatchObject({
      game_id: 7,
      target_player_id: 'one',
      type: 'offer',
      payload: { type: 'offer' },
    });
    const candidate = world.relay.signals.find(({ message }) => message.type === 'ice-candidate')?.message;
    expect(candidate?.payload).toEqual({
      candidate: expect.stringMatching(/^candidate:/),
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: expect.any(String),
    });
    expect(a.manager.targetPeerId).toBe('one');
  });

  it('has the connection’s state in the browser’s words for the connection, which are not those of ICE', async () => {
    const { world, a } = createPlayers();
    world.network.cut();
    void a.manager.connectToPeer(2);
    await pass(HANDSHAKE_MS);
    const { connectionState, iceConnectionState } = a.manager.peerConnection ?? {};
    expect([connectionState, iceConnectionState]).toEqual(['connecting', 'checking']);
    expect(a.manager.getConnectionState()).toBe('connecting');
  });

  it('knows a game under a number here and a string there', async () => {
    const world = startWorld({ gameId: 7 });
    const a = createPlayer(world, world.a);
    const b = createPlayer({ ...world, gameId: '7' }, world.b);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('tells open once, then the path, on both ends', async () => {
    const { a, b } = createPlayers();
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    for (const { heard } of [a, b])
      expect(namesOf(heard)).toEqual(['onDataChannelOpen', 'onConnectionTypeDetected']);
  });

  it('connects whoever calls first, also when the other comes seconds later', async () => {
    for (const [first, second] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const players = createPlayers();
      void players[first].manager.connectToPeer(players[second].end.playerId);
      await pass(2_500);
      void players[second].manager.connectToPeer(players[first].end.playerId);
      await pass(1_500);
      expect([players.a.manager.state, players.b.manager.state]).toEqual(['connected', 'connected']);
    }
  });

  it('takes the sender of the first valid offer as its target without a call of its own', async () => {
    const { a, b } = createPlayers();
    void a.manager.connectToPeer(2);
    await pass(HANDSHAKE_MS);
    expect(b.manager.state).toBe('connected');
    expect(b.manager.targetPeerId).toBe(1);
  });

  it('lets the higher id offer where the other does not call, though its servers take longer than its patience', async () => {
    const iceServers = () => new Promise<RTCIceServer[]>((resolve) => setTimeout(() => resolve([]), 4_000));
    const { a, b } = createPlayers({ iceServers }, {}, { iceServers: [] });
    void b.manager.connectToPeer(1);
    await pass(5_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('names the delay of every timer: without one the mock timers of Node never fire', async () => {
    const { a, b } = createPlayers();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => timers.mockRestore());
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, timers.mock.calls.filter(([, ms]) => typeof ms !== 'number')]).toEqual([
      'connected',
      [],
    ]);
  });

  it('connects although every signal arrives twice', async () => {
    const { world, a, b } = createPlayers();
    world.relay.duplication = 1;
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect([a.end.peerConnections.length, b.end.peerConnections.length]).toEqual([1, 1]);
  });

  it('connects although a third of the signals is lost', async () => {
    const { world, a, b } = createPlayers();
    world.relay.loss = 0.3;
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(15_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });
});

describe('connectToPeer', () => {
  it('connects without a heartbeat where a channel of the page has the number of ours', async () => {
    const world = startWorld();
    const a = createOdd(world, world.a, mute);
    const b = createPlayer(world, world.b);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect(a.manager.state).toBe('connected');
    expect(a.manager.send('hello')).toBe(true);
    await pass(100);
    expect(b.manager.state).toBe('connected');
  });

  it('is heard from a browser whose connection has few streams', async () => {
    const world = startWorld();
    const a = createOdd(world, world.a, narrow);
    const b = createPlayer(world, world.b);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('is a no-op with the same id, whatever its type', async () => {
    const { a } = await connectPlayers();
    const pc = a.manager.peerConnection;
    await a.manager.connectToPeer(2);
    await a.manager.connectToPeer('2');
    await pass(HANDSHAKE_MS);
    expect(a.manager.peerConnection).toBe(pc);
    expect(a.end.peerConnections).toHaveLength(1);
    expect(a.heard).toEqual([]);
  });

  it('closes the first link and begins anew with another id', async () => {
    const { a, b } = await connectPlayers();
    const { qualityMonitor } = a.manager;
    await a.manager.connectToPeer(3);
    expect(a.manager.targetPeerId).toBe(3);
    expect(qualityMonitor).not.toBeNull();
    expect(a.manager.qualityMonitor).not.toBe(qualityMonitor);
    expect(a.manager.state).toBe('checking');
    expect(a.manager.connectionType).toBeNull();
    await pass(HANDSHAKE_MS);
    expect(a.end.peerConnections.map(({ signalingState }) => signalingState)).toEqual([
      'closed',
      'have-local-offer',
    ]);
    expect(b.manager.state).toBe('closed');
  });

  it('finds one player under a number here and a string there', async () => {
    const { a, b } = createPlayers();
    void a.manager.connectToPeer('2');
    void b.manager.connectToPeer('1');
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('connects to player 0, who is as good as any', async () => {
    const { a, b } = createPlayers({}, { playerIds: [0, 1] });
    void b.manager.connectToPeer(0);
    void a.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state, b.manager.targetPeerId]).toEqual(['connected', 'connected', 0]);
  });

  it.each([
    ['ourselves', 1],
    ['ourselves as a string', '1'],
    ['null', null],
    ['undefined', undefined],
    ['an empty string', ''],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['an object', {}],
    ['300 characters', 'x'.repeat(300)],
  ])('is refused with a warning for %s', async (_, peerId) => {
    const world = startWorld();
    const { manager, end, lines } = createPlayer(world, world.a);
    await expect(Reflect.apply(manager.connectToPeer, manager, [peerId])).resolves.toBeUndefined();
    expect([manager.state, manager.targetPeerId, end.peerConnections.length]).toEqual(['new', null, 0]);
    expect(lines.map(({ level }) => level)).toEqual(['warn']);
  });

  it('leaves a link alone when it is refused', async () => {
    const { a } = await connectPlayers();
    await Reflect.apply(a.manager.connectToPeer, a.manager, [null]);
    expect([a.manager.state, a.manager.targetPeerId]).toEqual(['connected', 2]);
  });

  it('is refused after close()', async () => {
    const world = startWorld();
    const { manager, end } = createPlayer(world, world.a);
    manager.close();
    await manager.connectToPeer(2);
    expect([manager.state, manager.targetPeerId, end.peerConnections.length]).toEqual(['closed', null, 0]);
  });

  it('tries anew after failed', async () => {
    const { world, a, b } = createPlayers({ connectTimeoutMs: 1_000, recoveryBudgetMs: 1_000 });
    world.network.cut();
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(5_000);
    expect([a.manager.state, b.manager.state]).toEqual(['failed', 'failed']);
    world.network.heal();
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(2_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });
});

describe('a first connect that fails', () => {
  it('says of the channel what the browser said last, also where that opened in restarting and nothing was heard', async () => {
    const world = startWorld();
    const a = createPlayer(world, world.a);
    void a.manager.connectToPeer(2);
    await pass(20_000);
    expect(a.manager.state).toBe('restarting');
    void createOdd(world, world.b, mute).manager.connectToPeer(1);
    await pass(120_000);
    const [, failure] = a.heard.find(([name]) => name === 'onConnectionFailed') ?? [];
    expect(failure).toMatchObject({ evidence: { remote: 'holdfast', channel: 'open', wasUp: false } });
  });

  it.each([
    ['chromium', 'chromium'],
    ['firefox', 'firefox'],
    ['chromium', 'firefox'],
    ['firefox', 'chromium'],
  ] as const)('comes about once there is a path: %s and %s', async (...profile) => {
    for (const cutMs of [12_000, 30_000, 60_000]) {
      const { world, a, b } = createPlayers({}, { profile });
      world.network.cut();
      void a.manager.connectToPeer(2);
      void b.manager.connectToPeer(1);
      await pass(cutMs);
      world.network.heal();
      await pass(2_000);
      expect([cutMs, a.manager.state, b.manager.state]).toEqual([cutMs, 'connected', 'connected']);
      a.manager.send('hello');
      await pass(100);
      expect(b.heard).toContainEqual(['onDataChannelMessage', 'hello']);
      expect(namesOf(a.heard)).toEqual(['onDataChannelOpen', 'onConnectionTypeDetected']);
    }
  });

  it('tells failed once, with a reason, and neither lost nor close', async () => {
    const { world, a } = createPlayers();
    world.b.kill();
    void a.manager.connectToPeer(2);
    await pass(200_000);
    expect(a.manager.state).toBe('failed');
    expect(a.heard).toEqual([['onConnectionFailed', expect.objectContaining({ reason: 'peer-silent' })]]);
  });

  it('that was given up brings no message before open, though the other end goes on, and is up', async () => {
    const brief = { connectTimeoutMs: 1_000, recoveryBudgetMs: 1_000 };
    const patient = { connectTimeoutMs: 15_000, recoveryBudgetMs: 90_000 };
    const { world, a, b } = createPlayers(brief, {}, patient);
    world.network.cut();
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(3_000);
    world.network.heal();
    await pass(1_000);
    expect([b.manager.state, a.manager.send('too early')]).toEqual(['failed', true]);
    await pass(15_000);
    a.manager.send('in time');
    await pass(100);
    expect(b.heard.filter(([name]) => name !== 'onConnectionTypeDetected')).toEqual([
      ['onConnectionFailed', expect.objectContaining({ reason: 'connect-timeout' })],
      ['onDataChannelOpen'],
      ['onConnectionRestored'],
      ['onDataChannelMessage', 'in time'],
    ]);
  });

  it('ends also where the game has closed the connection itself', async () => {
    const world = startWorld();
    const { manager, heard } = createPlayer(world, world.b);
    void manager.connectToPeer(1);
    await pass(100);
    manager.peerConnection?.close();
    await pass(110_000);
    expect([manager.state, namesOf(heard)]).toEqual(['failed', ['onConnectionFailed']]);
  });

  it('ends at once with no-relay where only relays are allowed and there is none', async () => {
    const { a, b } = createPlayers({ forceRelay: true });
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect(a.heard).toEqual([['onConnectionFailed', expect.objectContaining({ reason: 'no-relay' })]]);
  });

  it('ends with turn-auth where the TURN server refuses the credentials', async () => {
    const { world, a } = createPlayers({ forceRelay: true, turnUsername: 'name', turnCredential: 'wrong' });
    world.network.turn = 'refuses';
    void a.manager.connectToPeer(2);
    await pass(20_000);
    expect(a.heard).toEqual([['onConnectionFailed', expect.objectContaining({ reason: 'turn-auth' })]]);
  });
});
