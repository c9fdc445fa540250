import { describe, expect, it } from 'vitest';
import { echo, type FrameHabit, forgeEchoes, HostilePage } from './hostile-page';
import {
  connectPlayers,
  createPlayer,
  createPlayers,
  HANDSHAKE_MS,
  libraryTimers,
  type Player,
  pass,
  refusalsOf,
  signalsOf,
  startWorld,
} from './players';

const openOf = ({ end }: Player) =>
  end.peerConnections.filter(({ signalingState }) => signalingState !== 'closed').length;

/** A player who is connected to a page that follows no rule. */
async function meetHostilePage(habit: FrameHabit = echo) {
  const world = startWorld();
  const victim = createPlayer(world, world.b);
  const page = new HostilePage(world, world.a, world.b.playerId);
  await page.offer(1, habit);
  await pass(HANDSHAKE_MS);
  return { world, victim, page };
}

describe('a signal that cannot be read', () => {
  const throwing = (member: string) =>
    Object.defineProperty(
      { type: 'offer', from_player_id: 1, game_id: 'game', payload: { type: 'offer', sdp: 'v=0' } },
      member,
      {
        get() {
          throw new Error('secret 192.0.2.7');
        },
      },
    );

  it.each(['type', 'from_player_id', 'game_id', 'payload'])(
    'is refused with a typed error that quotes nothing when its %s throws',
    async (member) => {
      const { b } = await connectPlayers();
      b.lines.length = 0;
      expect(() => b.manager._handleSignal(throwing(member))).not.toThrow();
      expect(refusalsOf(b)).toEqual(['debug malformed']);
      expect(b.lines.map(({ line }) => line.map(String).join(' ')).join()).not.toMatch(/secret|192/);
    },
  );

  it('is refused too when it is a revoked proxy', async () => {
    const { b } = await connectPlayers();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    b.lines.length = 0;
    expect(() => b.manager._handleSignal(proxy)).not.toThrow();
    expect(refusalsOf(b)).toEqual(['debug malformed']);
  });
});

describe('early candidates', () => {
  const candidate = (usernameFragment: string) => ({
    type: 'ice-candidate',
    from_player_id: 1,
    game_id: 'game',
    payload: { candidate: 'candidate:1 1 udp 1 192.0.2.9 9 typ host', usernameFragment },
  });

  it('are refused beyond 64 of one generation, each with a typed error', async () => {
    const { b } = await connectPlayers();
    b.lines.length = 0;
    for (let index = 0; index < 1_000; index += 1) b.manager._handleSignal(candidate('early'));
    expect(refusalsOf(b)).toEqual(Array(1_000 - 64).fill('debug too-many'));
  });

  it('are refused after their peer has left', async () => {
    const { a, b } = await connectPlayers();
    a.manager.close();
    await pass(HANDSHAKE_MS);
    expect(b.manager.state).toBe('closed');
    b.lines.length = 0;
    b.manager._handleSignal(candidate('early'));
    expect(refusalsOf(b)).toEqual(['debug unexpected']);
  });
});

describe('a thousand descriptions in one tick', () => {
  it.each(['offer', 'answer'])('are refused beyond 32, and leave a working link (%s)', async (type) => {
    const { world, a, b } = await connectPlayers();
    const [victim, other] = type === 'offer' ? [b, a] : [a, b];
    const [real] = world.relay.signals.filter(({ message }) => message.type === type);
    victim.lines.length = 0;
    for (let index = 0; index < 1_000; index += 1)
      victim.manager._handleSignal({ ...real?.message, from_player_id: other.end.playerId });
    expect(refusalsOf(victim).filter((line) => line === 'debug too-many').length).toBe(1_000 - 32);
    await pass(5_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect(other.manager.send('still there')).toBe(true);
    await pass(100);
    expect(victim.heard).toContainEqual(['onDataChannelMessage', 'still there']);
  });
});

describe('a thousand offers inside a callback', () => {
  it('are refused except for sixteen, which are answered', async () => {
    const { world, a, b } = createPlayers();
    b.manager.onDataChannelOpen = () => {
      const [real] = world.relay.signals.filter(({ message }) => message.type === 'offer');
      for (let index = 0; index < 1_000; index += 1)
        b.manager._handleSignal({ ...real?.message, from_player_id: 1 });
    };
    void a.manager.connectToPeer(2);
    await pass(HANDSHAKE_MS);
    expect(refusalsOf(b)).toEqual(Array(1_000 - 16).fill('debug too-many'));
    expect(signalsOf(world, b.end).filter((type) => type === 'answer')).toHaveLength(1 + 16);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });
});

describe('own candidates while signaling is down', () => {
  it('are kept and sent once it is back, up to 256', async () => {
    const world = startWorld();
    const { manager, end } = createPlayer(world, world.a);
    void manager.connectToPeer(2);
    await pass(100);
    const before = signalsOf(world, end).length;
    end.socket.down();
    const usernameFragment = /^a=ice-ufrag:(.*)$/m.exec(
      manager.peerConnection?.localDescription?.sdp ?? '',
    )?.[1];
    const candidate = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0, usernameFragment };
    const event = Object.assign(new Event('icecandidate'), { candidate });
    for (let index = 0; index < 1_000; index += 1)
      Reflect.apply(Object(manager.peerConnection).onicecandidate, null, [event]);
    await pass(100);
    end.socket.up();
    await pass(100);
    const sent = signalsOf(world, end).slice(before);
    expect(sent.filter((type) => type === 'ice-candidate')).toHaveLength(256);
  });
});

