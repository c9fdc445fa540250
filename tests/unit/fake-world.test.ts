import { createFakeWorld, type FakeWorldOptions, PROFILES } from 'holdfast/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectPair, pass } from './bare-pair';

function startWorld(options?: FakeWorldOptions) {
  vi.useFakeTimers();
  const world = createFakeWorld(options);
  onTestFinished(() => {
    world.dispose();
    vi.useRealTimers();
  });
  return world;
}

describe('a fake world', () => {
  it('has two Chromiums, the players 1 and 2 of the game `game`, by default', () => {
    const { gameId, a, b } = startWorld();
    expect({ gameId, players: [a.playerId, b.playerId] }).toEqual({ gameId: 'game', players: [1, 2] });
    expect([a, b].map(({ environment }) => environment.browser)).toEqual(['chromium', 'chromium']);
    expect([a, b].map(({ peerConnections }) => peerConnections)).toEqual([[], []]);
  });

  it.each([
    { profile: 'firefox', browsers: ['firefox', 'firefox'] },
    { profile: ['chromium', 'firefox'], browsers: ['chromium', 'firefox'] },
    { profile: PROFILES.firefox, browsers: ['firefox', 'firefox'] },
  ] as const)('has the browsers $browsers', ({ profile, browsers }) => {
    const { a, b } = startWorld({ profile });
    expect([a, b].map(({ environment }) => environment.browser)).toEqual(browsers);
  });

  it('accepts a browser profile of your own', async () => {
    const { world, told } = await connectPair({
      profile: { ...PROFILES.chromium, disconnectedAfterMs: 700 },
    });
    world.network.cut();
    await pass(699);
    expect(told).toEqual([]);
    await pass(1);
    expect(told).toEqual(['iceconnection disconnected', 'connection disconnected']);
  });

  it('is the same for the same seed, which is 1 by default', async () => {
    const namesOf = async (options?: FakeWorldOptions) => {
      const pc = startWorld(options).a.environment.createPeerConnection({});
      await pc.setLocalDescription();
      return pc.localDescription?.sdp;
    };
    expect(await namesOf({ seed: 1 })).toBe(await namesOf());
    expect(await namesOf({ seed: 2 })).not.toBe(await namesOf());
  });

  it('gives its pages its clock and its random source', async () => {
    const { a, b } = startWorld({ seed: 7 });
    await pass(50);
    expect(a.environment.now()).toBe(performance.now());
    expect(a.environment.random()).toBe(50_271_532 / 2 ** 32);
    expect(b.environment.random()).toBe(266_108_690 / 2 ** 32);
  });

  it('seats both pages in its game, and again whenever they reconnect', async () => {
    const { a, b, relay, gameId } = startWorld({ gameId: 7, playerIds: ['x', 'y'] });
    const signal = { type: 'offer', game_id: gameId, target_player_id: 'y', payload: 1 };
    const heard: unknown[] = [];
    b.socket.on('webrtc_signal', (message: unknown) => heard.push(message));
    await pass(5);
    a.socket.emit('webrtc_signal', signal);
    await pass(5);
    relay.restart();
    await pass(2_000);
    a.socket.emit('webrtc_signal', signal);
    await pass(5);
    const expected = { type: 'offer', from_player_id: 'x', game_id: 7, payload: 1 };
    expect(heard).toEqual([expected, expected]);
    expect(relay.signals.map(({ from }) => from)).toEqual(['x', 'x']);
  });

  it('lists every connection that was created, including closed ones', () => {
    const { a, b } = startWorld();
    const made = [a.environment.createPeerConnection({}), a.environment.createPeerConnection({})];
    made[0]?.close();
    expect([a.peerConnections, b.peerConnections]).toEqual([made, []]);
  });

  it('counts its own timers, and ends them all', async () => {
    const { world, a } = await connectPair();
    expect(world.runningTimers).toBe(0);
    a.restartIce();
    await a.setLocalDescription();
    expect([world.runningTimers, vi.getTimerCount()]).toEqual([3, 3]);
    world.dispose();
    expect([world.runningTimers, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('a fake world that is cut off', () => {
  it('reaches neither the other page nor the relay, and its sockets do not know, until they are reached again', async () => {
    const { world, a, told } = await connectPair();
    const heard: unknown[] = [];
    world.b.socket.on('game_data', ({ data }: { data: unknown }) => heard.push(data));
    world.cutOff();
    world.a.socket.emit('game_data', { game_id: 'game', data: 'lost' });
    await pass(7_000);
    expect(told).toEqual(['iceconnection disconnected', 'connection disconnected']);
    expect([world.a.socket.connected, world.b.socket.connected, heard]).toEqual([true, true, []]);
    world.reachAgain();
    world.a.socket.emit('game_data', { game_id: 'game', data: 'there' });
    await pass(1_000);
    expect([a.connectionState, heard]).toEqual(['connected', ['there']]);
  });

  it('has sockets that notice after a while, and are up as soon as they are reached again', async () => {
    const world = startWorld();
    await pass(5);
    world.cutOff();
    await pass(46_000);
    expect([world.a.socket.connected, world.b.socket.connected]).toEqual([false, false]);
    world.reachAgain();
    expect([world.a.socket.connected, world.b.socket.connected]).toEqual([true, true]);
  });
});

describe('a fake page that is left', () => {
  it.each([
    { how: 'kill', profile: 'chromium', isTold: false },
    { how: 'kill', profile: 'firefox', isTold: false },
    { how: 'closeTab', profile: 'chromium', isTold: false },
    { how: 'closeTab', profile: 'firefox', isTold: true },
    { how: 'navigate', profile: 'chromium', isTold: true },
    { how: 'navigate', profile: 'firefox', isTold: true },
  ] as const)('by $how in $profile closes the other’s channel: $isTold', async ({ how, profile, isTold }) => {
    const { world, channel, a } = await connectPair({ profile });
    world.b[how]();
    await pass(119);
    expect(channel.readyState).toBe('open');
    await pass(1);
    expect(channel.readyState).toBe(isTold ? 'closed' : 'open');
    await pass(7_000);
    expect(a.iceConnectionState).toBe('disconnected');
  });

  it('is gone from the relay, and sends no packet and no signal', async () => {
    const { world, channel } = await connectPair();
    const heard: unknown[] = [];
    channel.onmessage = ({ data }) => heard.push(data);
    world.b.kill();
    const ack = (answer: unknown) => heard.push(answer);
    const signal = { type: 'offer', game_id: 'game', target_player_id: 2 };
    world.a.socket.emit('webrtc_signal', signal, ack);
    world.b.socket.emit('webrtc_signal', { ...signal, target_player_id: 1 });
    await pass(1_000);
    expect(heard).toEqual([{ ok: false, error: { code: 'player-away', message: 'player-away' } }]);
    expect(world.relay.signals.map(({ from }) => from)).toEqual([1]);
  });
});
