/** What a manager exposes: fields, events and counters. */
import { describe, expect, it } from 'vitest';
import {
  connectPlayers,
  createPlayer,
  createPlayers,
  HANDSHAKE_MS,
  namesOf,
  type Player,
  pass,
  signalsOf,
  startWorld,
} from './players';

const attemptsOf = ({ lines }: Player) =>
  lines.filter(({ line }) => /restart attempt/.test(String(line[0]))).map(({ line }) => String(line[0]));

describe('the event state', () => {
  it('reports each state with the previous one, the attempts, and the failure if there is one', async () => {
    const { world, a } = createPlayers({ recoveryBudgetMs: 10_000 });
    const told: unknown[] = [];
    a.manager.on('state', ({ state, previous, attempts, maxAttempts, failure }) =>
      told.push([previous, state, attempts, maxAttempts, failure?.reason]),
    );
    void a.manager.connectToPeer(2);
    await pass(HANDSHAKE_MS);
    world.network.cut();
    world.relay.loss = 1;
    await pass(20_000);
    const reason = expect.any(String);
    expect(told).toEqual([
      ['new', 'checking', 0, 3, undefined],
      ['checking', 'connected', 0, 3, undefined],
      ['connected', 'disconnected', 0, 3, undefined],
      ['disconnected', 'restarting', 0, 3, undefined],
      ['restarting', 'failed', 1, 3, reason],
    ]);
  });

  it('does not reach a listener that was removed', async () => {
    const { world, a } = await connectPlayers();
    const told: string[] = [];
    const stop = a.manager.on('state', ({ state }) => told.push(state));
    stop();
    world.network.cut();
    await pass(3_000);
    expect([a.manager.state, told]).toEqual(['disconnected', []]);
  });
});

describe('the event status', () => {
  it('reports each change, also within a state: attempts, their kind, and what recovery waits for', async () => {
    const { world, a } = await connectPlayers({ maxIceRestarts: 2 });
    const told: unknown[] = [];
    a.manager.on('status', ({ state, attempts, kind, waitingFor }) =>
      told.push([state, attempts, kind, waitingFor]),
    );
    world.network.cut();
    await pass(80_000);
    expect(told.slice(0, 8)).toEqual([
      ['disconnected', 0, null, null],
      ['restarting', 0, 'rebuild', 'backoff'],
      ['restarting', 0, 'rebuild', null],
      ['restarting', 1, 'rebuild', null],
      ['restarting', 1, 'rebuild', 'backoff'],
      ['restarting', 1, 'rebuild', null],
      ['restarting', 2, 'rebuild', null],
      ['failed', 2, null, null],
    ]);
  });
});

describe('an exception', () => {
  const error = new Error('a bug of the game');
  const bug = () => {
    throw error;
  };

  it.each<[string, (player: Player) => unknown]>([
    ['listener', ({ manager }) => manager.on('message', bug)],
    ['callback', ({ manager }) => (manager.onDataChannelMessage = bug)],
  ])('is logged as an error in a %s, and stops neither listeners nor the link', async (_name, give) => {
    const { a, b } = await connectPlayers();
    const told: unknown[] = [];
    give(a);
    a.manager.on('message', (data) => told.push(data));
    b.manager.send('hello');
    await pass(100);
    expect([told, a.manager.state]).toEqual([['hello'], 'connected']);
    expect(a.lines.filter(({ level }) => level === 'error').map(({ line }) => line.at(-1))).toEqual([error]);
  });
});

