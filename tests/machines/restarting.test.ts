import { describe, expect, it } from 'vitest';
import { type ConnectionWorld, startConnected, startConnectedToUpstream } from './world';

/** A link whose recovery has started. */
function startRestarting(options: ConnectionWorld = {}, start = startConnected) {
  const world = start(options);
  world.send('ice.failed');
  world.clock.increment(0);
  return world;
}

const spendAttempt = (world: ReturnType<typeof startConnected>) => {
  world.send('attempt.counted');
  world.clock.increment(25_000);
};

describe('an attempt', () => {
  it('counts once when its offer reaches the relay, including renewals', () => {
    const world = startRestarting();
    expect([world.path, world.context.attempts]).toEqual(['restarting.attempting.offered', 0]);
    world.send('attempt.counted');
    world.clock.increment(2_000);
    world.send('attempt.counted', 'network.changed', 'attempt.counted');
    expect(world.context.attempts).toBe(1);
  });

  it('is renewed at the interval of its plan until its deadline', () => {
    const plan = { kind: 'rebuild', delayMs: 0, deadlineMs: 25_000, renewMs: 2_000 } as const;
    const world = startRestarting({ policy: { plan: () => plan } });
    world.send('attempt.counted');
    for (let renewal = 1; renewal <= 12; renewal++) {
      world.clock.increment(2_000);
      expect(world.given('renewAttempt')).toHaveLength(renewal);
    }
    world.clock.increment(999);
    expect(world.path).toBe('restarting.attempting.offered');
    world.clock.increment(1);
    expect(world.visited.slice(-2)).toEqual(['restarting.waiting.backoff', 'restarting.attempting.offered']);
  });

  it('is not spent by a deadline when no offer ever reached the relay', () => {
    const world = startRestarting();
    world.clock.increment(25_000);
    expect(world.context.attempts).toBe(0);
    expect(world.told).toEqual(['lost']);
  });

  it('is followed by the next after a back-off with jitter', () => {
    const world = startRestarting({ random: () => 0 });
    spendAttempt(world);
    expect(world.path).toBe('restarting.waiting.backoff');
    world.clock.increment(249);
    expect(world.given('startAttempt')).toHaveLength(1);
    world.clock.increment(1);
    expect(world.given('startAttempt')).toHaveLength(2);
  });

  it('is joined by the requests that come meanwhile', () => {
    const world = startRestarting();
    world.send('restart', 'restart', 'network.changed', 'page.resumed', { type: 'remote.restart', offer: 5 });
    expect(world.path).toBe('restarting.attempting.offered');
    expect(world.given('startAttempt')).toHaveLength(1);
    expect(world.given('renewAttempt')).toHaveLength(2);
    expect(world.given('takeOffer')).toHaveLength(1);
  });

  it.each(['link.up', 'life.back'] as const)('ends with %s', (type) => {
    const world = startRestarting();
    world.clock.increment(600);
    world.send(type);
    expect([world.path, world.told]).toEqual(['connected.steady', ['lost', 'restored']]);
    expect(world.context).toMatchObject({ plan: null, cause: null, failure: null });
  });

  it('is of another kind towards a Holdfast peer than towards upstream', () => {
    const kinds = (world: ReturnType<typeof startRestarting>) => {
      for (let made = 0; made < 2; made++) {
        spendAttempt(world);
        world.clock.increment(2_000);
      }
      return world.given('startAttempt').map((command) => 'kind' in command && command.kind);
    };
    const holdfast = startRestarting();
    holdfast.learn({ relayAvailable: true });
    expect(kinds(holdfast)).toEqual(['rebuild', 'rebuild-relay', 'rebuild']);
    expect(kinds(startRestarting({}, startConnectedToUpstream))).toEqual([
      'ice-restart',
      'ice-restart',
      'ice-restart',
    ]);
  });
});

