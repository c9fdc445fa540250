/** A page with a cached bundle plays with a page of the next version. These tests say what that one may add or leave out (docs/PROTOCOL.md, later versions). */
import { describe, expect, it } from 'vitest';
import { createPlayers, namesOf, type Player, type Players, pass } from './players';

type Member = Record<string, unknown>;

/** Makes the player speak another version: changes its members on their way out. */
function speakAs({ manager }: Player, change: (member: Member) => Member): void {
  const send = manager._sendSignal.bind(manager);
  manager._sendSignal = (type, payload) => {
    const { holdfast } = Object(payload);
    return send(type, Object(holdfast ? { ...Object(payload), holdfast: change(holdfast) } : payload));
  };
}

/** Changes the members of both ends, because neither version knows what the other one added. */
async function connect(change: (member: Member) => Member): Promise<Players> {
  const players = createPlayers();
  const { a, b } = players;
  for (const player of [a, b]) speakAs(player, change);
  void a.manager.connectToPeer(b.end.playerId);
  void b.manager.connectToPeer(a.end.playerId);
  await pass(2_000);
  expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
  for (const { heard } of [a, b]) heard.length = 0;
  return players;
}

/** Data goes both ways. */
async function expectData({ a, b }: Players): Promise<void> {
  a.manager.send('from a');
  b.manager.send('from b');
  await pass(100);
  for (const [{ heard }, data] of [
    [a, 'from b'],
    [b, 'from a'],
  ] as const)
    expect(heard).toContainEqual(['onDataChannelMessage', data]);
}

/** An outage of 20 s, and data after it. */
async function outlast(players: Players): Promise<void> {
  players.world.network.cut();
  await pass(20_000);
  players.world.network.heal();
  await pass(5_000);
  await expectData(players);
}

describe('a peer of a later version', () => {
  it('may add capabilities, members and signal types: unknown ones are ignored', async () => {
    const players = await connect((member) => ({
      ...member,
      capabilities: ['heartbeat', 'rebuild', 'direct', ...Array.from({ length: 13 }, (_, n) => `later-${n}`)],
      path: 'tunnel',
      later: { deep: [null] },
    }));
    const { a, b } = players;
    b.manager._sendSignal('status', { holdfast: { version: 1, later: true } });
    a.manager.dataChannel?.close();
    await pass(2_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    for (const { manager, end } of [a, b])
      expect(end.peerConnections.indexOf(Object(manager.peerConnection))).toBeGreaterThan(0);
    await expectData(players);
  });

  it('gets ICE restarts and no rebuild if its heartbeat is unknown: the ends might not pick the same winner', async () => {
    const players = await connect((member) => ({ ...member, capabilities: ['heartbeat-2', 'rebuild'] }));
    await outlast(players);
    for (const { heard, end } of [players.a, players.b]) {
      expect(namesOf(heard)).toEqual(['onConnectionLost', 'onConnectionRestored', 'onDataChannelMessage']);
      expect(end.peerConnections).toHaveLength(1);
    }
  });

  it('is treated as an upstream peer if its version differs, at both ends', async () => {
    const players = await connect((member) => ({ ...member, version: 2 }));
    await outlast(players);
    for (const { heard, end } of [players.a, players.b]) {
      expect(namesOf(heard)).toEqual(['onConnectionLost', 'onConnectionRestored', 'onDataChannelMessage']);
      expect(end.peerConnections).toHaveLength(1);
    }
  });
});
