import type { FakeWorld } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import {
  CALLBACKS,
  connectPlayers,
  createPlayer,
  createPlayers,
  HANDSHAKE_MS,
  libraryTimers,
  namesOf,
  type Player,
  pass,
  refusalsOf,
  signalsOf,
} from './players';

/** Each closes its manager and connects with a new one, the second `apartMs` after the first. */
async function beginAnew(world: FakeWorld, a: Player, b: Player, apartMs: number): Promise<[Player, Player]> {
  a.manager.close();
  const first = createPlayer(world, a.end);
  void first.manager.connectToPeer(b.end.playerId);
  await pass(apartMs);
  b.manager.close();
  const second = createPlayer(world, b.end);
  void second.manager.connectToPeer(a.end.playerId);
  return [first, second];
}

/** What a game hears from a link that starts well. */
const BEGUN = ['onDataChannelOpen', 'onConnectionTypeDetected'];

const isClosed = ({ signalingState }: { signalingState: string }) => signalingState === 'closed';

describe('close()', () => {
  it('leaves no listener, no timer and no open connection', async () => {
    const { world, a, b } = await connectPlayers();
    a.manager.close();
    b.manager.close();
    expect([a.end.socket.listenerCount(), b.end.socket.listenerCount()]).toEqual([0, 0]);
    expect(libraryTimers(world)).toBe(0);
    for (const { end } of [a, b]) expect(end.peerConnections.every(isClosed)).toBe(true);
  });

  it.each([
    ['before any link', 0, false],
    ['in the first connect', 0, true],
    ['in disconnected', 3_000, true],
    ['in restarting', 10_000, true],
    ['in failed', 120_000, true],
  ])('leaves nothing behind %s either', async (_, cutForMs, isAsked) => {
    const players = cutForMs > 0 ? await connectPlayers() : createPlayers();
    const { world, a, b } = players;
    if (isAsked && cutForMs === 0) void a.manager.connectToPeer(2);
    if (cutForMs > 0) world.network.cut();
    await pass(cutForMs);
    a.manager.close();
    b.manager.close();
    expect([a.end.socket.listenerCount(), b.end.socket.listenerCount()]).toEqual([0, 0]);
    await pass(0);
    expect(libraryTimers(world)).toBe(0);
    for (const { end } of [a, b]) expect(end.peerConnections.every(isClosed)).toBe(true);
  });

  it('leaves no timer while servers are being fetched', async () => {
    const { world, a, b } = createPlayers({ iceServers: () => new Promise(() => {}) });
    void a.manager.connectToPeer(2);
    await pass(100);
    expect(libraryTimers(world)).toBeGreaterThan(0);
    for (const { manager } of [a, b]) manager.close();
    await pass(0);
    expect([libraryTimers(world), a.end.peerConnections.length]).toEqual([0, 0]);
  });

  it('repeats no status after the other player has left during an attempt', async () => {
    const { world, a, b } = await connectPlayers();
    const states: string[] = [];
    b.manager.on('status', ({ state, attempts }) => states.push(`${state} ${attempts}`));
    world.network.cut();
    await pass(10_000);
    a.manager.close();
    await pass(1_000);
    expect(states.at(-1)).toMatch(/^closed [1-3]$/);
    const told = states.length;
    b.manager.close();
    expect(states).toHaveLength(told);
  });

  it('empties the fields, and methods answer as on a closed manager', async () => {
    const { a } = await connectPlayers();
    a.manager.close();
    const { peerConnection, dataChannel, targetPeerId, qualityMonitor, state, iceRestartAttempts } =
      a.manager;
    expect({ peerConnection, dataChannel, targetPeerId, qualityMonitor, state, iceRestartAttempts }).toEqual({
      peerConnection: null,
      dataChannel: null,
      targetPeerId: null,
      qualityMonitor: null,
      state: 'closed',
      iceRestartAttempts: 0,
    });
    expect([a.manager.send('late'), a.manager.isReady(), a.manager.isConnectionUsable()]).toEqual([
      false,
      false,
      false,
    ]);
    expect(a.manager.getConnectionState()).toBeNull();
    expect(await a.manager.getConnectionType()).toBeNull();
  });

  it('announces the state closed last: connectToPeer in its listener is refused', async () => {
    const { a } = await connectPlayers();
    const told: unknown[] = [];
    a.manager.on('state', ({ previous, state }) => {
      void a.manager.connectToPeer(3);
      told.push([previous, state, a.manager.state, a.manager.targetPeerId]);
    });
    a.manager.close();
    await pass(HANDSHAKE_MS);
    expect(told).toEqual([['connected', 'closed', 'closed', null]]);
    expect(a.end.peerConnections.every(isClosed)).toBe(true);
  });

  it('can be called several times in a row', async () => {
    const { a, b } = await connectPlayers();
    for (let times = 0; times < 3; times += 1) a.manager.close();
    await pass(HANDSHAKE_MS);
    expect(a.heard).toEqual([]);
    expect(namesOf(b.heard)).toEqual(['onDataChannelClose']);
  });

  it('can be called inside every callback, and nothing is announced afterwards', async () => {
    for (const name of CALLBACKS.filter((each) => each !== 'onQualityDegraded')) {
      const { world, a, b } = createPlayers();
      const told: string[] = [];
      for (const each of CALLBACKS) {
        b.manager[each] = () => {
          told.push(each);
          if (each === name) b.manager.close();
        };
      }
      void a.manager.connectToPeer(2);
      void b.manager.connectToPeer(1);
      await pass(HANDSHAKE_MS);
      a.manager.send('hello');
      await pass(HANDSHAKE_MS);
      world.network.cut();
      await pass(20_000);
      world.network.heal();
      await pass(5_000);
      world.network.cut();
      await pass(120_000);
      expect(told.at(-1)).toBe(name);
      expect(b.manager.state).toBe('closed');
      expect(b.end.peerConnections.every(isClosed)).toBe(true);
      expect([name, signalsOf(world, b.end).filter((type) => type === 'bye')]).toEqual([name, ['bye']]);
    }
  });

  it('says goodbye to the old player, also when a callback connects to another', async () => {
    const { world, a, b } = createPlayers();
    a.manager.onDataChannelOpen = () => void a.manager.connectToPeer(3);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    const byes = world.relay.signals.filter(({ from, message: { type } }) => from === 1 && type === 'bye');
    expect(byes.map(({ message }) => message.target_player_id)).toEqual([2]);
    expect([a.manager.targetPeerId, b.manager.state]).toEqual([3, 'closed']);
  });

  it('says goodbye when called inside a callback while _sendSignal is wrapped', async () => {
    const { world, a } = await connectPlayers({ maxIceRestarts: 0 });
    const original = a.manager._sendSignal.bind(a.manager);
    a.manager._sendSignal = (type, payload) => original(type, payload);
    a.manager.onConnectionFailed = () => a.manager.close();
    world.network.cut();
    await pass(10_000);
    expect(signalsOf(world, a.end).at(-1)).toBe('bye');
  });

  it('announces nothing more of the old link once a callback has connected to another player', async () => {
    const { world, a } = await connectPlayers({ maxIceRestarts: 0 });
    const told: string[] = [];
    a.manager.on('state', ({ previous, state }) => told.push(`${previous} → ${state}`));
    a.manager.on('close', () => told.push('close'));
    a.manager.onDataChannelClose = () => void a.manager.connectToPeer(3);
    world.network.cut();
    await pass(14_000);
    expect(told).toEqual(['connected → disconnected', 'disconnected → checking']);
    expect([a.manager.state, namesOf(a.heard)]).toEqual(['checking', ['onConnectionLost']]);
  });

  it.each(['state', 'status'] as const)(
    'reports the old %s to nobody after a listener has connected to another player',
    async (name) => {
      const { world, a } = await connectPlayers({ maxIceRestarts: 0 });
      const told: string[] = [];
      a.manager.on('state', ({ state }) => {
        if (state === 'failed') void a.manager.connectToPeer(3);
      });
      a.manager.on(name, ({ state }) => told.push(state));
      world.network.cut();
      await pass(14_000);
      expect(told).toEqual(['disconnected', 'checking']);
    },
  );

  it('announces nothing about an outage that was under way', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    await pass(1_200);
    a.manager.close();
    await pass(100_000);
    expect(a.heard).toEqual([]);
  });

  it('restores the settings of the socket when called while it reconnects faster', async () => {
    const { world, a } = await connectPlayers();
    world.cutOff();
    await pass(8_000);
    a.manager.close();
    const { io } = a.end.socket;
    expect([io.reconnectionDelay(), io.reconnectionDelayMax(), io.timeout()]).toEqual([1_000, 5_000, 20_000]);
  });
});

