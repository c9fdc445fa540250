import { describe, expect, it } from 'vitest';
import { connectPlayers, createPlayers, namesOf, pass } from './players';

/** The network is cut: `b` has given up, and `a` keeps trying. */
async function giveUpAtOneEnd() {
  const players = await connectPlayers({ recoveryBudgetMs: 1_000 }, {}, { recoveryBudgetMs: 90_000 });
  players.world.network.cut();
  await pass(6_000);
  return players;
}

describe('attemptIceRestart', () => {
  it.each(['a', 'b'] as const)(
    'causes no outage on the live link of %s, and announces restored once',
    async (who) => {
      const players = await connectPlayers();
      const asker = players[who];
      const other = players[who === 'a' ? 'b' : 'a'];
      const states: string[] = [];
      asker.manager.on('state', ({ state }) => states.push(state));
      expect(await asker.manager.attemptIceRestart()).toBe(true);
      expect(asker.manager.isConnectionUsable()).toBe(true);
      await pass(30_000);
      expect(namesOf(asker.heard)).toEqual(['onConnectionRestored']);
      expect(other.heard).toEqual([]);
      expect(states).toEqual([]);
    },
  );

  it('makes one restart and announces restored once when called three times at once', async () => {
    const { world, a } = await connectPlayers();
    const before = world.relay.signals.filter(({ message }) => message.type === 'offer').length;
    const answers = await Promise.all([1, 2, 3].map(() => a.manager.attemptIceRestart()));
    await pass(30_000);
    expect(answers).toEqual([true, true, true]);
    expect(namesOf(a.heard)).toEqual(['onConnectionRestored']);
    expect(world.relay.signals.filter(({ message }) => message.type === 'offer').length).toBe(before + 1);
  });

  it('announces restored once on each end when both call it at once', async () => {
    const { a, b } = await connectPlayers();
    await Promise.all([a, b].map(({ manager }) => manager.attemptIceRestart()));
    await pass(30_000);
    for (const { heard, manager } of [a, b]) {
      expect(namesOf(heard)).toEqual(['onConnectionRestored']);
      expect(manager.state).toBe('connected');
      expect(manager.peerConnection?.signalingState).toBe('stable');
    }
  });

  it('repeats the offer for a live link when a frozen socket lost it', async () => {
    const { a } = await connectPlayers();
    a.end.socket.freeze();
    await a.manager.attemptIceRestart();
    await pass(800);
    a.end.socket.up();
    await pass(500);
    expect([a.manager.peerConnection?.signalingState, namesOf(a.heard)]).toEqual([
      'stable',
      ['onConnectionRestored'],
    ]);
  });

  it('leaves nothing in have-local-offer when nobody answers on a live link', async () => {
    const { world, a } = await connectPlayers();
    world.relay.loss = 1;
    await a.manager.attemptIceRestart();
    await pass(60_000);
    expect(a.manager.peerConnection?.signalingState).toBe('stable');
    expect(namesOf(a.heard)).toEqual(['onConnectionRestored']);
    expect(a.manager.state).toBe('connected');
  });

  it('returns true in checking, and stays there', async () => {
    const { a, b } = await connectPlayers();
    for (const { heard } of [a, b]) heard.length = 0;
    void a.manager.connectToPeer(3);
    expect(await a.manager.attemptIceRestart()).toBe(true);
    expect(a.manager.state).toBe('checking');
  });

  it('leaves iceRestartAttempts at 0 on the other end when the recovery out of failed fails again', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    await pass(120_000);
    expect([a.manager.state, b.manager.state]).toEqual(['failed', 'failed']);
    void b.manager.attemptIceRestart();
    await pass(1_000);
    expect(a.manager.state).toBe('restarting');
    await pass(120_000);
    expect([a.manager.state, a.manager.iceRestartAttempts]).toEqual(['failed', 0]);
  });

  it('counts from then on when called inside onConnectionFailed', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    world.relay.loss = 1;
    const counts: number[] = [];
    a.manager.onConnectionFailed = () => {
      if (counts.length === 0)
        void a.manager.attemptIceRestart().then(() => counts.push(a.manager.iceRestartAttempts));
    };
    await pass(120_000);
    expect(counts).toEqual([1]);
  });

  it('announces open before the first message out of failed, even if the other end sends earlier', async () => {
    const { world, a, b } = await giveUpAtOneEnd();
    expect(namesOf(b.heard).at(-1)).toBe('onConnectionFailed');
    world.network.heal();
    b.heard.length = 0;
    while (b.heard.length < 2) {
      a.manager.send('again');
      await pass(1);
    }
    expect(b.heard.slice(0, 2)).toEqual([['onDataChannelOpen'], ['onDataChannelMessage', 'again']]);
  });

  it('keeps a thousand messages that arrive before open out of failed, and no more', async () => {
    const { world, a, b } = await giveUpAtOneEnd();
    world.network.heal();
    b.heard.length = 0;
    let handedOn: unknown[] = [];
    const isMessage = ([name]: readonly unknown[]) => name === 'onDataChannelMessage';
    b.manager.on('open', () => queueMicrotask(() => (handedOn = b.heard.filter(isMessage))));
    while (b.heard.length === 0) {
      for (let count = 0; count < 2_000; count += 1) a.manager.send('flood');
      await pass(1);
    }
    expect(handedOn).toHaveLength(1_000);
  });

  it('delivers no message out of failed when the game calls close() at open', async () => {
    const { world, a, b } = await giveUpAtOneEnd();
    b.heard.length = 0;
    b.manager.on('open', () => b.manager.close());
    world.network.heal();
    while (b.manager.state !== 'closed') {
      a.manager.send('again');
      await pass(1);
    }
    expect(namesOf(b.heard)).toEqual(['onDataChannelOpen']);
  });

  it('recovers out of failed, and announces open and restored', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    world.relay.loss = 1;
    await pass(120_000);
    expect(a.manager.state).toBe('failed');
    world.network.heal();
    world.relay.loss = 0;
    for (const { heard } of [a, b]) heard.length = 0;
    expect(await a.manager.attemptIceRestart()).toBe(true);
    await pass(10_000);
    for (const { heard, manager } of [a, b]) {
      expect(manager.state).toBe('connected');
      expect(namesOf(heard).filter((name) => name !== 'onConnectionTypeDetected')).toEqual([
        'onDataChannelOpen',
        'onConnectionRestored',
      ]);
    }
  });

  it('returns false before the first link and after close(), and logs the state', async () => {
    const { manager, lines } = createPlayers().a;
    expect(await manager.attemptIceRestart()).toBe(false);
    manager.close();
    expect(await manager.attemptIceRestart()).toBe(false);
    const refusals = lines.filter(({ level }) => level === 'debug').map(({ line }) => line.join(' '));
    expect(refusals).toEqual(['[WebRTC] restart refused: new', '[WebRTC] restart refused: closed']);
  });
});