describe('a peer that asks for ever more connections', () => {
  const offerOf = ({ message }: { message: Record<string, unknown> }, holdfast: object) => {
    const payload = typeof message.payload === 'object' ? message.payload : {};
    return { ...message, from_player_id: 1, payload: { ...payload, holdfast } };
  };

  it.each([
    ['by rebuilds', (index: number) => ({ session: 'SAME', connection: index + 2 })],
    ['by reloads', (index: number) => ({ session: `page-${index}`, connection: 1 })],
  ])('gets at most 32 at once %s, and a link that works again', async (_, memberOf) => {
    const { world, a, b } = await connectPlayers();
    const [real] = world.relay.signals.filter(({ message }) => message.type === 'offer');
    if (!real) throw new Error('nothing was offered');
    const session = Reflect.get(Object(Reflect.get(Object(real.message.payload), 'holdfast')), 'session');
    b.lines.length = 0;
    for (let index = 0; index < 1_000; index += 1) {
      const member = memberOf(index);
      const holdfast = {
        version: 1,
        capabilities: ['heartbeat', 'rebuild'],
        ...member,
        session: member.session === 'SAME' ? session : member.session,
      };
      b.manager._handleSignal(offerOf(real, holdfast));
    }
    expect(b.end.peerConnections.length).toBeLessThanOrEqual(33);
    expect(refusalsOf(b).filter((line) => line === 'debug too-many').length).toBeGreaterThanOrEqual(
      1_000 - 32,
    );
    expect(openOf(b)).toBeLessThanOrEqual(5);
    await pass(30_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect([openOf(a), openOf(b)]).toEqual([1, 1]);
  });

  it('has at most five open when it wins them all but never confirms that it moved', async () => {
    const { victim, page } = await meetHostilePage();
    expect(victim.manager.state).toBe('connected');
    for (let number = 2; number <= 20; number += 1) {
      await page.offer(number);
      await pass(1_000);
    }
    expect(victim.end.peerConnections).toHaveLength(20);
    expect(victim.manager.state).toBe('connected');
    expect(victim.manager.peerConnection).toBe(victim.end.peerConnections.at(-1));
    expect(openOf(victim)).toBeLessThanOrEqual(5);
  });
});

describe('a thousand hellos', () => {
  it('are refused beyond 32, and answered with at most 33 offers', async () => {
    const world = startWorld();
    const victim = createPlayer(world, world.a);
    void victim.manager.connectToPeer(2);
    await pass(100);
    const holdfast = { version: 1, session: 'hostile', connection: 1, capabilities: ['heartbeat'] };
    const hello = { type: 'hello', from_player_id: 2, game_id: 'game', payload: { holdfast } };
    victim.lines.length = 0;
    for (let index = 0; index < 1_000; index += 1) victim.manager._handleSignal(hello);
    await pass(100);
    expect(signalsOf(world, victim.end).filter((type) => type === 'offer').length).toBeLessThanOrEqual(33);
    expect(refusalsOf(victim)).toEqual(Array(1_000 - 32).fill('debug too-many'));
    expect(victim.manager.state).toBe('checking');
  });
});

describe('forged echoes', () => {
  it('win no race: the link stays on a connection with real echoes', async () => {
    const { victim, page } = await meetHostilePage();
    const [first] = victim.end.peerConnections;
    await page.offer(2, forgeEchoes);
    await pass(2_000);
    expect(victim.end.peerConnections).toHaveLength(2);
    expect(victim.manager.peerConnection).toBe(first);
    await page.offer(3, echo);
    await pass(2_000);
    expect(victim.manager.peerConnection).toBe(victim.end.peerConnections.at(-1));
  });
});

describe('garbage on the control channel', () => {
  it('is refused at debug with a typed error, and the game never sees it', async () => {
    const { victim, page } = await meetHostilePage();
    victim.lines.length = 0;
    victim.heard.length = 0;
    const garbage = ['', 'x', 'p', 'p-1', '{"type":"bye"}', 'z'.repeat(10_000), new ArrayBuffer(64)];
    for (const frame of garbage) page.say(1, frame);
    await pass(100);
    expect(refusalsOf(victim)).toEqual(garbage.map(() => 'debug malformed'));
    expect([victim.manager.state, victim.heard]).toEqual(['connected', []]);
  });
});

describe('a browser that cannot make a connection', () => {
  const noWebRtc = () => {
    throw new DOMException('Cannot create so many PeerConnections for 192.0.2.7', 'UnknownError');
  };

  it.each([
    ['servers in an array', [], true],
    ['fetched servers', async () => [], true],
    ['a socket that is not connected yet', [], false],
  ])('fails a first connect with no-candidates, and throws nothing: %s', async (_, iceServers, isUp) => {
    const world = startWorld();
    const { environment, socket } = world.a;
    if (!isUp) socket.down();
    const player = createPlayer(world, world.a, {
      environment: { ...environment, createPeerConnection: noWebRtc },
      iceServers,
    });
    await player.manager.connectToPeer(2);
    await pass(HANDSHAKE_MS);
    expect(player.manager.state).toBe('failed');
    expect(player.heard).toEqual([
      ['onConnectionFailed', expect.objectContaining({ reason: 'no-candidates' })],
    ]);
    expect(player.lines.map(({ line }) => line.map(String).join(' ')).join()).not.toContain('192.0.2');
    await player.manager.connectToPeer(2);
    await pass(1);
    expect(player.heard).toHaveLength(2);
  });

  it('leaves no timer when the manager is closed before failed is announced', async () => {
    const world = startWorld();
    const { manager } = createPlayer(world, world.a, {
      environment: { ...world.a.environment, createPeerConnection: noWebRtc },
    });
    await manager.connectToPeer(2);
    manager.close();
    expect(libraryTimers(world)).toBe(0);
  });

  const meetPoorBrowser = (browser: { isPoor: boolean }) => {
    const world = startWorld();
    const { environment } = world.a;
    const createPeerConnection = (configuration: RTCConfiguration) =>
      browser.isPoor ? noWebRtc() : environment.createPeerConnection(configuration);
    const a = createPlayer(world, world.a, { environment: { ...environment, createPeerConnection } });
    const b = createPlayer(world, world.b);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    return { world, a, b };
  };

  it('stays failed, whatever the other end offers or the game asks, until it can make one', async () => {
    const browser = { isPoor: true };
    const { a, b } = meetPoorBrowser(browser);
    await pass(20_000);
    expect(await a.manager.attemptIceRestart()).toBe(false);
    expect([a.manager.state, b.manager.state]).toEqual(['failed', 'restarting']);
    expect(a.heard).toEqual([['onConnectionFailed', expect.objectContaining({ reason: 'no-candidates' })]]);
    browser.isPoor = false;
    await pass(1_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  const withoutCredentials: RTCIceServer[] = [{ urls: 'turn:without-credentials.example' }];

  /** A player whose browser accepts only an empty list of servers. */
  const meetDainty = (iceServers: () => RTCIceServer[] | Promise<RTCIceServer[]>) => {
    const world = startWorld();
    const { environment } = world.a;
    const createPeerConnection = (configuration: RTCConfiguration) => {
      if (configuration.iceServers?.length) throw new DOMException('', 'InvalidAccessError');
      return environment.createPeerConnection(configuration);
    };
    const player = createPlayer(world, world.a, {
      environment: { ...environment, createPeerConnection },
      iceServers,
    });
    return { world, player };
  };

  it.each([
    ['in an array', () => withoutCredentials],
    ['fetched', async () => withoutCredentials],
  ])(
    'announces each failed try to a game that reconnects on failed, without blocking its page: servers %s',
    async (_, iceServers) => {
      const { manager } = meetDainty(iceServers).player;
      let told = 0;
      manager.on('failed', () => {
        told += 1;
        // A real game would not count.
        if (told < 3) void manager.connectToPeer(2);
      });
      await manager.connectToPeer(2);
      for (let task = 0; task < 100; task += 1) await Promise.resolve();
      expect([manager.state, told]).toEqual(['checking', 0]);
      await pass(10);
      expect([manager.state, told]).toEqual(['failed', 3]);
    },
  );

  it('makes one as soon as it gets servers that its factory accepts', async () => {
    let iceServers = withoutCredentials;
    const { world, player } = meetDainty(() => iceServers);
    await player.manager.connectToPeer(2);
    await pass(1);
    expect(player.manager.state).toBe('failed');
    iceServers = [];
    void createPlayer(world, world.b).manager.connectToPeer(1);
    await pass(5_000);
    expect(player.manager.state).toBe('connected');
  });

  it('costs only that attempt during a recovery', async () => {
    const browser = { isPoor: false };
    const { world, a, b } = meetPoorBrowser(browser);
    await pass(HANDSHAKE_MS);
    world.network.cut();
    browser.isPoor = true;
    await pass(10_000);
    expect(a.manager.state).toBe('restarting');
    browser.isPoor = false;
    world.network.heal();
    await pass(1_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });
});
