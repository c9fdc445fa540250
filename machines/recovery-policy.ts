import type { Cause, Evidence } from './failure';

/**
 * What an attempt does. `ice-restart`: a new ICE generation on the same connection. `rebuild`: a new `RTCPeerConnection` that races the old one.
 * `rebuild-relay`: the same over relays only. Rebuilds need a Holdfast peer.
 */
export type AttemptKind = 'ice-restart' | 'rebuild' | 'rebuild-relay';

/** One attempt. Durations in ms. */
export interface Plan {
  kind: AttemptKind;
  /** Back-off before the attempt starts. */
  delayMs: number;
  /** How long the attempt may take before the next one is planned. */
  deadlineMs: number;
  /** How often the offer is renewed within the deadline; at least 1. Renewals belong to the same attempt. */
  renewMs: number;
}

export type Browser = 'chromium' | 'firefox' | 'other';

/** What a policy decides on. JSON only. */
export interface RecoveryInput {
  /** Attempts whose offer reached the relay since the link was last stable. */
  attempts: number;
  maxAttempts: number;
  cause: Cause;
  browser: Browser;
  evidence: Evidence;
}

/** Plans recovery attempts. Must be pure: the same input and random numbers give the same plan. `random` returns a number in [0, 1). */
export interface RecoveryPolicy {
  /** @returns the next attempt, or null to give up. If it throws or returns anything else, `defaultPolicy` decides. */
  plan(input: RecoveryInput, random: () => number): Plan | null;
}

/** Three attempts plus the 5 s timer outlast an outage of one minute (3 × 25 + 5 = 80 s). */
const ATTEMPT_DEADLINE_MS = 25_000;
/** ICE sends its checks fastest in a new generation. With a new one each second, data flows again 0.1 s after the network returns. */
const RENEW_MS = 1_000;
/** Back-off before the second attempt, ±50 % at random; it doubles with each further attempt. */
const BACKOFF_MS = 500;
/** How long to wait for a `bye` by signaling before recovery starts: a channel also closes when the peer leaves in good order. */
const BYE_WAIT_MS = 300;
/**
 * How long a restart of a live link may take: an unanswered offer is rolled back after 5 s, the rest is for slow ICE servers. Not longer, because a
 * game that asked for it may stay paused until it gets an answer.
 */
const LIVE_RESTART_MS = 12_000;
/** An ICE restart in a dead network makes Firefox end its SCTP association 11 s later; without a restart the link can heal for up to 29 s. */
const FIREFOX_HOLD_MS = 12_000;

function firstDelayMs({ cause, browser, evidence }: RecoveryInput): number {
  if (cause === 'channel.closed') return BYE_WAIT_MS;
  const hasEvidenceOfReturn =
    cause === 'restart' || cause === 'network.changed' || cause.startsWith('remote');
  const mustHold =
    browser === 'firefox' && evidence.remote === 'upstream' && evidence.wasUp && !hasEvidenceOfReturn;
  return mustHold ? FIREFOX_HOLD_MS : 0;
}

/** A failed first connect also gets a new connection: in Firefox the failure ends SCTP, and no restart brings that back. */
function kindOf({ attempts, evidence }: RecoveryInput): AttemptKind {
  if (evidence.remote !== 'holdfast') return 'ice-restart';
  return attempts === 1 && evidence.relayAvailable && evidence.wasUp ? 'rebuild-relay' : 'rebuild';
}

/** Whether no attempt can help, however many are left. */
function isHopeless({ cause, attempts, evidence }: RecoveryInput): boolean {
  // Only if the link was never up: a relay that was there once may come back.
  const hasNoRelay = evidence.relayOnly && !evidence.gathered && !evidence.wasUp;
  // The first attempt of an outage fetches fresh credentials, so an earlier refusal says nothing about them.
  const isRefused = evidence.relayOnly && evidence.turnRefused && (attempts > 0 || !evidence.wasUp);
  const hasDeadChannel =
    evidence.channel === 'closed' && evidence.remote !== 'holdfast' && cause !== 'remote.rejoin';
  return cause === 'gathering.empty' || hasNoRelay || isRefused || hasDeadChannel;
}

/** The default policy: rebuilds with a Holdfast peer, ICE restarts otherwise. Its numbers come from measurements of browsers (docs/discoveries). */
export const defaultPolicy: RecoveryPolicy = {
  plan(input, random) {
    if (input.attempts >= input.maxAttempts || isHopeless(input)) return null;
    const delayMs =
      input.attempts === 0
        ? firstDelayMs(input)
        : Math.round(BACKOFF_MS * 2 ** (input.attempts - 1) * (0.5 + random()));
    return { kind: kindOf(input), delayMs, deadlineMs: ATTEMPT_DEADLINE_MS, renewMs: RENEW_MS };
  },
};

/**
 * Plans a restart of a live link. It does not count as an attempt, so it works even if the policy has no plan left; its deadline is at most `attemptMs`,
 * the deadline of the policy's own attempts. If either end is Firefox, it races a new connection, because Firefox may receive nothing after an ICE restart.
 */
export function livePlan(
  { browser, evidence }: Pick<RecoveryInput, 'browser' | 'evidence'>,
  attemptMs = LIVE_RESTART_MS,
): Plan {
  const involvesFirefox = browser === 'firefox' || evidence.remoteIsFirefox;
  const kind = evidence.remote === 'holdfast' && involvesFirefox ? 'rebuild' : 'ice-restart';
  return { kind, delayMs: 0, deadlineMs: Math.min(attemptMs, LIVE_RESTART_MS), renewMs: RENEW_MS };
}