describe('a logger that throws', () => {
  const broken = () => {
    throw new Error('a bug of the game');
  };

  it('stops neither a method nor the link', async () => {
    const logger = { debug: broken, info: broken, warn: broken, error: broken };
    const { world, a, b } = await connectPlayers({ logger });
    a.manager.onConnectionLost = broken;
    await expect(a.manager.connectToPeer(a.end.playerId)).resolves.toBeUndefined();
    expect(() => a.manager._handleSignal({})).not.toThrow();
    world.network.cut();
    await pass(10_000);
    world.network.heal();
    await pass(2_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect(namesOf(b.heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
    expect(() => a.manager.close()).not.toThrow();
  });
});

describe('an inspector that throws', () => {
  it.each([
    ['a function', (inspect: () => void) => inspect],
    ['an observer', (next: () => void) => ({ next })],
  ])('is logged, and does not stop the link: %s', async (_, as) => {
    const error = new Error('a bug of the game');
    const inspect = as(() => {
      throw error;
    });
    const { a } = await connectPlayers({}, {}, { inspect });
    const errors = a.lines.filter(({ level }) => level === 'error').map(({ line }) => line.at(-1));
    expect(new Set(errors)).toEqual(new Set([error]));
  });
});

describe('every announcement', () => {
  it('reaches its callback and its event with the same arguments, and this is the manager in the callback', async () => {
    const { world, a, b } = createPlayers({ recoveryBudgetMs: 5_000 });
    const told: unknown[][] = [];
    const owners = new Set<unknown>();
    const callbacks = {
      onDataChannelOpen: 'open',
      onDataChannelMessage: 'message',
      onConnectionTypeDetected: 'path',
      onConnectionLost: 'lost',
      onDataChannelClose: 'close',
      onConnectionFailed: 'failed',
    } as const;
    for (const [callback, event] of Object.entries(callbacks)) {
      Object.assign(a.manager, {
        [callback](this: unknown, ...args: unknown[]) {
          owners.add(this);
          told.push([event, ...args]);
        },
      });
    }
    const heard: unknown[][] = [];
    for (const event of Object.values(callbacks))
      a.manager.on(event, (...args: unknown[]) => void heard.push([event, ...args]));
    void a.manager.connectToPeer(2);
    await pass(HANDSHAKE_MS);
    b.manager.send('hello');
    await pass(3_000);
    world.network.cut();
    world.relay.loss = 1;
    await pass(30_000);
    expect(told.map(([event]) => event)).toEqual(['open', 'path', 'message', 'lost', 'close', 'failed']);
    expect(heard).toEqual(told);
    expect([...owners]).toEqual([a.manager]);
  });
});

describe('iceRestartAttempts', () => {
  it('counts the attempts of an outage', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    world.relay.loss = 1;
    const seen: number[] = [];
    for (const ms of [3_000, 20_000, 25_000, 25_000]) {
      await pass(ms);
      seen.push(a.manager.iceRestartAttempts);
    }
    expect(seen).toEqual([1, 1, 2, 3]);
    expect(attemptsOf(a)).toEqual([1, 2, 3].map((attempt) => `[WebRTC] ICE restart attempt ${attempt}/3`));
  });

  it('is not reset when the game asks for a restart meanwhile', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    world.relay.loss = 1;
    await pass(40_000);
    expect(a.manager.iceRestartAttempts).toBe(2);
    expect(await a.manager.attemptIceRestart()).toBe(true);
    expect(a.manager.iceRestartAttempts).toBe(2);
  });

  it('is the actual count when lost is announced late', async () => {
    const { world, a } = await connectPlayers({ disconnectGraceMs: 40_000 });
    const seen: number[] = [];
    a.manager.onConnectionLost = () => seen.push(a.manager.iceRestartAttempts);
    world.network.cut();
    world.relay.loss = 1;
    await pass(50_000);
    expect(seen).toEqual([2]);
  });

  it('is 0 again in connected, even if restored is never announced', async () => {
    const { world, a } = await connectPlayers({ disconnectGraceMs: 60_000 });
    world.network.cut();
    await pass(10_000);
    expect(a.manager.iceRestartAttempts).toBe(1);
    world.network.heal();
    await pass(5_000);
    expect([a.manager.state, a.manager.iceRestartAttempts, a.heard]).toEqual(['connected', 0, []]);
  });
});

describe('_sendSignal', () => {
  it('sends nothing before there is a target or after close()', async () => {
    const world = startWorld();
    const { manager, end } = createPlayer(world, world.a);
    expect(manager._sendSignal('offer', {})).toBeUndefined();
    await pass(10);
    expect(signalsOf(world, end)).toEqual([]);
    void manager.connectToPeer(2);
    manager.close();
    await pass(10);
    const sent = signalsOf(world, end);
    expect(sent).toEqual(['bye']);
    expect(manager._sendSignal('offer', {})).toBeUndefined();
    await pass(10);
    expect(signalsOf(world, end)).toEqual(sent);
  });

  it.each([
    ['refused', 0],
    ['relayed', 1],
    ['unknown', 1],
    ['something else', 1],
    [undefined, 1],
  ])('makes attempts count by what its replacement returns (%j: %i)', async (answer, count) => {
    const { world, a } = await connectPlayers();
    a.manager._sendSignal = async () => answer;
    world.network.cut();
    world.relay.loss = 1;
    await pass(10_000);
    expect([a.manager.state, attemptsOf(a).length]).toEqual(['restarting', count]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('a bug of the game');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a bug of the game'))],
  ])('logs an error when its replacement %s, and the attempt does not count', async (_, broken) => {
    const { world, a } = await connectPlayers();
    a.manager._sendSignal = broken;
    world.network.cut();
    world.relay.loss = 1;
    await pass(10_000);
    expect(attemptsOf(a)).toEqual([]);
    expect(a.lines.some(({ level }) => level === 'error')).toBe(true);
  });
});

describe('_getIceServers', () => {
  const replaceWith = async (replacement: () => unknown) => {
    const { a, b } = createPlayers();
    Object.assign(a.manager, { _getIceServers: replacement });
    await expect(a.manager.connectToPeer(2)).resolves.toBeUndefined();
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    const { iceServers } = a.end.peerConnections[0]?.getConfiguration() ?? {};
    return { a, iceServers };
  };

  it.each([
    ['an array', () => [{ urls: 'stun:stun.example' }]],
    ['a promise of one', async () => [{ urls: 'stun:stun.example' }]],
  ])('gives the servers when its replacement returns %s', async (_, replacement) => {
    const { a, iceServers } = await replaceWith(replacement);
    expect([a.manager.state, iceServers]).toEqual(['connected', [{ urls: 'stun:stun.example' }]]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('a bug of the game');
      },
    ],
    ['returns null', () => null],
    ['returns something that is not an array', () => ({ urls: 'stun:stun.example' })],
    ['returns entries that are not servers', () => [null]],
    ['rejects', () => Promise.reject(new Error('a bug of the game'))],
  ])(
    'lets the link connect without any servers, and logs a warning, when its replacement %s',
    async (_, broken) => {
      const { a, iceServers } = await replaceWith(broken);
      expect([a.manager.state, iceServers]).toEqual(['connected', []]);
      expect(a.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    },
  );
});

describe('the option iceServers as a function', () => {
  it('is not called by _getIceServers, which returns the default servers', () => {
    const world = startWorld();
    const { manager } = createPlayer(world, world.a, {
      iceServers: () => {
        throw new Error('not asked');
      },
    });
    expect(manager._getIceServers().map(({ urls }) => urls)).toEqual([
      'stun:stun.l.google.com:19302',
      'stun:stun1.l.google.com:19302',
    ]);
  });

  it('lets the link connect without any servers, and logs a warning, when it throws', async () => {
    const iceServers = () => {
      throw new Error('the token service is down');
    };
    const { a, b } = createPlayers({}, {}, { iceServers });
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect(a.manager.state).toBe('connected');
    expect(a.end.peerConnections[0]?.getConfiguration().iceServers).toEqual([]);
    expect(a.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('leaves fields empty and methods negative, as before the first link, until it answers', async () => {
    const iceServers = () => new Promise<RTCIceServer[]>((resolve) => setTimeout(() => resolve([]), 2_000));
    const { a, b } = createPlayers({}, {}, { iceServers });
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(1_000);
    const { state, peerConnection, dataChannel, qualityMonitor } = a.manager;
    expect({ state, peerConnection, dataChannel, qualityMonitor }).toEqual({
      state: 'checking',
      peerConnection: null,
      dataChannel: null,
      qualityMonitor: null,
    });
    expect([a.manager.send('early'), a.manager.isReady(), a.manager.isConnectionUsable()]).toEqual([
      false,
      false,
      false,
    ]);
    expect([a.manager.getConnectionState(), await a.manager.getConnectionType()]).toEqual([null, null]);
    await pass(3_000);
    expect(a.manager.state).toBe('connected');
    expect(a.manager.qualityMonitor).not.toBeNull();
  });
});

describe('the path', () => {
  it('is announced once although it is looked up repeatedly, and equals connectionType', async () => {
    const { a, b } = createPlayers();
    const told: unknown[] = [];
    a.manager.on('path', (path) => told.push(path));
    void a.manager.connectToPeer(b.end.playerId);
    await pass(30_000);
    expect(told).toEqual([a.manager.connectionType]);
    expect(a.manager.connectionType).toMatchObject({ connectionType: 'direct' });
  });
});

describe('the quality monitor', () => {
  it('has the jitter and the loss that the heartbeat measures', async () => {
    const { a } = await connectPlayers();
    await pass(5_000);
    expect(a.manager.qualityMonitor?.lastStats).toMatchObject({ jitter: 0, loss: 0 });
  });

  it('stays the same object through an outage, and stops once the link has failed', async () => {
    const { world, a } = await connectPlayers({ recoveryBudgetMs: 20_000 });
    const { qualityMonitor } = a.manager;
    expect(qualityMonitor?.intervalId).not.toBeNull();
    world.network.cut();
    await pass(10_000);
    world.network.heal();
    await pass(5_000);
    expect(a.manager.qualityMonitor).toBe(qualityMonitor);
    expect(qualityMonitor?.intervalId).not.toBeNull();
    world.network.cut();
    world.relay.loss = 1;
    await pass(60_000);
    expect([a.manager.state, qualityMonitor?.intervalId]).toEqual(['failed', null]);
  });

  it.each([
    ['the game connects to another player', ({ manager }: Player) => void manager.connectToPeer(3)],
    ['the manager is closed', ({ manager }: Player) => manager.close()],
  ])('stops when %s', async (_, end) => {
    const { a } = await connectPlayers();
    const { qualityMonitor } = a.manager;
    end(a);
    expect(qualityMonitor?.intervalId).toBeNull();
  });
});

describe('the log of an outage', () => {
  const infoOf = ({ lines }: Player) =>
    lines.filter(({ level }) => level === 'info').map(({ line }) => line.map(String).join(' '));

  it('has at info what started it, each state in order, and the reason and evidence of its end', async () => {
    const { world, a } = await connectPlayers({ maxIceRestarts: 1 });
    a.lines.length = 0;
    world.b.kill();
    await pass(120_000);
    const SILENT = { iceConnectionState: 'disconnected', connectionState: 'disconnected' };
    const [failure] = a.heard.flatMap(([name, payload]) => (name === 'onConnectionFailed' ? [payload] : []));
    expect(infoOf(a)).toEqual([
      '[WebRTC] connected → disconnected life.silent',
      '[WebRTC] disconnected → restarting life.silent',
      '[WebRTC] the relay refused an offer: player-away',
      `[WebRTC] restarting → failed peer-silent ${JSON.stringify({ ...Object(failure).evidence, ...SILENT })}`,
    ]);
  });

  it('has a state before the attempt that is joined in it, and no cause for connected', async () => {
    const { world, a } = await connectPlayers({}, {}, { silenceMs: 60_000 });
    a.lines.length = 0;
    world.network.cut();
    await pass(10_000);
    world.network.heal();
    await pass(2_000);
    expect(infoOf(a)).toEqual([
      '[WebRTC] connected → disconnected ice.disconnected',
      '[WebRTC] disconnected → restarting remote.offer',
      '[WebRTC] ICE restart attempt 1/3',
      '[WebRTC] restarting → connected',
    ]);
  });
});

it('logs the lines that upstream’s users look for', async () => {
  const { world, a } = await connectPlayers();
  world.network.cut();
  await pass(20_000);
  const lines = a.lines.filter(({ level }) => level === 'info').map(({ line }) => String(line[0]));
  expect(lines).toEqual(
    expect.arrayContaining(['[WebRTC] Connection type: direct', '[WebRTC] ICE restart attempt 1/3']),
  );
});

describe('quality', () => {
  it('warns from the RTT that the game sets', async () => {
    const { world, a } = await connectPlayers({ quality: { warningLatency: 30, pollInterval: 500 } });
    world.network.setDelay(40);
    await pass(10_000);
    expect(a.heard).toContainEqual([
      'onQualityDegraded',
      expect.objectContaining({ status: 'warning', rtt: expect.closeTo(80, -1) }),
    ]);
  });
});

describe('the preset rollback', () => {
  it.each(['onConnectionRestored', 'restored'] as const)('delivers what is sent inside %s', async (name) => {
    const { world, a, b } = await connectPlayers({ preset: 'rollback' });
    const sent: boolean[] = [];
    const send = () => sent.push(a.manager.send('where were we'));
    if (name === 'restored') a.manager.on(name, send);
    else a.manager[name] = send;
    world.network.cut();
    await pass(3_000);
    world.network.heal();
    await pass(3_000);
    expect(sent).toEqual([true]);
    expect(b.heard).toContainEqual(['onDataChannelMessage', 'where were we']);
  });

  it('drops messages in an outage, and sends again as soon as it is over', async () => {
    const { world, a, b } = await connectPlayers({ preset: 'rollback' });
    world.network.cut();
    await pass(1_500);
    expect(a.manager.send('stale')).toBe(false);
    world.network.heal();
    await pass(2_000);
    expect([a.manager.state, a.manager.send('fresh')]).toEqual(['connected', true]);
    await pass(100);
    expect(b.heard.filter(([name]) => name === 'onDataChannelMessage')).toEqual([
      ['onDataChannelMessage', 'fresh'],
    ]);
  });
});
