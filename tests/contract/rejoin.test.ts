import { describe, expect, it } from 'vitest';
import { connectPlayers, createPlayer, HANDSHAKE_MS, namesOf, type Player, pass } from './players';

/** The page vanishes without a goodbye, and a new one takes its seat. */
async function reload(
  player: Player,
  world: Awaited<ReturnType<typeof connectPlayers>>['world'],
  awayMs: number,
) {
  world.network.cut();
  player.manager._sendSignal = () => undefined;
  player.manager.close();
  await pass(awayMs);
  world.network.heal();
  return createPlayer(world, player.end);
}

/** Covers every phase of the other end's renewals, which come once a second and cross the new page's signals. */
const AWAY_MS = Array.from({ length: 25 }, (_, index) => 2_100 + index * 40);
const SIGNAL_DELAY_MS = 60;

describe.each(['lower', 'higher'] as const)('a page with the %s id that reloads', (id) => {
  it.each(AWAY_MS)('is connected again after %i ms, and the other end keeps its manager', async (awayMs) => {
    const { world, a, b } = await connectPlayers({ preset: 'rollback' });
    world.relay.delayMs = SIGNAL_DELAY_MS;
    const [gone, stays] = id === 'lower' ? [a, b] : [b, a];
    const back = await reload(gone, world, awayMs);
    void back.manager.connectToPeer(stays.manager.myPlayerId);
    await pass(HANDSHAKE_MS);

    expect([back.manager.state, stays.manager.state]).toEqual(['connected', 'connected']);
    expect(
      namesOf(stays.heard)
        .filter((name) => name.startsWith('onConnection'))
        .at(-1),
    ).toBe('onConnectionRestored');
    back.manager.send('back');
    stays.manager.send('welcome');
    await pass(100);
    expect(stays.heard.at(-1)).toEqual(['onDataChannelMessage', 'back']);
    expect(back.heard.at(-1)).toEqual(['onDataChannelMessage', 'welcome']);
  });
});

describe.each(['lower', 'higher'] as const)(
  'a page with the %s id that reloads before its silence is noticed',
  (id) => {
    it('still causes an outage, announced once and over at once, because the state of the old page is gone', async () => {
      const { world, a, b } = await connectPlayers({ preset: 'rollback' });
      const [gone, stays] = id === 'lower' ? [a, b] : [b, a];
      const states: string[] = [];
      stays.manager.on('state', ({ state }) => states.push(state));
      const back = await reload(gone, world, 50);
      void back.manager.connectToPeer(stays.manager.myPlayerId);
      await pass(HANDSHAKE_MS);

      expect(states).toEqual(['restarting', 'connected']);
      expect(namesOf(stays.heard).filter((name) => name.startsWith('onConnection'))).toEqual([
        'onConnectionLost',
        'onConnectionRestored',
      ]);
      expect(stays.end.peerConnections.filter(({ signalingState }) => signalingState !== 'closed')).toEqual([
        stays.manager.peerConnection,
      ]);
    });
  },
);
