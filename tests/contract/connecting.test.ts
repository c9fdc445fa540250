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

/** A player whose browser makes channels differently. */
function createOdd(world: FakeWorld, end: FakeEnd, odd: (create: CreateDataChannel) => CreateDataChannel) {
  const createPeerConnection = (configuration: RTCConfiguration) => {
    const pc = end.environment.createPeerConnection(configuration);
    pc.createDataChannel = odd(pc.createDataChannel.bind(pc));
    return pc;
  };
  return createPlayer(world, end, { environment: { ...end.environment, createPeerConnection } });
}

/** The page already has a channel with the id of our control channel. */
const mute = (create: CreateDataChannel) => (label: string, init?: RTCDataChannelInit) => {
  if (init?.id === CONTROL_CHANNEL_ID) throw new DOMException('taken', 'OperationError');
  return create(label, init);
};

/** Firefox 115 and 140 start with 256 streams, and Chromium grants them no more: docs/discoveries/older-browsers.md. */
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
    ['a number and a word', [7, 'agent']],
  ] as const)('lets the lower id offer when the ids are %s', async (_, playerIds) => {
    const { world, a, b } = await connectPlayers({}, { playerIds });
    expect(signalsOf(world, a.end)).toContain('offer');
    expect(signalsOf(world, a.end)).not.toContain('answer');
    expect(signalsOf(world, b.end)).toContain('answer');
    expect(signalsOf(world, b.end)).not.toContain('offer');
  });

  it('succeeds when the socket was down for a moment before connectToPeer was called', async () => {
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

  it('opens a channel with upstream’s settings', async () => {
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

  it('sends signals in upstream’s format', async () => {
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

  it('reports the connectionState of the browser, not its iceConnectionState', async () => {
    const { world, a } = createPlayers();
    world.network.cut();
    void a.manager.connectToPeer(2);
    await pass(HANDSHAKE_MS);
    const { connectionState, iceConnectionState } = a.manager.peerConnection ?? {};
    expect([connectionState, iceConnectionState]).toEqual(['connecting', 'checking']);
    expect(a.manager.getConnectionState()).toBe('connecting');
  });

  it('succeeds when one end has the game id as a number and the other as a string', async () => {
    const world = startWorld({ gameId: 7 });
    const a = createPlayer(world, world.a);
    const b = createPlayer({ ...world, gameId: '7' }, world.b);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('announces open once, then the path, on both ends', async () => {
    const { a, b } = createPlayers();
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    for (const { heard } of [a, b])
      expect(namesOf(heard)).toEqual(['onDataChannelOpen', 'onConnectionTypeDetected']);
  });

  it('succeeds whoever calls first, even if the other calls seconds later', async () => {
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

  it('takes the sender of the first valid offer as its target if connectToPeer was not called', async () => {
    const { a, b } = createPlayers();
    void a.manager.connectToPeer(2);
    await pass(HANDSHAKE_MS);
    expect(b.manager.state).toBe('connected');
    expect(b.manager.targetPeerId).toBe(1);
  });

  it('lets the higher id offer if the other does not call, even if its servers take 4 s', async () => {
    const iceServers = () => new Promise<RTCIceServer[]>((resolve) => setTimeout(() => resolve([]), 4_000));
    const { a, b } = createPlayers({ iceServers }, {}, { iceServers: [] });
    void b.manager.connectToPeer(1);
    await pass(5_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('gives every timer a delay, because mock timers of Node never fire without one', async () => {
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

  it('succeeds although every signal arrives twice', async () => {
    const { world, a, b } = createPlayers();
    world.relay.duplication = 1;
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect([a.end.peerConnections.length, b.end.peerConnections.length]).toEqual([1, 1]);
  });

  it('succeeds although a third of the signals is lost', async () => {
    const { world, a, b } = createPlayers();
    world.relay.loss = 0.3;
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(15_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });
});

describe('connectToPeer', () => {
  it('connects without a heartbeat when the page already uses the id of our control channel', async () => {
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

  it('connects a browser whose connections have only 256 streams', async () => {
    const world = startWorld();
    const a = createOdd(world, world.a, narrow);
    const b = createPlayer(world, world.b);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('does nothing for the same id, whether a number or a string', async () => {
    const { a } = await connectPlayers();
    const pc = a.manager.peerConnection;
    await a.manager.connectToPeer(2);
    await a.manager.connectToPeer('2');
    await pass(HANDSHAKE_MS);
    expect(a.manager.peerConnection).toBe(pc);
    expect(a.end.peerConnections).toHaveLength(1);
    expect(a.heard).toEqual([]);
  });

  it('closes the link and starts another for another id', async () => {
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

  it('finds a player by a string when that player uses a number', async () => {
    const { a, b } = createPlayers();
    void a.manager.connectToPeer('2');
    void b.manager.connectToPeer('1');
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('accepts 0 as a player id', async () => {
    const { a, b } = createPlayers({}, { playerIds: [0, 1] });
    void b.manager.connectToPeer(0);
    void a.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state, b.manager.targetPeerId]).toEqual(['connected', 'connected', 0]);
  });

  it.each([
    ['our own id', 1],
    ['our own id as a string', '1'],
    ['null', null],
    ['undefined', undefined],
    ['an empty string', ''],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['an object', {}],
    ['an id of 300 characters', 'x'.repeat(300)],
  ])('is refused with a warning for %s', async (_, peerId) => {
    const world = startWorld();
    const { manager, end, lines } = createPlayer(world, world.a);
    await expect(Reflect.apply(manager.connectToPeer, manager, [peerId])).resolves.toBeUndefined();
    expect([manager.state, manager.targetPeerId, end.peerConnections.length]).toEqual(['new', null, 0]);
    expect(lines.map(({ level }) => level)).toEqual(['warn']);
  });

  it('leaves the link as it is when it is refused', async () => {
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

  it('tries again after failed', async () => {
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

describe('a first connect in trouble', () => {
  it('has the last channel state in its evidence, even if the channel opened in restarting and nothing came', async () => {
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
  ] as const)('succeeds once there is a path: %s and %s', async (...profile) => {
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

  it('announces failed once, with a reason, and neither lost nor close', async () => {
    const { world, a } = createPlayers();
    world.b.kill();
    void a.manager.connectToPeer(2);
    await pass(200_000);
    expect(a.manager.state).toBe('failed');
    expect(a.heard).toEqual([['onConnectionFailed', expect.objectContaining({ reason: 'peer-silent' })]]);
  });

  it('delivers no message between failed and open, although the other end is already up', async () => {
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

  it('fails too when the game has closed the connection itself', async () => {
    const world = startWorld();
    const { manager, heard } = createPlayer(world, world.b);
    void manager.connectToPeer(1);
    await pass(100);
    manager.peerConnection?.close();
    await pass(110_000);
    expect([manager.state, namesOf(heard)]).toEqual(['failed', ['onConnectionFailed']]);
  });

  it('fails at once with no-relay when only relays are allowed and there is none', async () => {
    const { a, b } = createPlayers({ forceRelay: true });
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect(a.heard).toEqual([['onConnectionFailed', expect.objectContaining({ reason: 'no-relay' })]]);
  });

  it('fails with turn-auth when the TURN server refuses the credentials', async () => {
    const { world, a } = createPlayers({ forceRelay: true, turnUsername: 'name', turnCredential: 'wrong' });
    world.network.turn = 'refuses';
    void a.manager.connectToPeer(2);
    await pass(20_000);
    expect(a.heard).toEqual([['onConnectionFailed', expect.objectContaining({ reason: 'turn-auth' })]]);
  });
});
