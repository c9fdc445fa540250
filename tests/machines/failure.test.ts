import { describe, expect, it } from 'vitest';
import { ADVICE, type Cause, diagnose, type Evidence, type FailureReason } from '../../machines';
import { HEALTHY } from '../support/evidence';

/** The evidence of a link with a TURN server. */
const healthy: Evidence = { ...HEALTHY, relayAvailable: true };

type Case = [FailureReason, Cause | null, Partial<Evidence>, ('no-plan' | 'budget')?];

const CASES: Case[] = [
  ['restarts-exhausted', 'ice.failed', {}],
  ['restarts-exhausted', 'ice.failed', { relayOnly: true }],
  ['restarts-exhausted', 'ice.failed', { remote: 'upstream' }],
  ['budget-spent', 'ice.failed', {}, 'budget'],
  ['peer-silent', 'ice.failed', { answered: false }],
  ['peer-silent', 'ice.failed', { answered: false }, 'budget'],
  ['peer-silent', 'connect.timeout', { wasUp: false, answered: false, remote: 'unknown' }],
  ['connect-timeout', 'connect.timeout', { wasUp: false }],
  ['signaling-lost', 'ice.failed', { signaling: 'down' }, 'budget'],
  ['signaling-lost', 'ice.failed', { awake: false }, 'budget'],
  ['signaling-lost', 'gathering.empty', { wasUp: false, awake: false }],
  ['signaling-lost', 'ice.failed', { relayOnly: true, gathered: false, signaling: 'down' }, 'budget'],
  ['no-candidates', 'gathering.empty', { wasUp: false }],
  ['no-candidates', 'gathering.empty', { wasUp: false, signaling: 'down' }],
  ['no-relay', 'gathering.empty', { wasUp: false, relayOnly: true }],
  ['no-relay', 'ice.failed', { relayOnly: true, gathered: false }],
  ['turn-auth', 'gathering.empty', { wasUp: false, relayOnly: true, turnRefused: true }],
  ['turn-auth', 'connect.timeout', { wasUp: false, turnRefused: true }],
  ['turn-auth', 'ice.failed', { relayOnly: true, turnRefused: true }],
  ['turn-auth', 'life.silent', { turnRefused: true, path: 'relay' }],
  ['peer-silent', 'life.silent', { turnRefused: true, path: 'relay', answered: false }],
  ['restarts-exhausted', 'ice.failed', { turnRefused: true }],
  ['channel-closed', 'channel.closed', { remote: 'upstream', channel: 'closed' }],
  ['restarts-exhausted', 'channel.closed', { channel: 'closed' }],
  ['connect-timeout', 'ice.failed', { remote: 'upstream', channel: 'closed', wasUp: false }],
];

describe('the reason of a failure', () => {
  it.each(CASES)('is %s after %s with %j (%s)', (reason, cause, known, ending = 'no-plan') => {
    const evidence = { ...healthy, ...known };
    expect(diagnose({ cause, attempts: 2, outageAttempts: 2, evidence }, ending)).toEqual({
      reason,
      advice: ADVICE[reason],
      cause,
      attempts: 2,
      evidence,
    });
  });

  it.each([
    ['restarts-exhausted', 'no-plan'],
    ['peer-silent', 'budget'],
  ] as const)('is %s when nobody was asked, and so nobody answered (ended by %s)', (reason, ending) => {
    const evidence = { ...healthy, answered: false };
    const asked = { cause: 'ice.failed' as const, attempts: 2, outageAttempts: 0, evidence };
    expect(diagnose(asked, ending).reason).toBe(reason);
  });

  it('comes with advice in a full sentence', () => {
    for (const advice of Object.values(ADVICE)) expect(advice).toMatch(/^[A-Z].+\.$/);
  });
});
