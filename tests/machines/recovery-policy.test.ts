import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cause, defaultPolicy, type Evidence, type RecoveryInput } from '../../machines';
import { HEALTHY } from '../support/evidence';

const evidence: Evidence = { ...HEALTHY, answered: false };

type Wish = Partial<Omit<RecoveryInput, 'evidence'>> & { evidence?: Partial<Evidence> };

const inputOf = ({ evidence: known, ...rest }: Wish = {}): RecoveryInput => ({
  attempts: 0,
  maxAttempts: 3,
  cause: 'ice.failed',
  browser: 'chromium',
  ...rest,
  evidence: { ...evidence, ...known },
});

const plan = (wish?: Wish, random = () => 0.5) => defaultPolicy.plan(inputOf(wish), random);

const CAUSES: Cause[] = [
  'ice.disconnected',
  'ice.failed',
  'life.silent',
  'channel.closed',
  'gathering.empty',
  'connect.timeout',
  'network.changed',
  'restart',
  'remote.offer',
  'remote.rejoin',
];

const anyInput = fc.record({
  attempts: fc.nat(4),
  maxAttempts: fc.nat(4),
  cause: fc.constantFrom(...CAUSES),
  browser: fc.constantFrom('chromium' as const, 'firefox' as const, 'other' as const),
  evidence: fc.record({
    remote: fc.constantFrom('unknown' as const, 'upstream' as const, 'holdfast' as const),
    remoteIsFirefox: fc.boolean(),
    channel: fc.constantFrom('none' as const, 'open' as const, 'closed' as const),
    wasUp: fc.boolean(),
    answered: fc.boolean(),
    relayOnly: fc.boolean(),
    relayAvailable: fc.boolean(),
    gathered: fc.boolean(),
    turnRefused: fc.boolean(),
    path: fc.constantFrom('unknown' as const, 'direct' as const, 'relay' as const),
    signaling: fc.constantFrom('up' as const, 'down' as const),
    awake: fc.boolean(),
  }),
});

