import { defaultPolicy, PRESETS, type RecoveryPolicy, type Timings } from '../../../../machines';
import type { Route } from '../../../model/routes';

/** Longer than any path; browsers accept it as a timer's delay. */
const NEVER_MS = 1_000_000_000;
/** Longer than two pages take to exchange descriptions. */
const UNHURRIED_MS = 4_000;

/** How long an attempt waits and lasts, and when its offer is renewed. In ms. */
export interface Pace {
  readonly delayMs: number;
  readonly deadlineMs: number;
  readonly renewMs: number;
}

/** How long each delay lasts on a path that waits for it, in ms: no longer than the steps before it may take. */
export const DELAYS_MS: Readonly<Record<string, number>> = {
  'after connectTimeout': 1_200,
  'after offererPatience': 400,
  'after offerRenewal': 500,
  'after disconnectTimeout': 1_500,
  'after recoveryBudget': 2_500,
  'after stable': 500,
  'after directRetry': 500,
  'after backoff': 300,
  'after attemptTimeout': 700,
  'after attemptRenewal': 500,
};

/** Delays for which the path waits are short; the others never end. */
const lasting = ({ steps }: Route) => {
  const wants = (wanted: string) => steps.some(({ type }) => type === wanted);
  return (type: string) => (wants(type) ? (DELAYS_MS[type] ?? 0) : NEVER_MS);
};

export function timingsFor(route: Route): Timings {
  const lasts = lasting(route);
  const isSilent = route.steps.some(({ type }) => type === 'life.silent');
  return {
    ...PRESETS.default,
    connectTimeoutMs: lasts('after connectTimeout'),
    offererPatienceMs: lasts('after offererPatience'),
    // A renewal under way would bring the link up twice.
    offerRenewalMs: Math.min(lasts('after offerRenewal'), UNHURRIED_MS),
    disconnectTimeoutMs: lasts('after disconnectTimeout'),
    recoveryBudgetMs: lasts('after recoveryBudget'),
    stableMs: lasts('after stable'),
    directRetryMs: lasts('after directRetry'),
    silenceMs: isSilent ? PRESETS.default.silenceMs : NEVER_MS,
    maxIceRestarts: route.maxIceRestarts,
  };
}

export function paceFor(route: Route): Pace {
  const lasts = lasting(route);
  return {
    delayMs: lasts('after backoff'),
    deadlineMs: lasts('after attemptTimeout'),
    renewMs: DELAYS_MS['after attemptRenewal'] ?? 0,
  };
}

/** The same in the page and in the chart beside it: no randomness, and a plan for whatever happens until the attempts are spent. */
export const pacedPolicy = (pace: Pace): RecoveryPolicy => ({
  plan: (input) => {
    if (input.attempts >= input.maxAttempts) return null;
    const usual = defaultPolicy.plan({ ...input, attempts: 0, maxAttempts: 1, cause: 'restart' }, () => 0.5);
    return { kind: usual?.kind ?? 'ice-restart', ...pace };
  },
});

/** The other end suspects nobody by itself, unless the path needs an offer of it that only a suspicion causes. */
export function theirTimingsFor({ steps }: Route): Timings {
  const wants = (wanted: string) => steps.some(({ type }) => type === wanted);
  return {
    ...PRESETS.default,
    connectTimeoutMs: wants('remote.rebuild') && !wants('link.up') ? 800 : NEVER_MS,
    offererPatienceMs: 300,
    offerRenewalMs: UNHURRIED_MS,
    silenceMs: wants('remote.rebuild') ? 700 : NEVER_MS,
    disconnectTimeoutMs: wants('remote.rebuild') ? 0 : NEVER_MS,
    recoveryBudgetMs: NEVER_MS,
    maxIceRestarts: 100,
  };
}
