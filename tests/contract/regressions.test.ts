/** Each was seen to fail on the code that had the defect. */
import { describe, expect, it, vi } from 'vitest';
import { connectPlayers, createPlayer, createPlayers, HANDSHAKE_MS, namesOf, pass } from './players';

describe('found by random worlds', () => {
  it('both ends give up once where only signaling is left', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    await pass(600_000);
    for (const { heard } of [a, b])
      expect(namesOf(heard).filter((name) => name === 'onConnectionFailed').length).toBe(1);
  });
  it('two ends that ask in one tick are both answered within 2 s', async () => {
    const { a, b } = await connectPlayers();
    for (const { manager } of [a, b]) void manager.attemptIceRestart();
    await pass(2_000);
    for (const { heard } of [a, b]) expect(namesOf(heard)).toEqual(['onConnectionRestored']);
  });
  it('a peer that took a late offer of the page before for the newer one carries data once it is connected', async () => {
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
  it('a replaced _sendSignal that throws does no harm', async () => {
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
  it('iceRestartAttempts is 0 after failed', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    world.relay.loss = 1;
    await pass(120_000);
    expect([a.manager.state, a.manager.iceRestartAttempts]).toEqual(['failed', 0]);
  });
  it('an orderly end writes nothing to the console', async () => {
    const warn = vi.spyOn(console, 'warn');
    const { a, b } = await connectPlayers();
    a.manager.close();
    await pass(1_000);
    b.manager.close();
    await pass(1_000);
    expect(warn.mock.calls).toEqual([]);
  });

  it('an outage logs each of its attempts, the first too', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    await pass(60_000);
    const logged = a.lines.map(({ line }) => String(line[0])).filter((line) => line.includes('attempt'));
    expect(logged.slice(0, 2)).toEqual([
      '[WebRTC] ICE restart attempt 1/3',
      '[WebRTC] ICE restart attempt 2/3',
    ]);
  });

  it('an end that gave up is not taken for alive by the other: its offers bring both back', async () => {
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

  it('a failed link is not ready, and sends nothing', async () => {
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

  it('a connection whose game channel is gone does not pass for the link on its pings alone', async () => {
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

  it('an end that gave up while the other heard the last of it brings both back, though its browser acknowledges', async () => {
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

  it('an end that could offer nothing all through an outage is heard at once by the one that offered in vain', async () => {
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

  it('an end that connects anew is heard at once by one that still recovers, and offered in vain', async () => {
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

  it('an attempt that still waited for its servers is not begun after failed', async () => {
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
