import { describe, expect, it } from 'vitest';
import { startConnected, startConnectedToUpstream } from './world';

const recovered = (world: ReturnType<typeof startConnected>, attempts: number) => {
  for (let made = 0; made < attempts; made++) world.send('attempt.counted', 'link.up', 'ice.failed');
};

describe('connected', () => {
  it('is not left when the peer makes an offer on a live link', () => {
    const world = startConnected();
    for (const type of ['remote.offer', 'remote.restart', 'remote.rebuild'] as const)
      world.send({ type, offer: 3 });
    expect([world.path, world.told]).toEqual(['connected.steady', []]);
    expect(world.given('takeOffer')).toHaveLength(3);
  });

  it('restarts at once for a peer that reloaded, with the offer of the peer as the first attempt', () => {
    const world = startConnected();
    world.send({ type: 'remote.rejoin', offer: 9 });
    expect(world.path).toBe('restarting.attempting.offered');
    expect(world.context).toMatchObject({ attempts: 1, cause: 'remote.rejoin' });
    expect(world.given('takeOffer')).toEqual([{ type: 'takeOffer', offer: 9 }]);
  });

  it('probes when the network changed or the page woke', () => {
    const world = startConnected();
    world.send('network.changed', 'page.resumed');
    expect(world.commands).toEqual([{ type: 'probe' }, { type: 'probe' }]);
    expect(world.path).toBe('connected.steady');
  });

  it.each(['ice.failed', 'channel.closed'] as const)('recovers at once on %s', (type) => {
    const world = startConnected();
    world.send(type);
    expect(world.visited.at(-1)).toBe('restarting.waiting.backoff');
    expect(world.context.cause).toBe(type);
  });

  it('fails when an upstream peer keeps a dead channel', () => {
    const world = startConnectedToUpstream();
    world.learn({ channel: 'closed' });
    world.send('channel.closed');
    expect([world.path, world.told]).toEqual(['failed', ['close', 'failed: channel-closed']]);
  });

  it('ends in closed when the peer leaves, without failed and without an attempt', () => {
    const world = startConnected();
    world.send('remote.left');
    expect([world.path, world.told]).toEqual(['closed', ['close', 'closed']]);
    expect(world.given('startAttempt')).toEqual([]);
  });
});

describe('a restart under a live link', () => {
  it('is an ICE restart that spends no attempt and is answered with restored, without lost', () => {
    const world = startConnected();
    world.send('restart');
    expect([world.path, world.status.state]).toEqual(['connected.renewing.offered', 'connected']);
    expect(world.given('startAttempt')).toEqual([{ type: 'startAttempt', kind: 'ice-restart' }]);
    world.send('attempt.counted', 'link.up');
    expect([world.path, world.told, world.context.attempts]).toEqual(['connected.steady', ['restored'], 0]);
  });

  it.each([
    ['our own', { browser: 'firefox' }, {}],
    ["the peer's", {}, { remoteIsFirefox: true }],
  ] as const)(
    'is a fresh connection when %s browser is a Firefox, which an ICE restart may leave deaf',
    (_, world, evidence) => {
      const { send, learn, given } = startConnected(world);
      learn(evidence);
      send('restart');
      expect(given('startAttempt')).toEqual([{ type: 'startAttempt', kind: 'rebuild' }]);
    },
  );

  it('is an ICE restart towards an upstream peer in any browser, because that keeps its one connection', () => {
    const world = startConnectedToUpstream({ browser: 'firefox' });
    world.learn({ remoteIsFirefox: true });
    world.send('restart');
    expect(world.given('startAttempt')).toEqual([{ type: 'startAttempt', kind: 'ice-restart' }]);
  });

  it('is one restart with one answer, however often the game asks', () => {
    const world = startConnected();
    world.send('restart', 'restart', 'restart', 'link.up', 'link.up');
    expect(world.given('startAttempt')).toHaveLength(1);
    expect(world.told).toEqual(['restored']);
  });

  it('is answered after 12 s even if the peer never answers, because the link never went down', () => {
    const world = startConnected();
    world.send('restart');
    world.clock.increment(12_000);
    expect([world.path, world.told]).toEqual(['connected.steady', ['restored']]);
  });

  it('takes no longer than an attempt of the policy would', () => {
    const plan = { kind: 'rebuild', delayMs: 500, deadlineMs: 3_000, renewMs: 500 } as const;
    const world = startConnected({ policy: { plan: () => plan } });
    world.send('restart');
    expect(world.given('startAttempt')).toEqual([{ type: 'startAttempt', kind: 'ice-restart' }]);
    world.clock.increment(3_000);
    expect([world.path, world.told]).toEqual(['connected.steady', ['restored']]);
  });

  it('has its time even if no attempt is allowed, because it is not an attempt', () => {
    const world = startConnected({ timings: { maxIceRestarts: 0 } });
    world.send('restart');
    world.clock.increment(11_999);
    expect([world.path, world.told]).toEqual(['connected.renewing.offered', []]);
    world.send('link.up');
    expect(world.told).toEqual(['restored']);
  });

  it('is answered at the end of an outage that overtakes it', () => {
    const world = startConnected();
    world.send('restart', 'ice.failed');
    world.clock.increment(500);
    world.send('link.up');
    expect(world.told).toEqual(['lost', 'restored']);
  });

  it('is answered with failed when the peer leaves meanwhile', () => {
    const world = startConnected();
    world.send('restart', 'remote.left');
    expect(world.told).toEqual(['close', 'failed: peer-left', 'closed']);
  });
});