describe('the wait before an attempt', () => {
  const startWaiting = () => {
    const world = startRestarting();
    spendAttempt(world);
    expect(world.path).toBe('restarting.waiting.backoff');
    return world;
  };

  it.each(['restart', 'network.changed', 'page.resumed', 'signaling.up'] as const)(
    'ends at once on %s',
    (type) => {
      const world = startWaiting();
      world.send(type);
      expect(world.path).toBe('restarting.attempting.offered');
      expect(world.given('startAttempt')).toHaveLength(2);
    },
  );

  it('ends with an offer of the peer, which becomes the attempt', () => {
    const world = startWaiting();
    world.send({ type: 'remote.rebuild', offer: 6 });
    expect([world.path, world.context.attempts]).toEqual(['restarting.attempting.offered', 2]);
    expect(world.given('takeOffer')).toEqual([{ type: 'takeOffer', offer: 6 }]);
  });

  it.each(['link.up', 'life.back'] as const)('ends when the old path comes back (%s)', (type) => {
    const world = startWaiting();
    world.send(type);
    expect([world.path, world.told]).toEqual(['connected.steady', ['lost', 'restored']]);
  });

  it('lasts 300 ms after a channel closed, so that the bye of a leaving peer comes first', () => {
    const world = startConnected();
    world.send('channel.closed');
    world.clock.increment(299);
    expect(world.given('startAttempt')).toEqual([]);
    world.send('remote.left');
    expect([world.path, world.told]).toEqual(['closed', ['close', 'closed']]);
  });

  it('lasts in a Firefox towards upstream until there is evidence of return', () => {
    const world = startConnectedToUpstream({ browser: 'firefox' });
    world.send('ice.failed');
    world.clock.increment(11_999);
    expect(world.path).toBe('restarting.waiting.backoff');
    world.send('network.changed');
    expect(world.path).toBe('restarting.attempting.offered');
  });
});

describe('a page that slept', () => {
  const woke = { type: 'page.resumed', slept: true } as const;

  it('gets its full budget and attempt deadline again, because neither ran while it slept', () => {
    const world = startRestarting();
    world.send('attempt.counted');
    world.clock.increment(24_999);
    world.send(woke);
    world.clock.increment(24_999);
    expect([world.path, world.context.attempts]).toEqual(['restarting.attempting.offered', 1]);
    world.send(woke);
    for (let wake = 0; wake < 5; wake += 1) {
      world.clock.increment(20_000);
      world.send(woke);
    }
    expect([world.status.state, world.context.attempts]).toEqual(['restarting', 1]);
  });

  it('makes its first attempt again at once', () => {
    const world = startRestarting();
    world.send(woke);
    world.clock.increment(0);
    expect(world.path).toBe('restarting.attempting.offered');
    expect(world.given('startAttempt')).toHaveLength(2);
  });

  it('keeps waiting while no offer could arrive, with its full budget again', () => {
    const world = startConnected();
    world.send('environment.asleep', 'ice.failed');
    world.clock.increment(89_999);
    world.send(woke);
    world.clock.increment(89_999);
    expect(world.path).toBe('restarting.waiting.reach');
    world.send('environment.awake');
    expect(world.path).toBe('restarting.attempting.offered');
    expect(world.given('startAttempt')).toHaveLength(1);
  });

  it('gets no new deadline if it was only hidden', () => {
    const world = startRestarting();
    world.send('attempt.counted');
    world.clock.increment(24_999);
    world.send('page.resumed');
    world.clock.increment(1);
    expect(world.path).toBe('restarting.waiting.backoff');
  });
});

