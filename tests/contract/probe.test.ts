import { describe, expect, it } from 'vitest';
import { createPlayers, HANDSHAKE_MS, type Player, type Players, pass } from './players';

type Sent = [type: string, payload: unknown];

/** What upstream's `ProbeConnection` does: its own signaling under another event, `_sendSignal` replaced, `_handleSignal` fed. */
function probe({ a, b }: Players): { sentByA: Sent[]; sentByB: Sent[] } {
  const carry = (from: Player, to: Player) => {
    const sent: Sent[] = [];
    from.manager._sendSignal = function (this: unknown, type: string, payload: unknown) {
      sent.push([type, payload]);
      const signal = { type, payload: structuredClone(payload), from_player_id: from.end.playerId };
      queueMicrotask(() => to.manager._handleSignal({ ...signal, game_id: 'game' }));
    };
    return sent;
  };
  return { sentByA: carry(a, b), sentByB: carry(b, a) };
}

describe('a probe that brings its own signaling', () => {
  it('connects without sending anything through the socket', async () => {
    const players = createPlayers();
    const { world, a, b } = players;
    const { sentByA, sentByB } = probe(players);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    expect(sentByA.map(([type]) => type)).toContain('offer');
    expect(sentByB.map(([type]) => type)).toContain('answer');
    expect(world.relay.signals).toEqual([]);
  });

  it('carries restarts, rebuilds and the goodbye too', async () => {
    const players = createPlayers();
    const { world, a, b } = players;
    const { sentByA } = probe(players);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    world.network.cut();
    await pass(20_000);
    world.network.heal();
    await pass(5_000);
    expect([a.manager.state, b.manager.state]).toEqual(['connected', 'connected']);
    a.manager.close();
    await pass(HANDSHAKE_MS);
    expect(b.manager.state).toBe('closed');
    expect(sentByA.at(-1)?.[0]).toBe('bye');
    expect(world.relay.signals).toEqual([]);
  });

  it('can bind the original _sendSignal and call it later', async () => {
    const { a, b } = createPlayers();
    const original = a.manager._sendSignal.bind(a.manager);
    const sent: string[] = [];
    a.manager._sendSignal = (type, payload) => {
      sent.push(type);
      return original(type, payload);
    };
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    await pass(HANDSHAKE_MS);
    expect(a.manager.state).toBe('connected');
    expect(sent).toContain('offer');
  });

  it('receives its JSON as text, and nothing else', async () => {
    const players = createPlayers();
    const { a, b } = players;
    probe(players);
    void a.manager.connectToPeer(2);
    void b.manager.connectToPeer(1);
    const parsed: unknown[] = [];
    b.manager.onDataChannelMessage = (data) => parsed.push(JSON.parse(String(data)));
    await pass(HANDSHAKE_MS);
    a.manager.dataChannel?.send(JSON.stringify({ type: 'ping', seq: 1, ts: 0 }));
    await pass(10_000);
    expect(parsed).toEqual([{ type: 'ping', seq: 1, ts: 0 }]);
  });
});