describe('a relayed link', () => {
  const startRelayed = (evidence = {}, options = {}) => {
    const world = startConnected(options);
    world.learn({ path: 'relay', ...evidence });
    return world;
  };

  it('tries a direct path every 30 s beside the link, without an announcement', () => {
    const world = startRelayed();
    for (let minute = 0; minute < 4; minute++) world.clock.increment(30_000);
    expect(world.given('tryDirect')).toHaveLength(4);
    expect([world.path, world.told]).toEqual(['connected.steady', []]);
  });

  it.each([
    ['when the path is direct', { path: 'direct' as const }],
    ['towards upstream', { remote: 'upstream' as const }],
    ['when only relays are allowed', { relayOnly: true }],
  ])('tries no direct path %s', (_name, evidence) => {
    const world = startRelayed(evidence);
    world.clock.increment(30_000);
    expect(world.given('tryDirect')).toEqual([]);
  });

  it('renews credentials that are about to expire, without an announcement', () => {
    const world = startRelayed();
    world.send('credentials.expiring');
    expect(world.path).toBe('connected.renewing.offered');
    expect(world.given('startAttempt')).toEqual([{ type: 'startAttempt', kind: 'ice-restart' }]);
    world.send('link.up');
    expect([world.path, world.told, world.context.attempts]).toEqual(['connected.steady', [], 0]);
  });

  it('does not renew credentials while its path is direct', () => {
    const world = startRelayed({ path: 'direct' });
    world.send('credentials.expiring');
    expect(world.path).toBe('connected.steady');
  });
});

describe('the attempts', () => {
  it('are given back after 10 s of connected, and not before', () => {
    const world = startConnected();
    recovered(world, 0);
    world.send('ice.failed');
    world.clock.increment(0);
    world.send('attempt.counted', 'link.up');
    world.clock.increment(9_999);
    expect(world.context.attempts).toBe(1);
    world.clock.increment(1);
    expect(world.context.attempts).toBe(0);
  });

  it('are spent by a link that flaps faster than that', () => {
    const world = startConnected();
    for (let flap = 1; flap <= 3; flap++) {
      world.send('ice.failed');
      world.clock.increment(5_000);
      world.send('attempt.counted', 'link.up');
      expect(world.context.attempts).toBe(flap);
      world.clock.increment(5_000);
    }
    world.send('ice.failed');
    expect([world.path, world.told.at(-1)]).toEqual(['failed', 'failed: restarts-exhausted']);
  });
});

describe('disconnected', () => {
  it.each(['life.back', 'link.up'] as const)('heals on %s and spends no attempt', (type) => {
    const world = startConnected();
    world.send('ice.disconnected');
    expect(world.commands).toEqual([{ type: 'suspect' }]);
    world.clock.increment(400);
    world.send(type);
    expect([world.path, world.told, world.context.attempts]).toEqual(['connected.steady', [], 0]);
    world.clock.increment(5_000);
    expect([world.path, world.told]).toEqual(['connected.steady', []]);
  });

  it('announces lost after the grace of 500 ms', () => {
    const world = startConnected();
    world.send('ice.disconnected');
    world.clock.increment(499);
    expect(world.told).toEqual([]);
    world.clock.increment(1);
    expect(world.told).toEqual(['lost']);
  });

  it('keeps the grace running when the state changes', () => {
    const world = startConnected();
    world.send('ice.disconnected');
    world.clock.increment(300);
    world.send('ice.failed');
    world.clock.increment(200);
    expect(world.told).toEqual(['lost']);
    world.clock.increment(1_000);
    expect(world.told).toEqual(['lost']);
  });

  it.each([
    ['ice.disconnected', { type: 'ice.disconnected' } as const, 5_000],
    ['a silence of 1 s', { type: 'life.silent', silentForMs: 1_000 } as const, 4_000],
    ['a silence of 7 s', { type: 'life.silent', silentForMs: 7_000 } as const, 0],
  ])('waits 5 s minus the silence so far (%s)', (_name, event, waitMs) => {
    const world = startConnected();
    world.send(event);
    if (waitMs > 0) {
      world.clock.increment(waitMs - 1);
      expect(world.path).toBe('disconnected');
    }
    world.clock.increment(1);
    expect(world.visited).toContain('restarting.waiting.backoff');
    expect(world.context.cause).toBe(event.type);
  });

  it.each(['ice.failed', 'channel.closed', 'network.changed', 'restart'] as const)(
    'recovers at once on %s',
    (type) => {
      const world = startConnected();
      world.send('ice.disconnected', type);
      expect(world.path).toBe('restarting.waiting.backoff');
    },
  );

  it('joins the attempt of the peer', () => {
    const world = startConnected();
    world.send('ice.disconnected', { type: 'remote.restart', offer: 4 });
    expect(world.path).toBe('restarting.attempting.offered');
    expect(world.context.attempts).toBe(1);
    expect(world.given('takeOffer')).toEqual([{ type: 'takeOffer', offer: 4 }]);
  });

  it('is not left when the page resumes or the socket returns', () => {
    const world = startConnected();
    world.send('ice.disconnected', 'page.resumed', 'signaling.down', 'signaling.up');
    expect(world.path).toBe('disconnected');
  });

  it('ends in closed when the peer leaves, and announces failed only if lost was announced', () => {
    const [early, late] = [startConnected(), startConnected()];
    early.send('ice.disconnected', 'remote.left');
    expect(early.told).toEqual(['close', 'closed']);
    late.send('ice.disconnected');
    late.clock.increment(500);
    late.send('remote.left');
    expect(late.told).toEqual(['lost', 'close', 'failed: peer-left', 'closed']);
  });
});