describe('a recovery while no offer could arrive', () => {
  it.each([
    ['signaling.down', 'signaling.up'],
    ['environment.asleep', 'environment.awake'],
  ] as const)('waits without spending attempts (%s, until %s)', (down, up) => {
    const world = startConnected();
    world.send(down, 'ice.failed');
    expect([world.path, world.status.waitingFor]).toEqual(['restarting.waiting.reach', 'signaling']);
    world.clock.increment(60_000);
    expect([world.path, world.context.attempts]).toEqual(['restarting.waiting.reach', 0]);
    expect(world.given('startAttempt')).toEqual([]);
    world.send(up);
    expect(world.path).toBe('restarting.attempting.offered');
    expect(world.given('startAttempt')).toHaveLength(1);
  });

  it('needs both the socket and the page', () => {
    const world = startConnected();
    world.send('signaling.down', 'environment.asleep', 'ice.failed', 'signaling.up');
    expect(world.path).toBe('restarting.waiting.reach');
    world.send('environment.awake');
    expect(world.path).toBe('restarting.attempting.offered');
  });

  it('sets an attempt under way aside, and continues the same one afterwards', () => {
    const world = startRestarting();
    world.send('attempt.counted', 'signaling.down');
    expect(world.path).toBe('restarting.waiting.reach');
    world.send('signaling.up', 'attempt.counted');
    expect([world.path, world.context.attempts]).toEqual(['restarting.attempting.offered', 1]);
  });

  it('makes no attempt for a game that asks, but answers it once the link is up', () => {
    const world = startConnected();
    world.send('signaling.down', 'ice.failed', 'restart', 'network.changed');
    expect(world.path).toBe('restarting.waiting.reach');
    expect(world.given('startAttempt')).toEqual([]);
    world.send('link.up');
    expect(world.told).toEqual(['restored']);
  });

  it('spends its budget, and then fails with signaling-lost', () => {
    const world = startConnected();
    world.send('signaling.down', 'ice.failed');
    world.clock.increment(89_999);
    expect(world.path).toBe('restarting.waiting.reach');
    world.clock.increment(1);
    expect([world.path, world.told]).toEqual(['failed', ['lost', 'close', 'failed: signaling-lost']]);
  });
});

describe('giving up', () => {
  const spendAll = () => {
    const world = startRestarting({ random: () => 0.5 });
    world.learn({ answered: true });
    for (let made = 0; made < 3; made++) {
      spendAttempt(world);
      world.clock.increment(1_500);
    }
    return world;
  };

  it('announces failed once when the last attempt is spent', () => {
    const world = spendAll();
    expect([world.path, world.told]).toEqual(['failed', ['lost', 'close', 'failed: restarts-exhausted']]);
    expect(world.context.failure).toMatchObject({
      reason: 'restarts-exhausted',
      attempts: 3,
      cause: 'ice.failed',
    });
    expect(world.given('giveUp')).toHaveLength(1);
    world.clock.increment(1_000_000);
    expect(world.told).toHaveLength(3);
  });

  it('happens at once when the last attempt fails before its deadline', () => {
    const world = startRestarting({ timings: { maxIceRestarts: 1 } });
    world.learn({ answered: true });
    world.send('attempt.counted', 'attempt.failed');
    expect(world.told).toEqual(['close', 'failed: restarts-exhausted']);
  });

  it('happens when the budget is spent, even if attempts are left', () => {
    const world = startRestarting({ timings: { recoveryBudgetMs: 8_000 } });
    world.learn({ answered: true });
    world.clock.increment(8_000);
    expect([world.path, world.told]).toEqual(['failed', ['lost', 'close', 'failed: budget-spent']]);
  });

  it('follows a replaced policy', () => {
    const world = startConnected({ policy: { plan: () => null } });
    world.learn({ answered: true });
    world.send('ice.failed');
    expect([world.path, world.told]).toEqual(['failed', ['close', 'failed: restarts-exhausted']]);
  });

  it('answers a game that asked with failed', () => {
    const world = startConnected({ policy: { plan: () => null } });
    world.send('ice.disconnected', 'restart');
    expect(world.told).toEqual(['close', 'failed: restarts-exhausted']);
  });
});