describe('the default policy', () => {
  it('is pure: the same input and random numbers give the same plan', () => {
    fc.assert(
      fc.property(anyInput, fc.double({ min: 0, max: 0.999, noNaN: true }), (input, luck) => {
        const frozen = Object.freeze({ ...input, evidence: Object.freeze(input.evidence) });
        expect(defaultPolicy.plan(frozen, () => luck)).toEqual(defaultPolicy.plan(input, () => luck));
      }),
    );
  });

  it('never plans more attempts than allowed, nor impossible times', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const planned = defaultPolicy.plan(input, () => 0.5);
        if (input.attempts >= input.maxAttempts) expect(planned).toBeNull();
        if (!planned) return;
        expect(planned.delayMs).toBeGreaterThanOrEqual(0);
        expect(planned.renewMs).toBeGreaterThan(0);
        expect(planned.deadlineMs).toBeGreaterThan(planned.renewMs);
      }),
    );
  });

  it('plans only ICE restarts unless the peer is known to be Holdfast', () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const planned = defaultPolicy.plan(input, () => 0.5);
        if (planned && input.evidence.remote !== 'holdfast') expect(planned.kind).toBe('ice-restart');
        if (planned?.kind === 'rebuild-relay') expect(input.evidence.relayAvailable).toBe(true);
      }),
    );
  });

  it('rebuilds a link that was never up too, but not over relays only, because it has no old path', () => {
    const never = { wasUp: false, relayAvailable: true };
    const kinds = [0, 1, 2].map((attempts) => plan({ attempts, evidence: never })?.kind);
    expect(kinds).toEqual(['rebuild', 'rebuild', 'rebuild']);
  });

  it('rebuilds towards a Holdfast peer, the second time over a relay if there is one', () => {
    const kinds = (relayAvailable: boolean) =>
      [0, 1, 2].map((attempts) => plan({ attempts, evidence: { relayAvailable } })?.kind);
    expect(kinds(true)).toEqual(['rebuild', 'rebuild-relay', 'rebuild']);
    expect(kinds(false)).toEqual(['rebuild', 'rebuild', 'rebuild']);
  });

  it('starts the first attempt at once and doubles the back-off, half of which is random', () => {
    const delays = (luck: number) => [0, 1, 2].map((attempts) => plan({ attempts }, () => luck)?.delayMs);
    expect(delays(0)).toEqual([0, 250, 500]);
    expect(delays(0.5)).toEqual([0, 500, 1_000]);
    expect(delays(0.999)).toEqual([0, 750, 1_499]);
  });

  it('outlasts an outage of a minute with three deadlines and the 5 s timer', () => {
    const planned = plan();
    expect(3 * (planned?.deadlineMs ?? 0) + 5_000).toBeGreaterThanOrEqual(60_000);
    expect(planned).toMatchObject({ deadlineMs: 25_000, renewMs: 1_000 });
  });

  it('waits 300 ms for a bye when the channel closed', () => {
    expect(plan({ cause: 'channel.closed' })?.delayMs).toBe(300);
  });

  describe('in Firefox', () => {
    const upstream = { remote: 'upstream' as const };

    it.each(['ice.disconnected', 'ice.failed', 'life.silent'] as const)(
      'sends upstream no restart into a dead network (%s)',
      (cause) => expect(plan({ browser: 'firefox', cause, evidence: upstream })?.delayMs).toBe(12_000),
    );

    it.each(['network.changed', 'restart', 'remote.offer', 'remote.rejoin'] as const)(
      'restarts at once on evidence of return (%s)',
      (cause) => expect(plan({ browser: 'firefox', cause, evidence: upstream })?.delayMs).toBe(0),
    );

    it('rebuilds at once towards a Holdfast peer', () => {
      expect(plan({ browser: 'firefox' })).toMatchObject({ kind: 'rebuild', delayMs: 0 });
    });
  });

  describe('has no plan', () => {
    it.each<[string, Wish]>([
      ['when the attempts are spent', { attempts: 3 }],
      ['when none are allowed', { maxAttempts: 0 }],
      [
        'when only relays are allowed and a first connect found none',
        { evidence: { relayOnly: true, gathered: false, wasUp: false } },
      ],
      ['when gathering ended empty', { cause: 'gathering.empty' }],
      [
        'when only relays are allowed and refuse fresh credentials',
        { attempts: 1, evidence: { relayOnly: true, turnRefused: true } },
      ],
      [
        'when only relays are allowed and refused the first connect',
        { evidence: { relayOnly: true, turnRefused: true, wasUp: false } },
      ],
      [
        'for a dead channel towards upstream',
        { cause: 'channel.closed', evidence: { remote: 'upstream', channel: 'closed' } },
      ],
    ])('%s', (_name, wish) => expect(plan(wish)).toBeNull());

    it('but has one when a relay refuses us and other paths are allowed', () => {
      expect(plan({ evidence: { turnRefused: true } })).not.toBeNull();
    });

    it('but has one when only relays are allowed and none refuses us', () => {
      expect(plan({ attempts: 1, evidence: { relayOnly: true } })).not.toBeNull();
    });

    it('but has one for the first attempt of an outage, which uses fresh credentials', () => {
      expect(plan({ evidence: { relayOnly: true, turnRefused: true } })).not.toBeNull();
    });

    it('but has one when a relay that was there is no longer found, because it may come back', () => {
      expect(plan({ evidence: { relayOnly: true, gathered: false } })).not.toBeNull();
    });

    it('but has one for an upstream peer that reloaded', () => {
      expect(
        plan({ cause: 'remote.rejoin', evidence: { remote: 'upstream', channel: 'closed' } }),
      ).not.toBeNull();
    });

    it('but has a rebuild for a dead channel towards a Holdfast peer', () => {
      expect(plan({ cause: 'channel.closed', evidence: { channel: 'closed' } })?.kind).toBe('rebuild');
    });
  });
});
