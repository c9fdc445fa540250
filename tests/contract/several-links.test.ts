import { WebRTCManager } from 'holdfast';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Party } from './party';
import { HANDSHAKE_MS, pass } from './players';

/** All players are connected to each other; earlier events are forgotten. */
async function playingParty(size: number): Promise<Party> {
  const party = new Party(size);
  for (const { playerId, meet } of party.members)
    for (const other of party.members) if (other.playerId !== playerId) meet(other.playerId);
  await pass(HANDSHAKE_MS);
  expect(new Set(party.links.map(({ manager }) => manager.state))).toEqual(new Set(['connected']));
  for (const { heard } of party.links) heard.length = 0;
  return party;
}

const silent = (party: Party) => Object.fromEntries(Object.keys(party.heard).map((name) => [name, []]));

describe('a game of more than two players, each with one socket', () => {
  it('delivers each message to the player it is for, and to nobody else', async () => {
    const party = await playingParty(5);
    for (const { playerId, links } of party.members)
      for (const [other, { manager }] of links) manager.send(`${playerId} to ${other}`);
    await pass(HANDSHAKE_MS);
    expect(party.heard).toEqual(
      Object.fromEntries(
        Object.keys(party.heard).map((name) => {
          const [me, other] = name.split('–');
          return [name, [`${other} to ${me}`]];
        }),
      ),
    );
  });

  it('loses only the link between two players who are cut off from each other', async () => {
    const party = await playingParty(3);
    party.between(1, 2).cut();
    await pass(20_000);
    party.between(1, 2).heal();
    await pass(5_000);
    expect(party.heard).toEqual({
      ...silent(party),
      '1–2': ['lost', 'restored'],
      '2–1': ['lost', 'restored'],
    });
  });

  it('loses all links of a player who is cut off from everybody, and closes the dead socket once', async () => {
    const party = await playingParty(4);
    const [first] = party.members;
    const closed: unknown[] = [];
    first?.socket.on('disconnect', (why) => closed.push(why));
    first?.socket.freeze();
    for (const other of [2, 3, 4]) party.between(1, other).cut();
    await pass(20_000);
    for (const other of [2, 3, 4]) party.between(1, other).heal();
    first?.socket.up();
    await pass(5_000);
    const both = ['lost', 'restored'];
    expect(party.heard).toEqual({
      ...silent(party),
      ...{ '1–2': both, '1–3': both, '1–4': both, '2–1': both, '3–1': both, '4–1': both },
    });
    expect(closed).toEqual(['forced close']);
  });

  it('goes on while the relay restarts, and each player joins again once', async () => {
    const party = await playingParty(4);
    party.relay.restart();
    await pass(5_000);
    party.between(2, 3).cut();
    await pass(10_000);
    party.between(2, 3).heal();
    await pass(5_000);
    expect(party.members.map(({ joins }) => joins)).toEqual([2, 2, 2, 2]);
    expect(party.heard).toEqual({
      ...silent(party),
      '2–3': ['lost', 'restored'],
      '3–2': ['lost', 'restored'],
    });
  });

  it('goes on when one player leaves, and keeps no listener for the closed links', async () => {
    const party = await playingParty(3);
    const [first, second, third] = party.members;
    const before = first?.socket.listenerCount();
    for (const { manager } of third?.links.values() ?? []) manager.close();
    expect(third?.socket.listenerCount()).toBe(0);
    await pass(1_000);
    expect(party.heard).toEqual({ ...silent(party), '1–3': ['close', 'closed'], '2–3': ['close', 'closed'] });
    first?.links.get(3)?.manager.close();
    expect(first?.socket.listenerCount()).toBe(Number(before) / 2);
    party.between(1, 2).cut();
    await pass(10_000);
    party.between(1, 2).heal();
    await pass(5_000);
    expect([first, second].map((member) => member?.links.get(member === first ? 2 : 1)?.heard)).toEqual([
      ['lost', 'restored'],
      ['lost', 'restored'],
    ]);
  });

  it('links two players again when one closes its manager and makes another in the same turn', async () => {
    const party = await playingParty(3);
    const [first, second] = party.members;
    const told = second?.links.get(1);
    told?.manager.on('closed', () => void told.manager.connectToPeer(1));
    first?.links.get(2)?.manager.close();
    first?.meet(2);
    await pass(HANDSHAKE_MS);
    expect(party.heard).toEqual({
      ...silent(party),
      '1–2': ['open'],
      '2–1': ['close', 'closed', 'open'],
    });
  });

  it('warns about a second manager for a player while the first is not closed', async () => {
    const party = new Party(2);
    const [first] = party.members;
    const warned: unknown[] = [];
    const logger = { debug() {}, info() {}, warn: (line: unknown) => void warned.push(line), error() {} };
    const connect = () => {
      const { manager } = first?.make(2, { logger }) ?? expect.fail('a party of two has a first member');
      onTestFinished(() => manager.close());
      void manager.connectToPeer(2);
      return manager;
    };
    connect().close();
    connect();
    expect(warned).toEqual([]);
    connect();
    expect(warned).toEqual(['[WebRTC] another manager connects to this player: close() it']);
  });

  describe('a manager that does not know its player yet', () => {
    it('takes no offer that may be for another manager', async () => {
      const party = new Party(3);
      const [first, second, third] = party.members;
      // It gets its own player later.
      const waiting = third?.make(2);
      third?.meet(1);
      first?.meet(3);
      await pass(HANDSHAKE_MS);
      expect([waiting?.manager.state, waiting?.manager.targetPeerId]).toEqual(['new', null]);
      expect([first?.links.get(3)?.heard, third?.links.get(1)?.heard]).toEqual([['open'], ['open']]);
      void waiting?.manager.connectToPeer(2);
      second?.meet(3);
      await pass(HANDSHAKE_MS);
      expect(party.heard).toEqual({ '1–3': ['open'], '2–3': ['open'], '3–2': ['open'], '3–1': ['open'] });
    });

    it('takes the first offer beside a manager of another player id on the same socket', async () => {
      const party = new Party(3);
      const [first, second] = party.members;
      if (!second) throw new Error('a party of three has a second member');
      const other = new WebRTCManager(second.socket, 'party', 9, { iceServers: [], logger: 'silent' });
      onTestFinished(() => other.close());
      second.make(1);
      first?.meet(2);
      await pass(HANDSHAKE_MS);
      expect(second.links.get(1)?.heard).toEqual(['open']);
    });

    it('takes the first offer beside a manager whose peer has left and which nobody closed', async () => {
      const party = await playingParty(2);
      const [first, second] = party.members;
      first?.links.get(2)?.manager.close();
      await pass(HANDSHAKE_MS);
      second?.make(1);
      first?.meet(2);
      await pass(HANDSHAKE_MS);
      expect(second?.links.get(1)?.heard).toEqual(['open']);
    });

    it('takes the first offer once it is alone on its socket', async () => {
      const party = new Party(3);
      const [first, , third] = party.members;
      third?.meet(2).manager.close();
      third?.make(1);
      first?.meet(3);
      await pass(HANDSHAKE_MS);
      expect(third?.links.get(1)?.heard).toEqual(['open']);
    });
  });
});
