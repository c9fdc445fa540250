import { describe, expect, it } from 'vitest';
import { connectPlayers, createPlayer, HANDSHAKE_MS, namesOf, type Player, pass } from './players';

/** The page is gone without a good-bye, and a new one sits on its seat. */
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

/** Every phase of the other end's renewals, which come once a second and cross the new page's signals on their way. */
const AWAY_MS = Array.from({ length: 25 }, (_, index) => 2_100 + index * 40);
const SIGNAL_DELAY_MS = 60;

describe.each(['lower', 'higher'] as const)('a page of the %s id that reloads', (id) => {
  it.each(AWAY_MS)('plays again at once after %i ms, under the same manager of the other', async (awayMs) => {
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
  'a page of the %s id that reloads sooner than its silence',
  (id) => {
    it('is an outage all the same, told once and over at once: what the game held of the old page is gone', async () => {
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
