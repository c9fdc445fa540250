import { describe, expect, it } from 'vitest';
import { connectPlayers, createPlayers, namesOf, pass } from './players';

const turn = (username: string): RTCIceServer => ({
  urls: 'turn:relay.example',
  username,
  credential: 'secret',
});
const NOW_S = () => Math.floor(Date.now() / 1_000);

describe('a relayed link', () => {
  it('renews credentials a minute before they expire, without an outage', async () => {
    const asked: number[] = [];
    const iceServers = async () => {
      asked.push(NOW_S());
      return [turn(`${NOW_S() + 120}:player`)];
    };
    const { a, b } = await connectPlayers({ forceRelay: true, iceServers });
    const [before] = a.end.peerConnections;
    a.heard.length = 0;
    const connectedAt = NOW_S();
    await pass(70_000);

    const renewals = asked.filter((at) => at > connectedAt + 50);
    expect(renewals.length).toBeGreaterThan(0);
    expect(a.manager.connectionType?.connectionType).toBe('relay');
    expect(a.manager.peerConnection).toBe(before);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect(namesOf(a.heard).filter((name) => name.startsWith('onConnectionLost'))).toEqual([]);
  });

  it.each(['its servers could not be fetched', 'the link was suspect'])(
    'renews credentials within their last minute even if at the start of it %s',
    async (trouble) => {
      const fetchedAt: number[] = [];
      let isOffline = false;
      const iceServers = async () => {
        if (isOffline) throw new Error('no network');
        fetchedAt.push(NOW_S());
        return [turn(`${NOW_S() + 120}:player`)];
      };
      const { world, a, b } = await connectPlayers({ forceRelay: true, iceServers });
      const connectedAt = NOW_S();
      await pass(57_000);
      if (trouble === 'the link was suspect') world.network.cut();
      else isOffline = true;
      await pass(3_500);
      world.network.heal();
      isOffline = false;
      await pass(45_000);
      expect(fetchedAt.filter((at) => at > connectedAt + 50).length).toBeGreaterThanOrEqual(2);
      expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
      expect([a, b].map(({ end }) => end.peerConnections.length)).toEqual([1, 1]);
    },
  );

  it('fails with no-relay when its TURN server has died', async () => {
    const { world, a, b } = await connectPlayers({ forceRelay: true, iceServers: [turn('player')] });
    world.network.turn = 'down';
    await pass(120_000);
    for (const { heard } of [a, b])
      expect(heard.at(-1)).toEqual(['onConnectionFailed', expect.objectContaining({ reason: 'no-relay' })]);
  });

  it('comes up although its TURN server was away for a whole attempt of the first connect', async () => {
    const { world, a, b } = createPlayers({ forceRelay: true, iceServers: [turn('player')] });
    b.end.socket.down();
    void a.manager.connectToPeer(b.end.playerId);
    await pass(14_000);
    world.network.turn = 'down';
    await pass(50_000);
    world.network.turn = 'up';
    b.end.socket.up();
    await pass(5_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  });

  it('does not keep asking for servers when their credentials last only seconds', async () => {
    let asked = 0;
    const iceServers = async () => {
      asked += 1;
      return [turn(`${NOW_S() + 10}:player`)];
    };
    await connectPlayers({ forceRelay: true, iceServers });
    const atFirst = asked;
    await pass(60_000);
    expect(asked).toBe(atFirst);
  });

  it('returns to a direct path when one is free again, without an outage', async () => {
    const { world, a, b } = await connectPlayers({ preset: 'rollback', iceServers: [turn('player')] });
    world.network.blockDirect();
    await pass(5_000);
    expect(a.manager.connectionType?.connectionType).toBe('relay');
    world.network.unblockDirect();
    for (const { heard } of [a, b]) heard.length = 0;
    await pass(40_000);

    expect(a.manager.connectionType?.connectionType).toBe('direct');
    expect(b.manager.connectionType?.connectionType).toBe('direct');
    for (const { heard } of [a, b])
      expect(new Set(namesOf(heard))).toEqual(new Set(['onConnectionTypeDetected']));
    const open = [a, b].map(
      ({ end }) => end.peerConnections.filter((pc) => pc.signalingState !== 'closed').length,
    );
    expect(open).toEqual([1, 1]);
  });

  it('stays relayed when the other end allows only relays', async () => {
    const options = { iceServers: [turn('player')], forceRelay: true };
    const { a, b } = await connectPlayers(options, {}, { forceRelay: false });
    await pass(100_000);
    expect(a.manager.connectionType?.connectionType).toBe('relay');
    expect([a, b].map(({ end }) => end.peerConnections.length)).toEqual([1, 1]);
  });

  it('forgets that its credentials were refused once a later connect succeeds', async () => {
    const { world, a, b } = createPlayers({ forceRelay: true, iceServers: [turn('player')] });
    world.network.turn = 'refuses';
    const connect = async () => {
      void a.manager.connectToPeer(2);
      void b.manager.connectToPeer(1);
      await pass(20_000);
    };
    await connect();
    expect([a.manager.state, b.manager.state]).toEqual(['failed', 'failed']);
    world.network.turn = 'up';
    await connect();
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    a.heard.length = 0;
    world.network.cut();
    await pass(12_000);
    world.network.heal();
    await pass(10_000);
    expect(namesOf(a.heard)).toEqual(expect.arrayContaining(['onConnectionLost', 'onConnectionRestored']));
    expect(namesOf(a.heard)).not.toContain('onConnectionFailed');
  });

  it('recovers with freshly fetched servers after the old credentials were refused', async () => {
    let isDown = false;
    const iceServers = async () => {
      if (isDown) throw new Error('no network');
      return [turn('player')];
    };
    const { world, a, b } = await connectPlayers({ forceRelay: true, iceServers });
    for (const { heard } of [a, b]) heard.length = 0;
    isDown = true;
    world.network.turn = 'refuses';
    world.network.cut();
    await pass(20_000);
    isDown = false;
    world.network.turn = 'up';
    world.network.heal();
    await pass(30_000);
    for (const { manager, heard } of [a, b]) {
      expect(namesOf(heard)).not.toContain('onConnectionFailed');
      expect(manager.state).toBe('connected');
    }
  });
});
