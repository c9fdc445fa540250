/** What the library does beneath an outage, as the browsers and the server see it. */
import { describe, expect, it, vi } from 'vitest';
import { connectPlayers, namesOf, type Player, pass } from './players';

const openOf = ({ end }: Player) =>
  end.peerConnections.filter(({ signalingState }) => signalingState !== 'closed');

/** Neither packets nor signals, for a while. */
async function isolate({ world, a }: Awaited<ReturnType<typeof connectPlayers>>, ms: number) {
  world.network.cut();
  world.relay.loss = 1;
  await pass(ms);
  expect(a.manager.state).toBe('restarting');
  world.network.heal();
}

describe('the connection that was lost', () => {
  it('is kept healable in Chromium, which gives it up after 15 s by itself: no signaling is needed', async () => {
    const players = await connectPlayers();
    await isolate(players, 30_000);
    await pass(2_000);
    for (const { manager, end, heard } of [players.a, players.b]) {
      expect(namesOf(heard)).toEqual(['onConnectionLost', 'onConnectionRestored']);
      expect(manager.peerConnection).toBe(end.peerConnections[0]);
    }
  });

  it.each(['firefox', 'chromium'] as const)(
    'is left as it is in %s, unless that is Chromium',
    async (profile) => {
      const players = await connectPlayers({}, { profile });
      const [first] = players.a.end.peerConnections;
      if (!first) throw new Error('no connection');
      const stirred = vi.spyOn(first, 'restartIce');
      await isolate(players, 20_000);
      expect(stirred.mock.calls.length > 0).toBe(profile === 'chromium');
    },
  );

  it('is the only one that is left as soon as it is back: attempts that nobody answered are over', async () => {
    const players = await connectPlayers();
    await isolate(players, 9_000);
    expect(openOf(players.a).length).toBeGreaterThan(1);
    await pass(1_000);
    for (const player of [players.a, players.b]) {
      expect(player.manager.state).toBe('connected');
      expect(openOf(player)).toEqual([player.manager.peerConnection]);
    }
  });
});

describe('the server', () => {
  it('is asked for signs of life while the link is suspect, and left alone once it is up', async () => {
    const { world, a } = await connectPlayers();
    await pass(5_000);
    let asked = 0;
    a.end.socket.onAnyOutgoing((event: string) => {
      if (event === 'holdfast_ping') asked += 1;
    });
    await pass(10_000);
    expect(asked).toBe(0);
    world.network.cut();
    await pass(10_000);
    expect(asked).toBeGreaterThan(5);
    world.network.heal();
    await pass(5_000);
    expect(a.manager.state).toBe('connected');
    asked = 0;
    await pass(10_000);
    expect(asked).toBe(0);
  });
});
