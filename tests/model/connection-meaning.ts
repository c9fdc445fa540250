import {
  type AttemptKind,
  type Cause,
  type ConnectionContext,
  type ConnectionInput,
  diagnose,
  type Evidence,
  type RecoveryPolicy,
} from '../../machines';
import type { Meaning, Scene } from './chart-model';

type Kept = (scene: Scene<ConnectionContext>) => ConnectionContext;

const CAUSES: Partial<Record<string, Cause>> = {
  'ice.disconnected': 'ice.disconnected',
  'ice.failed': 'ice.failed',
  'life.silent': 'life.silent',
  'channel.closed': 'channel.closed',
  'gathering.empty': 'gathering.empty',
  'network.changed': 'network.changed',
  restart: 'restart',
  'remote.offer': 'remote.offer',
  'remote.restart': 'remote.offer',
  'remote.rebuild': 'remote.offer',
  'remote.rejoin': 'remote.rejoin',
};

const EVIDENCE_BY_EVENT: Partial<Record<string, Partial<Evidence>>> = {
  'signaling.up': { signaling: 'up' },
  'signaling.down': { signaling: 'down' },
  'environment.awake': { awake: true },
  'environment.asleep': { awake: false },
  'channel.opened': { channel: 'open' },
};

const causeOf = ({ context, event }: Scene<ConnectionContext>): Cause =>
  CAUSES[event.type] ?? context.cause ?? 'connect.timeout';

const liveKindOf = ({ context: { browser, evidence } }: Scene<ConnectionContext>): AttemptKind => {
  const isWithFirefox = browser === 'firefox' || evidence.remoteIsFirefox;
  return isWithFirefox && evidence.remote === 'holdfast' ? 'rebuild' : 'ice-restart';
};

export const initialContext = ({ timings, browser, relayOnly }: ConnectionInput): ConnectionContext => ({
  timings,
  browser,
  evidence: {
    remote: 'unknown',
    remoteIsFirefox: false,
    channel: 'none',
    wasUp: false,
    answered: false,
    relayOnly,
    relayAvailable: false,
    gathered: false,
    turnRefused: false,
    path: 'unknown',
    signaling: 'up',
    awake: true,
  },
  attempts: 0,
  outageAttempts: 0,
  plan: null,
  cause: null,
  failure: null,
});

/** The meaning of the connection chart for one policy; the machine must get the same policy and the same random source. */
export function connectionMeaning(
  policy: RecoveryPolicy,
  random: () => number = () => 0.5,
): Meaning<ConnectionContext> {
  const plan = (scene: Scene<ConnectionContext>, attempts = scene.context.attempts) =>
    policy.plan(
      {
        attempts,
        maxAttempts: scene.context.timings.maxIceRestarts,
        cause: causeOf(scene),
        browser: scene.context.browser,
        evidence: scene.context.evidence,
      },
      random,
    );
  const diagnosis = (scene: Scene<ConnectionContext>) => ({ ...scene.context, cause: causeOf(scene) });
  const isInReach = ({ context: { evidence } }: Scene<ConnectionContext>) =>
    evidence.signaling === 'up' && evidence.awake;

  return {
    guards: {
      hasPlan: (scene) => plan(scene) !== null,
      hasFreshPlan: (scene) => plan(scene, 0) !== null,
      isInReach,
      isOutOfReach: (scene) => !isInReach(scene),
      hasSlept: ({ event }) => event.slept === true,
      isRelayed: ({ context }) => context.evidence.path === 'relay',
      couldBeDirect: ({ context: { evidence } }) =>
        evidence.path === 'relay' && !evidence.relayOnly && evidence.remote === 'holdfast',
    },
    keeps: {
      evidence: ({ context, event }) => ({
        ...context,
        evidence: {
          ...context.evidence,
          ...EVIDENCE_BY_EVENT[event.type],
          ...(event.type === 'peer.learned' ? Object(event.evidence) : {}),
        },
      }),
      cause: (scene) => ({ ...scene.context, cause: causeOf(scene) }),
      plan: (scene) => {
        const planned = plan(scene);
        return {
          ...scene.context,
          plan: planned && { ...planned, isCounted: false },
          cause: causeOf(scene),
          failure: null,
        };
      },
      livePlan: (scene) => ({
        ...scene.context,
        plan: {
          kind: liveKindOf(scene),
          delayMs: 0,
          deadlineMs: Math.min(plan(scene, 0)?.deadlineMs ?? 12_000, 12_000),
          renewMs: 1_000,
          isCounted: true,
        },
      }),
      noPlan: ({ context }) => ({ ...context, plan: null }),
      count: counted,
      noLink: ({ context }) => ({
        ...context,
        evidence: { ...context.evidence, wasUp: false, answered: false },
        cause: null,
        failure: null,
      }),
      fresh: ({ context }) => ({ ...context, attempts: 0, outageAttempts: 0 }),
      outage: ({ context }) => ({
        ...context,
        outageAttempts: 0,
        evidence: { ...context.evidence, answered: false },
      }),
      refund: ({ context }) => ({
        ...context,
        attempts: Math.max(0, context.attempts - context.outageAttempts),
        outageAttempts: 0,
      }),
      up: ({ context }) => ({
        ...context,
        evidence: { ...context.evidence, channel: 'open', wasUp: true, answered: true },
        plan: null,
        cause: null,
        failure: null,
      }),
      failure: (scene) => ({ ...scene.context, failure: diagnose(diagnosis(scene), 'no-plan'), plan: null }),
      failureOnBudget: (scene) => ({
        ...scene.context,
        failure: diagnose(diagnosis(scene), 'budget'),
        plan: null,
      }),
      failureOfPeer: (scene) => ({
        ...scene.context,
        failure: diagnose(scene.context, 'peer-left'),
        plan: null,
      }),
    },
    delays: connectionDelays,
  };
}

const counted: Kept = ({ context }) =>
  context.plan === null || context.plan.isCounted
    ? context
    : {
        ...context,
        plan: { ...context.plan, isCounted: true },
        attempts: context.attempts + 1,
        outageAttempts: context.outageAttempts + 1,
      };

const connectionDelays: Meaning<ConnectionContext>['delays'] = {
  connectTimeout: ({ context }) => context.timings.connectTimeoutMs,
  offererPatience: ({ context }) => context.timings.offererPatienceMs,
  offerRenewal: ({ context }) => context.timings.offerRenewalMs,
  disconnectTimeout: ({ context, event }) =>
    Math.max(0, context.timings.disconnectTimeoutMs - Number(event.silentForMs ?? 0)),
  recoveryBudget: ({ context }) => context.timings.recoveryBudgetMs,
  stable: ({ context }) => context.timings.stableMs,
  directRetry: ({ context }) => context.timings.directRetryMs,
  backoff: ({ context }) => context.plan?.delayMs ?? 0,
  attemptTimeout: ({ context }) => context.plan?.deadlineMs ?? 0,
  attemptRenewal: ({ context }) => context.plan?.renewMs ?? 0,
};
