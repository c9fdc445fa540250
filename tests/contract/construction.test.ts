import defaultExport, * as holdfast from 'holdfast';
import { describe, expect, it } from 'vitest';
import { CALLBACKS, createPlayer, startWorld } from './players';

const STUN = [{ urls: 'stun:stun.l.google.com:19302' }, { urls: 'stun:stun1.l.google.com:19302' }];

describe('the module', () => {
  it('exports what a page imports from upstream, and the monitor that upstream does not export', () => {
    expect(defaultExport).toBe(holdfast.WebRTCManager);
    expect(typeof holdfast.LatencyTelemetry).toBe('function');
    expect(typeof holdfast.ConnectionQualityMonitor).toBe('function');
  });
});

describe('the constructor', () => {
  it('listens to webrtc_signal at once', () => {
    const world = startWorld();
    createPlayer(world, world.a);
    expect(world.a.socket.listenerCount('webrtc_signal')).toBe(1);
  });

  it.each([[undefined], [null], ['a URL'], [{ on() {} }]])('refuses a socket that is %j', (socket) => {
    expect(() => Reflect.construct(holdfast.WebRTCManager, [socket, 'duel', 1])).toThrow(
      /^Holdfast: socket is .*; expected an object with on\(\), emit\(\)$/,
    );
  });

  it.each([
    ['gameId', undefined, '1'],
    ['gameId', '', 1],
    ['gameId', {}, 1],
    ['myPlayerId', 'duel', null],
    ['myPlayerId', 'duel', Number.NaN],
    ['myPlayerId', 'duel', 'x'.repeat(257)],
  ])('refuses a %s that is not an id (%j, %j)', (name, gameId, me) => {
    const world = startWorld();
    const { socket } = world.a;
    expect(() => Reflect.construct(holdfast.WebRTCManager, [socket, gameId, me])).toThrow(
      new RegExp(`^Holdfast: ${name} is .*; expected a number, or a string of 1 to 256 characters$`),
    );
    expect(socket.listenerCount('webrtc_signal')).toBe(0);
  });

  it('initialises the fields that callers read', () => {
    const world = startWorld({ gameId: 'duel', playerIds: [0, 1] });
    const { manager } = createPlayer(world, world.a);
    const { socket, gameId, myPlayerId, targetPeerId, peerConnection, dataChannel, connectionType } = manager;
    expect(socket).toBe(world.a.socket);
    expect({ gameId, myPlayerId, targetPeerId, peerConnection, dataChannel, connectionType }).toEqual({
      gameId: 'duel',
      myPlayerId: 0,
      targetPeerId: null,
      peerConnection: null,
      dataChannel: null,
      connectionType: null,
    });
    const {
      iceRestartAttempts,
      maxIceRestarts,
      disconnectTimeoutId,
      disconnectGracePeriodMs,
      qualityMonitor,
    } = manager;
    expect({ iceRestartAttempts, maxIceRestarts, disconnectTimeoutId, disconnectGracePeriodMs }).toEqual({
      iceRestartAttempts: 0,
      maxIceRestarts: 3,
      disconnectTimeoutId: null,
      disconnectGracePeriodMs: 500,
    });
    expect(qualityMonitor).toBeNull();
    expect(manager.state).toBe('new');
  });

  it('sets every callback to null', () => {
    const world = startWorld();
    const manager = new holdfast.WebRTCManager(world.a.socket, 'duel', 1, { logger: 'silent' });
    expect(CALLBACKS.map((name) => manager[name])).toEqual(CALLBACKS.map(() => null));
    manager.close();
  });

  it('makes a manager whose methods answer as upstream’s before the first link', async () => {
    const world = startWorld();
    const { manager } = createPlayer(world, world.a);
    expect(manager.send('early')).toBe(false);
    expect(manager.isReady()).toBe(false);
    expect(manager.isConnectionUsable()).toBe(false);
    expect(manager.getConnectionState()).toBeNull();
    expect(await manager.getConnectionType()).toBeNull();
    expect(await manager.attemptIceRestart()).toBe(false);
    expect(manager.iceRestartAttempts).toBe(0);
  });

  it('accepts options that upstream does not have, and names an invalid one in the error', () => {
    const world = startWorld();
    const { manager } = createPlayer(world, world.a, { maxIceRestarts: 5, disconnectGraceMs: 100 });
    expect([manager.maxIceRestarts, manager.disconnectGracePeriodMs]).toEqual([5, 100]);
    expect(() => new holdfast.WebRTCManager(world.a.socket, 'duel', 1, { connectTimeoutMs: -1 })).toThrow(
      /connectTimeoutMs is -1; expected /,
    );
    expect(world.a.socket.listenerCount('webrtc_signal')).toBe(1);
  });
});

describe('ICE servers', () => {
  const serversOf = (options: holdfast.WebRTCManagerOptions) => {
    const world = startWorld();
    return createPlayer(world, world.a, options).manager._getIceServers();
  };

  it('are two of Google unless both credentials are given', () => {
    expect(serversOf({})).toEqual(STUN);
    expect(serversOf({ turnUsername: 'name' })).toEqual(STUN);
    expect(serversOf({ turnCredential: 'secret', turnUsername: null })).toEqual(STUN);
  });

  it('include four of Open Relay when both credentials are given', () => {
    const turn = { username: 'name', credential: 'secret' };
    expect(serversOf({ turnUsername: 'name', turnCredential: 'secret' })).toEqual([
      ...STUN,
      { urls: 'turn:a.relay.metered.ca:80', ...turn },
      { urls: 'turn:a.relay.metered.ca:80?transport=tcp', ...turn },
      { urls: 'turn:a.relay.metered.ca:443', ...turn },
      { urls: 'turns:a.relay.metered.ca:443?transport=tcp', ...turn },
    ]);
  });

  it('use credentials that the page assigns later, as upstream’s fields do', () => {
    const world = startWorld();
    const { manager } = createPlayer(world, world.a, { turnUsername: 'old', turnCredential: 'secret' });
    Object.assign(manager, { turnUsername: 'name', turnCredential: 'fresh' });
    expect(manager._getIceServers()).toEqual(serversOf({ turnUsername: 'name', turnCredential: 'fresh' }));
  });

  it('are a copy of the option iceServers when that is an array', () => {
    const iceServers = [{ urls: 'stun:stun.example:3478' }];
    const servers = serversOf({ iceServers });
    expect(servers).toEqual(iceServers);
    servers.pop();
    expect(iceServers).toHaveLength(1);
  });

  it('reach the connection, with the relay-only policy of forceRelay', async () => {
    const world = startWorld();
    const { manager } = createPlayer(world, world.a, {
      forceRelay: true,
      turnUsername: 'name',
      turnCredential: 'secret',
    });
    await manager.connectToPeer(2);
    const { iceServers, iceTransportPolicy } = world.a.peerConnections[0]?.getConfiguration() ?? {};
    expect({ iceServers, iceTransportPolicy }).toEqual({
      iceServers: manager._getIceServers(),
      iceTransportPolicy: 'relay',
    });
    expect([manager.turnUsername, manager.turnCredential, manager.forceRelay]).toEqual([
      'name',
      'secret',
      true,
    ]);
    // What an error reporter would copy from a manager that it gets.
    const copied: unknown[] = Object.values({ ...manager });
    expect(['name', 'secret'].filter((secret) => copied.includes(secret))).toEqual([]);
  });
});
