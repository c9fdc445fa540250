import { describe, expect, it } from 'vitest';
import { type PlainEvent, startConnection } from './world';

describe('new', () => {
  it('connects when the game asks', () => {
    const world = startConnection();
    world.send('connect');
    expect(world.path).toBe('checking.offered');
    expect(world.commands).toEqual([{ type: 'connect' }]);
  });

  it('takes the first offer of a peer', () => {
    const world = startConnection();
    world.send({ type: 'remote.offer', offer: 7 });
    expect(world.path).toBe('checking.offered');
    expect(world.commands).toEqual([{ type: 'takeOffer', offer: 7 }]);
  });

  it('refuses events that make no sense before a connect', () => {
    const world = startConnection();
    const refused: PlainEvent[] = [
      'restart',
      'remote.left',
      'ice.failed',
      'link.up',
      'life.back',
      'network.changed',
    ];
    expect(refused.filter((type) => world.actor.getSnapshot().can({ type }))).toEqual([]);
    world.send(...refused);
    expect([world.path, world.told, world.commands]).toEqual(['new', [], []]);
  });
});

describe('checking', () => {
  it('announces open as soon as the channel is open, and only once', () => {
    const world = startConnection();
    world.send('connect', 'channel.opened');
    expect([world.path, world.told]).toEqual(['checking.offered', ['open']]);
    expect(world.actor.getSnapshot().context.evidence.channel).toBe('open');
    world.send('link.up');
    expect([world.path, world.told]).toEqual(['connected.steady', ['open']]);
  });

  it('announces open with the link when the channel was not seen to open', () => {
    const world = startConnection();
    world.send('connect', 'link.up');
    expect(world.told).toEqual(['open']);
    expect(world.actor.getSnapshot().context.evidence.channel).toBe('open');
  });

  it('renews the offer each second', () => {
    const world = startConnection();
    world.send('connect');
    world.clock.increment(999);
    expect(world.given('renewOffer')).toHaveLength(0);
    world.clock.increment(1);
    expect(world.given('renewOffer')).toHaveLength(1);
    world.clock.increment(1_000);
    expect(world.given('renewOffer')).toHaveLength(2);
  });

  it('offers instead of a designated offerer that was silent for 3 s', () => {
    const world = startConnection();
    world.send('connect');
    world.clock.increment(2_999);
    expect(world.given('offerAnyway')).toHaveLength(0);
    world.clock.increment(1);
    expect(world.given('offerAnyway')).toHaveLength(1);
  });

  it('turns into a recovery 15 s after the connect, whether or not the offer was renewed', () => {
    const world = startConnection();
    world.send('connect');
    for (let second = 0; second < 14; second++) world.clock.increment(1_000);
    world.clock.increment(999);
    expect(world.path).toBe('checking.offered');
    world.clock.increment(1);
    expect(world.path).toBe('restarting.attempting.offered');
    expect(world.context.cause).toBe('connect.timeout');
  });

  it('takes offers of the peer of every kind', () => {
    const world = startConnection();
    world.send('connect');
    for (const type of ['remote.offer', 'remote.restart', 'remote.rebuild', 'remote.rejoin'] as const)
      world.send({ type, offer: 1 });
    expect(world.path).toBe('checking.offered');
    expect(world.given('takeOffer')).toHaveLength(4);
  });

  it('treats a restart as part of the connect under way, and answers it once the link is up', () => {
    const world = startConnection();
    world.send('connect');
    expect(world.actor.getSnapshot().can({ type: 'restart' })).toBe(true);
    world.send('restart', 'restart', 'link.up');
    expect(world.told).toEqual(['open', 'restored']);
  });

  it.each([
    [true, 'no-relay'],
    [false, 'no-candidates'],
  ])('fails at once when gathering ends empty (relay only: %s)', (relayOnly, reason) => {
    const world = startConnection({ relayOnly });
    world.send('connect', 'gathering.empty');
    expect([world.path, world.told]).toEqual(['failed', [`failed: ${reason}`]]);
  });

  it('fails when only relays are allowed and the TURN server refuses us', () => {
    const world = startConnection({ relayOnly: true });
    world.send('connect');
    world.learn({ turnRefused: true });
    world.send('ice.failed');
    expect(world.told).toEqual(['failed: turn-auth']);
  });

  it('announces failed, and no lost, when the first connect never succeeds', () => {
    const world = startConnection({ timings: { maxIceRestarts: 1 } });
    world.send('connect');
    world.learn({ answered: true, remote: 'holdfast' });
    world.clock.increment(15_000);
    world.clock.increment(0);
    world.send('attempt.counted');
    world.clock.increment(25_000);
    expect([world.path, world.told]).toEqual(['failed', ['failed: connect-timeout']]);
  });

  it('fails with peer-silent when nobody ever answered', () => {
    const world = startConnection({ timings: { maxIceRestarts: 0 } });
    world.send('connect');
    world.clock.increment(15_000);
    expect(world.told).toEqual(['failed: peer-silent']);
  });

  it('announces failed and closed when the peer leaves before the link was up', () => {
    const world = startConnection();
    world.send('connect', 'remote.left');
    expect([world.path, world.told]).toEqual(['closed', ['failed: peer-left', 'closed']]);
  });
});

describe('closed', () => {
  it('sends bye and announces nothing to the game', () => {
    const world = startConnection();
    world.send('connect', 'channel.opened', 'close');
    expect([world.path, world.told]).toEqual(['closed', ['open']]);
    expect(world.given('bye')).toHaveLength(1);
    expect(world.actor.getSnapshot().status).toBe('done');
  });

  it('is final', () => {
    const world = startConnection();
    world.send('close');
    const tried: PlainEvent[] = ['connect', 'restart', 'link.up', 'remote.left'];
    expect(tried.filter((type) => world.actor.getSnapshot().can({ type }))).toEqual([]);
    world.clock.increment(1_000_000);
    expect([world.path, world.told]).toEqual(['closed', []]);
  });
});
