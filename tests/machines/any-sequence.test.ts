import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { ConnectionEvent, Evidence } from '../../machines';
import { type PlainEvent, startConnection } from './world';

/** Each run covers the whole life of a link; the deadline only bounds a hang. */
const RUNS = 100;
vi.setConfig({ testTimeout: 60_000 });

const plain = fc
  .constantFrom<PlainEvent>(
    'connect',
    'restart',
    'signaling.up',
    'signaling.down',
    'channel.opened',
    'channel.closed',
    'link.up',
    'ice.disconnected',
    'ice.failed',
    'gathering.empty',
    'attempt.counted',
    'attempt.failed',
    'credentials.expiring',
    'life.back',
    'network.changed',
    'page.resumed',
    'environment.awake',
    'environment.asleep',
  )
  .map((type): ConnectionEvent => ({ type }));

const offer = fc.record({
  type: fc.constantFrom(
    'remote.offer' as const,
    'remote.restart' as const,
    'remote.rebuild' as const,
    'remote.rejoin' as const,
  ),
  offer: fc.nat(9),
});

const evidence = fc.record(
  {
    remote: fc.constantFrom<Evidence['remote']>('unknown', 'upstream', 'holdfast'),
    remoteIsFirefox: fc.boolean(),
    channel: fc.constantFrom<Evidence['channel']>('none', 'open', 'closed'),
    answered: fc.boolean(),
    relayAvailable: fc.boolean(),
    turnRefused: fc.boolean(),
    path: fc.constantFrom<Evidence['path']>('unknown', 'direct', 'relay'),
  },
  { requiredKeys: [] },
);

const ends = fc.constantFrom<ConnectionEvent>({ type: 'close' }, { type: 'remote.left' });
const step = fc.oneof(
  { arbitrary: plain, weight: 12 },
  { arbitrary: offer, weight: 3 },
  {
    arbitrary: evidence.map((each): ConnectionEvent => ({ type: 'peer.learned', evidence: each })),
    weight: 2,
  },
  {
    arbitrary: fc.nat(2_000).map((silentForMs): ConnectionEvent => ({ type: 'life.silent', silentForMs })),
    weight: 1,
  },
  { arbitrary: fc.constantFrom(0, 300, 500, 2_000, 10_000, 25_000), weight: 5 },
  { arbitrary: ends, weight: 1 },
);

const world = fc.record({
  browser: fc.constantFrom('chromium' as const, 'firefox' as const, 'other' as const),
  relayOnly: fc.boolean(),
  timings: fc.record({ maxIceRestarts: fc.nat(3), disconnectGraceMs: fc.constantFrom(0, 500) }),
});

type Step = ConnectionEvent | number;

const isWish = (step: Step) =>
  typeof step === 'object' && (step.type === 'connect' || step.type === 'restart');

/** Runs a life that starts with `connect`. `told` contains *asked* wherever the game asked for something. */
function play(options: Parameters<typeof startConnection>[0], steps: readonly Step[]) {
  const connection = startConnection(options);
  for (const each of [{ type: 'connect' } as const, ...steps]) {
    if (connection.actor.getSnapshot().status !== 'active') break;
    if (isWish(each)) connection.told.push('asked');
    if (typeof each === 'number') connection.clock.increment(each);
    else connection.send(each);
  }
  return connection;
}

const STATES = ['new', 'checking', 'connected', 'disconnected', 'restarting', 'failed', 'closed'];

describe('any sequence of events', () => {
  it('keeps the context JSON', () => {
    fc.assert(
      fc.property(world, fc.array(step, { maxLength: 40 }), (options, steps) => {
        const { context } = play(options, steps);
        expect(JSON.parse(JSON.stringify(context))).toStrictEqual(context);
        expect(structuredClone(context)).toStrictEqual(context);
      }),
      { numRuns: RUNS },
    );
  });

  it('keeps the machine in one of its states, within its attempts, and with a reason in failed', () => {
    fc.assert(
      fc.property(world, fc.array(step, { maxLength: 40 }), (options, steps) => {
        const { status, actor } = play(options, steps);
        expect(actor.getSnapshot().status).not.toBe('error');
        expect(STATES).toContain(status.state);
        expect(status.attempts).toBeLessThanOrEqual(Math.max(1, status.maxAttempts));
        if (status.state === 'failed') expect(status.failure).not.toBeNull();
        if (status.state === 'connected') expect(status.failure).toBeNull();
      }),
      { numRuns: RUNS },
    );
  });

  it('announces failed on the first visit of failed, at most once a visit, and never twice in a row', () => {
    fc.assert(
      fc.property(world, fc.array(step, { maxLength: 40 }), (options, steps) => {
        const { visited, told, path } = play(options, steps);
        const visits = visited.filter((each) => each === 'failed').length;
        const words = told.map((word) => (/^failed(?!: peer-left)/.test(word) ? 'failed' : word));
        const failures = words.filter((word) => word === 'failed').length;
        expect(failures).toBeGreaterThanOrEqual(Math.min(1, visits));
        expect(failures).toBeLessThanOrEqual(visits);
        expect(words.filter((word, index) => word === 'failed' && words[index + 1] === 'failed')).toEqual([]);
        if (path !== 'closed') expect(told).not.toContain('closed');
        const pairs = words.filter((word) => /lost|restored|failed/.test(word));
        expect(pairs.some((word, index) => word === 'lost' && pairs[index + 1] === 'lost')).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });

  it('ends in failed within the budget when the link stays dead', () => {
    fc.assert(
      fc.property(world, fc.array(step, { maxLength: 20 }), (options, steps) => {
        const connection = play(options, steps);
        fc.pre(connection.actor.getSnapshot().status === 'active' && connection.path !== 'failed');
        connection.send('ice.disconnected');
        fc.pre(connection.status.state !== 'connected');
        connection.clock.increment(15_000);
        connection.clock.increment(90_000);
        expect(connection.path).toBe('failed');
      }),
      { numRuns: RUNS },
    );
  });
});
