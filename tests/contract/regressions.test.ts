/** Each test was seen to fail on the code that had the defect. */
import { describe, expect, it, vi } from 'vitest';
import { connectPlayers, createPlayer, createPlayers, HANDSHAKE_MS, namesOf, pass } from './players';

describe('a link, in cases that random worlds found', () => {
  it('announces failed once on both ends when only signaling is left', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    await pass(600_000);
    for (const { heard } of [a, b])
      expect(namesOf(heard).filter((name) => name === 'onConnectionFailed').length).toBe(1);
  });
  it('answers both ends within 2 s when both ask for a restart in one tick', async () => {
    const { a, b } = await connectPlayers();
    for (const { manager } of [a, b]) void manager.attemptIceRestart();
    await pass(2_000);
    for (const { heard } of [a, b]) expect(namesOf(heard)).toEqual(['onConnectionRestored']);
  });
  it('carries data once connected, although a late offer of the previous page was taken for the newer one', async () => {
    const { world, a, b } = createPlayers();
    void b.manager.connectToPeer(1);
    world.relay.delayMs = 3_000;
    void a.manager.connectToPeer(2);
    await pass(2_990);
    a.manager._sendSignal = () => undefined;
    a.manager.close();
    world.relay.delayMs = 0;
    const back = createPlayer(world, world.a);
    void back.manager.connectToPeer(2);
    await pass(30_000);
    expect([back.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    back.manager.send('back');
    b.manager.send('welcome');
    await pass(100);
    expect([back, b].map(({ heard }) => heard.at(-1))).toEqual([
      ['onDataChannelMessage', 'welcome'],
      ['onDataChannelMessage', 'back'],
    ]);
  });
  it('connects although a replaced _sendSignal throws at first', async () => {
    const { a, b } = createPlayers();
    const original = a.manager._sendSignal.bind(a.manager);
    let isBroken = true;
    a.manager._sendSignal = (type, payload) => {
      if (isBroken) throw new Error('the probe has a bug');
      return original(type, payload);
    };
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    isBroken = false;
    await pass(5_000);
    expect(a.manager.state).toBe('connected');
  });
  it('has 0 iceRestartAttempts after failed', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    world.relay.loss = 1;
    await pass(120_000);
    expect([a.manager.state, a.manager.iceRestartAttempts]).toEqual(['failed', 0]);
  });
  it('writes no warning to the console when both ends close', async () => {
    const warn = vi.spyOn(console, 'warn');
    const { a, b } = await connectPlayers();
    a.manager.close();
    await pass(1_000);
    b.manager.close();
    await pass(1_000);
    expect(warn.mock.calls).toEqual([]);
  });

  it('logs each attempt of an outage, including the first', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    await pass(60_000);
    const logged = a.lines.map(({ line }) => String(line[0])).filter((line) => line.includes('attempt'));
    expect(logged.slice(0, 2)).toEqual([
      '[WebRTC] ICE restart attempt 1/3',
      '[WebRTC] ICE restart attempt 2/3',
    ]);
  });

  it('is not restored by an end that gave up until offers bring both back', async () => {
    const { world, a, b } = await connectPlayers({}, {}, { recoveryBudgetMs: 3_000 });
    world.network.cut();
    world.relay.loss = 1;
    await pass(12_000);
    expect([a.manager.state, b.manager.state]).toEqual(['failed', 'restarting']);
    world.network.heal();
    await pass(500);
    expect(namesOf(b.heard)).toEqual(['onConnectionLost']);
    world.relay.loss = 0;
    await pass(3_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect(namesOf(a.heard)).toEqual([
      'onConnectionLost',
      'onDataChannelClose',
      'onConnectionFailed',
      'onDataChannelOpen',
      'onConnectionRestored',
    ]);
    expect(namesOf(b.heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
  });

  it('is not ready after failed, and sends nothing', async () => {
    const { world, a } = await connectPlayers({ recoveryBudgetMs: 3_000 });
    world.network.cut();
    world.relay.loss = 1;
    await pass(12_000);
    expect(a.manager.state).toBe('failed');
    expect([a.manager.isReady(), a.manager.isConnectionUsable(), a.manager.send('lost')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is not restored by pings alone when the game channel of the connection is gone', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    world.relay.loss = 1;
    a.manager.dataChannel?.close();
    await pass(8_000);
    world.network.heal();
    await pass(1_000);
    expect(namesOf(b.heard)).toEqual(['onConnectionLost']);
    world.relay.loss = 0;
    await pass(5_000);
    for (const { heard } of [a, b])
      expect(namesOf(heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
    a.manager.send('from a');
    b.manager.send('from b');
    await pass(100);
    expect([a.heard.at(-1), b.heard.at(-1)]).toEqual([
      ['onDataChannelMessage', 'from b'],
      ['onDataChannelMessage', 'from a'],
    ]);
  });

  it('recovers after one end failed while the other still heard it, although its browser still acknowledges', async () => {
    const { world, a, b } = await connectPlayers({}, {}, { recoveryBudgetMs: 3_000 });
    world.network.cut(1);
    while (a.manager.state !== 'failed') await pass(100);
    expect(b.manager.state).toBe('connected');
    world.network.heal();
    await pass(20_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    a.manager.send('from a');
    await pass(100);
    expect(b.heard.at(-1)).toEqual(['onDataChannelMessage', 'from a']);
  });

  it('recovers within 2 s out of failed when the end that had no signaling in the outage restarts', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    a.end.socket.down();
    await pass(120_000);
    expect([a.manager.state, b.manager.state]).toEqual(['failed', 'failed']);
    world.network.heal();
    a.end.socket.up();
    await pass(1_000);
    void a.manager.attemptIceRestart();
    await pass(2_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('recovers within 2 s when a failed end connects again while the other still makes attempts', async () => {
    const { world, a, b } = await connectPlayers({}, {}, { recovery: { plan: () => null } });
    world.network.cut();
    world.relay.loss = 1;
    await pass(12_000);
    expect([a.manager.state, b.manager.state]).toEqual(['failed', 'restarting']);
    world.network.heal();
    world.relay.loss = 0;
    void a.manager.connectToPeer(2);
    await pass(2_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    a.manager.send('from a');
    b.manager.send('from b');
    await pass(100);
    expect([a.heard.at(-1)?.[1], b.heard.at(-1)?.[1]]).toEqual(['from b', 'from a']);
  });

  it('starts no attempt after failed that was still waiting for its servers', async () => {
    const fetched = () => new Promise<RTCIceServer[]>((resolve) => setTimeout(() => resolve([]), 1_500));
    const { world, a, b } = createPlayers({}, {}, { recoveryBudgetMs: 3_000, iceServers: fetched });
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(2_500);
    expect(a.manager.state).toBe('connected');
    world.network.cut();
    while (a.manager.state !== 'failed') await pass(100);
    const made = a.end.peerConnections.length;
    world.relay.loss = 1;
    await pass(3_000);
    expect(a.end.peerConnections).toHaveLength(made);
  });
});