describe('failed', () => {
  const startFailed = () => {
    const world = startRestarting({ timings: { maxIceRestarts: 1 } });
    world.learn({ answered: true });
    world.send('attempt.counted', 'attempt.failed');
    expect(world.path).toBe('failed');
    world.told.length = world.commands.length = 0;
    return world;
  };

  it('restarts when asked, with fresh attempts, and announces open and restored', () => {
    const world = startFailed();
    world.send('restart');
    world.clock.increment(0);
    expect([world.path, world.context.attempts]).toEqual(['restarting.attempting.offered', 0]);
    world.send('attempt.counted', 'link.up');
    expect(world.told).toEqual(['open', 'restored']);
  });

  it('is announced again when a restart out of it fails', () => {
    const world = startFailed();
    world.send('restart');
    world.clock.increment(0);
    world.send('attempt.counted', 'attempt.failed');
    expect([world.path, world.told]).toEqual(['failed', ['failed: restarts-exhausted']]);
  });

  it('is over when the game connects again: the new connect keeps neither its reason nor its cause', () => {
    const world = startFailed();
    world.send('connect');
    expect([world.path, world.status.failure]).toEqual(['checking.offered', null]);
    world.clock.increment(15_000);
    expect([world.path, world.context.cause]).toEqual(['restarting.attempting.offered', 'connect.timeout']);
  });

  it.each(['remote.offer', 'remote.restart', 'remote.rebuild', 'remote.rejoin'] as const)(
    'is revived by a %s',
    (type) => {
      const world = startFailed();
      world.send({ type, offer: 2 });
      expect([world.path, world.context.attempts]).toEqual(['restarting.answering', 0]);
      world.send('channel.opened', 'link.up');
      expect(world.told).toEqual(['open', 'restored']);
    },
  );

  it('answers a peer that revives it while that peer offers, and fails silently one deadline later', () => {
    const world = startFailed();
    world.send({ type: 'remote.rebuild', offer: 2 });
    world.clock.increment(20_000);
    world.send({ type: 'remote.rebuild', offer: 3 });
    world.clock.increment(24_999);
    expect(world.path).toBe('restarting.answering');
    world.clock.increment(1);
    expect([world.path, world.told]).toEqual(['failed', []]);
  });

  it('gives the attempts of an outage back when the outage turns out to have healed by itself', () => {
    const world = startConnected();
    world.send('ice.failed');
    world.clock.increment(0);
    world.send('attempt.counted', 'link.up');
    expect(world.context.attempts).toBe(1);
    world.send('life.back');
    expect(world.context.attempts).toBe(0);
  });

  it('has the reason peer-silent when the peer answered before the outage but not during it', () => {
    const world = startConnected({ timings: { maxIceRestarts: 1 } });
    world.send('channel.closed');
    world.clock.increment(300);
    world.send('attempt.counted', 'attempt.failed');
    expect(world.context.failure?.reason).toBe('peer-silent');
  });

  it('connects again when asked', () => {
    const world = startFailed();
    world.send('connect');
    expect([world.path, world.context.attempts]).toEqual(['checking.offered', 0]);
    world.send('channel.opened', 'link.up');
    expect(world.told).toEqual(['open', 'restored']);
  });

  it('refuses a restart for which there is no plan', () => {
    const world = startConnectedToUpstream();
    world.learn({ channel: 'closed' });
    world.send('channel.closed');
    expect(world.actor.getSnapshot().can({ type: 'restart' })).toBe(false);
  });

  it('is not left because of facts about the dead link', () => {
    const world = startFailed();
    world.send(
      'ice.disconnected',
      'ice.failed',
      'channel.closed',
      'network.changed',
      'page.resumed',
      'life.back',
    );
    expect([world.path, world.told]).toEqual(['failed', []]);
  });

  it('ends in closed when the peer leaves, without a second failed', () => {
    const world = startFailed();
    world.send('remote.left');
    expect([world.path, world.told]).toEqual(['closed', ['closed']]);
  });
});

describe('a TURN server that refuses us when only relays are allowed', () => {
  const startRefused = () => {
    const world = startConnected({ relayOnly: true });
    world.learn({ gathered: true, turnRefused: true });
    world.send('ice.failed');
    world.clock.increment(0);
    return world;
  };

  it('does not fail a link that was up: the first attempt uses fresh credentials', () => {
    const world = startRefused();
    expect(world.path).toBe('restarting.attempting.offered');
  });

  it('ends the recovery when it refuses the fresh credentials too', () => {
    const world = startRefused();
    world.send('attempt.counted', 'attempt.failed');
    expect([world.path, world.told.at(-1)]).toEqual(['failed', 'failed: turn-auth']);
  });

  it('can be asked again after the failure', () => {
    const world = startRefused();
    world.send('attempt.counted', 'attempt.failed', 'restart');
    world.clock.increment(0);
    expect(world.path).toBe('restarting.attempting.offered');
  });
});