describe('a peer that closes', () => {
  it.each(['a', 'b'] as const)('puts the other end into closed, without an offer: %s leaves', async (who) => {
    const players = await connectPlayers();
    const { world } = players;
    const other = players[who === 'a' ? 'b' : 'a'];
    const offers = () => signalsOf(world, other.end).filter((type) => type === 'offer').length;
    const [before, reasons, failures] = [offers(), [] as unknown[], [] as unknown[]];
    other.manager.on('closed', (reason) => reasons.push(reason));
    other.manager.on('status', ({ failure }) => failures.push(failure));
    players[who].manager.close();
    await pass(60_000);
    expect(other.manager.state).toBe('closed');
    expect(reasons).toEqual([{ reason: 'peer-left' }]);
    expect(failures).toEqual([expect.objectContaining({ reason: 'peer-left', cause: null })]);
    expect(namesOf(other.heard)).toEqual(['onDataChannelClose']);
    expect(offers()).toBe(before);
    expect(libraryTimers(world)).toBe(0);
  });

  it('gets no other link: an offer that arrives later is refused', async () => {
    const { world, a, b } = await connectPlayers();
    const offer = world.relay.signals.find(({ message }) => message.type === 'offer')?.message;
    a.manager.close();
    await pass(HANDSHAKE_MS);
    b.lines.length = 0;
    b.manager._handleSignal({ ...offer, from_player_id: 1 });
    await pass(HANDSHAKE_MS);
    expect([b.manager.state, refusalsOf(b)]).toEqual(['closed', ['debug unexpected']]);
    expect(b.end.peerConnections.every(isClosed)).toBe(true);
  });

  it('can come back: connectToPeer starts a link with its next manager', async () => {
    const { world, a, b } = await connectPlayers();
    a.manager.close();
    await pass(HANDSHAKE_MS);
    expect(b.manager.state).toBe('closed');
    const again = createPlayer(world, world.a);
    b.heard.length = 0;
    void again.manager.connectToPeer(2);
    await pass(HANDSHAKE_MS);
    expect(b.manager.state).toBe('closed');
    await b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([again.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect(namesOf(b.heard)).toContain('onDataChannelOpen');
  });

  it('does not disturb the next link when an offer and a goodbye of the old one arrive late', async () => {
    const { world, a, b } = await connectPlayers();
    world.relay.delayMs = 200;
    void a.manager.attemptIceRestart();
    await pass(1);
    a.manager.close();
    await pass(50);
    expect(b.manager.state).toBe('closed');
    b.heard.length = 0;
    const again = createPlayer(world, world.a);
    void again.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(2_000);
    expect([again.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect(namesOf(b.heard)).toEqual(['onDataChannelOpen', 'onConnectionTypeDetected']);
  });

  it('gets no link on its next manager from signals that were meant for the previous one', async () => {
    const { world, a, b } = await connectPlayers();
    world.relay.delayMs = 200;
    void a.manager.attemptIceRestart();
    await pass(10);
    b.manager.close();
    const again = createPlayer(world, b.end);
    await pass(1_000);
    expect([a.manager.state, again.manager.state]).toEqual(['closed', 'new']);
  });

  it('can start again at the same time as its peer: late signals of the old links end neither', async () => {
    const { world, a, b } = await connectPlayers();
    world.relay.delayMs = 400;
    world.network.setDelay(30);
    void a.manager.attemptIceRestart();
    await pass(300);
    const again = await beginAnew(world, a, b, 20);
    await pass(2_000);
    expect(again.map(({ manager }) => manager.state)).toEqual(['connected', 'connected']);
    expect(again.map(({ heard }) => namesOf(heard))).toEqual([BEGUN, BEGUN]);
  });

  it.each([0, 20, 100])(
    'can start again before there is a link, when its peer does so %i ms later',
    async (apartMs) => {
      const { world, a, b } = createPlayers();
      world.relay.delayMs = 150;
      void a.manager.connectToPeer(2);
      void b.manager.connectToPeer(1);
      await pass(20);
      const again = await beginAnew(world, a, b, apartMs);
      await pass(2_000);
      expect(again.map(({ manager }) => manager.state)).toEqual(['connected', 'connected']);
      expect(again.map(({ heard }) => namesOf(heard))).toEqual([BEGUN, BEGUN]);
    },
  );

  it.each([
    ['in the same turn as its connect', 0],
    ['while it connects', 5],
    ['on a live link', HANDSHAKE_MS],
  ])('is found again when it closes %s and another manager takes over its socket', async (_, ms) => {
    const { world, a, b } = createPlayers();
    b.manager.on('closed', () => void b.manager.connectToPeer(a.end.playerId));
    void b.manager.connectToPeer(a.end.playerId);
    await pass(HANDSHAKE_MS);
    void a.manager.connectToPeer(b.end.playerId);
    await pass(ms);
    a.manager.close();
    const { manager } = createPlayer(world, a.end);
    void manager.connectToPeer(b.end.playerId);
    await pass(HANDSHAKE_MS);
    expect([manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it.each([
    ['waits', (_: Player) => {}],
    ['has failed', ({ manager }: Player) => void manager.connectToPeer(1)],
  ])(
    'is found by an end that still offers when no goodbye arrived and its next manager %s',
    async (_, begin) => {
      const { world, a, b } = await connectPlayers();
      world.cutOff();
      b.manager.close();
      const again = createPlayer(world, b.end, { connectTimeoutMs: 2_000, recoveryBudgetMs: 6_000 });
      begin(again);
      await pass(12_000);
      expect([a.manager.state, again.manager.state]).not.toContain('checking');
      world.reachAgain();
      await pass(20_000);
      expect([a.manager.state, again.manager.state]).toEqual(['connected', 'connected']);
    },
  );

  it('is found by a failed end that connects again when no goodbye arrived', async () => {
    const { world, a, b } = await connectPlayers();
    world.cutOff();
    b.manager.close();
    const again = createPlayer(world, b.end);
    await pass(150_000);
    expect([a.manager.state, again.manager.state]).toEqual(['failed', 'new']);
    world.reachAgain();
    await pass(5_000);
    void a.manager.connectToPeer(2);
    await pass(2_000);
    expect([a.manager.state, again.manager.state]).toEqual(['connected', 'connected']);
  });

  it('is not chased after it started again without hearing our answer, and closed again', async () => {
    const { world, a, b } = await connectPlayers();
    b.end.peerConnections[0]?.close();
    b.manager._sendSignal = () => {};
    const again = createPlayer(world, b.end);
    for (const { manager } of [b, again]) manager._handleSignal = () => {};
    void again.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect(a.manager.state).toBe('restarting');
    again.manager.close();
    await pass(HANDSHAKE_MS);
    expect(a.manager.state).toBe('closed');
  });

  it('does not end the link by a goodbye that its next offer has overtaken', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    world.relay.delayMs = 4_000;
    b.manager.close();
    await pass(2_000);
    world.relay.delayMs = 0;
    world.network.heal();
    const again = createPlayer(world, b.end);
    void again.manager.connectToPeer(1);
    await pass(5_000);
    expect([a.manager.state, again.manager.state]).toEqual(['connected', 'connected']);
    expect(namesOf(a.heard)).not.toContain('onDataChannelClose');
  });

  it('is noticed by its signal when the channel carries no goodbye any more', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    await pass(3_000);
    a.manager.close();
    await pass(1_000);
    expect(b.manager.state).toBe('closed');
    expect(namesOf(b.heard)).toEqual(['onConnectionLost', 'onDataChannelClose', 'onConnectionFailed']);
    expect(b.heard.at(-1)?.[1]).toMatchObject({ reason: 'peer-left' });
  });

  it('is noticed by the channel when its signal is lost', async () => {
    const { world, a, b } = await connectPlayers();
    world.relay.loss = 1;
    a.manager.close();
    await pass(60_000);
    expect(b.manager.state).toBe('closed');
  });
});

describe('a page that vanishes without a goodbye', () => {
  it('is chased, and the link then fails with peer-silent', async () => {
    const { world, a, b } = await connectPlayers({ recoveryBudgetMs: 20_000 });
    world.b.kill();
    await pass(60_000);
    expect(a.manager.state).toBe('failed');
    expect(namesOf(a.heard)).toEqual(['onConnectionLost', 'onDataChannelClose', 'onConnectionFailed']);
    expect(a.heard.at(-1)?.[1]).toMatchObject({ reason: 'peer-silent' });
    b.manager.close();
  });
});
