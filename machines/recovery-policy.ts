import type { Cause, Evidence } from './failure';

/**
 * What an attempt does: a new ICE generation on the same connection, a new `RTCPeerConnection` raced beside the old one,
 * or the same over relays only. Rebuilds need a Holdfast peer.
 */
export type AttemptKind = 'ice-restart' | 'rebuild' | 'rebuild-relay';

/** One attempt. Durations in ms. */
export interface Plan {
  kind: AttemptKind;
  /** Back-off before the attempt starts. */
  delayMs: number;
  /** How long the attempt may take before the next one is planned. */
  deadlineMs: number;
  /** How often its offer is renewed inside the deadline; every renewal is the same attempt. At least 1. */
  renewMs: number;
}

export type Browser = 'chromium' | 'firefox' | 'other';

/** What a policy decides on; JSON. */
export interface RecoveryInput {
  /** Attempts that reached the relay since the link was last stable. */
  attempts: number;
  maxAttempts: number;
  cause: Cause;
  browser: Browser;
  evidence: Evidence;
}

/** Pure: the same input and random numbers give the same plan. `random` returns a number in [0, 1). */
export interface RecoveryPolicy {
  /** @returns the next attempt, or null to give up. */
  plan(input: RecoveryInput, random: () => number): Plan | null;
}

/** Three of these and the 5 s timer outlast an outage of one minute (3 × 25 + 5 = 80 s). */
const ATTEMPT_DEADLINE_MS = 25_000;
/** ICE checks a new generation at its quickest pace, so that with one each second data flows again 0.1 s after the network returns. */
const RENEW_MS = 1_000;
/** Back-off before the second and third attempt; the first starts at once. */
const BACKOFF_MS = 500;
/** Time for the `bye` of a peer that leaves in good order to arrive by signaling before it is chased. */
const BYE_WAIT_MS = 300;
/**
 * How long a restart under a live link may take: an unanswered offer is taken back after 5 s, the rest is for slow ICE servers. Not longer, since a game
 * that asked may stay paused until it is told.
 */
const LIVE_RESTART_MS = 12_000;
/** A Firefox restart into a dead network kills its SCTP association 11 s later, while the untouched link heals for up to 29 s. */
const FIREFOX_HOLD_MS = 12_000;

function firstDelayMs({ cause, browser, evidence }: RecoveryInput): number {
  if (cause === 'channel.closed') return BYE_WAIT_MS;
  const hasEvidenceOfReturn =
    cause === 'restart' || cause === 'network.changed' || cause.startsWith('remote');
  const mustHold =
    browser === 'firefox' && evidence.remote === 'upstream' && evidence.wasUp && !hasEvidenceOfReturn;
  return mustHold ? FIREFOX_HOLD_MS : 0;
}

/** A first connect that failed is made anew, too: in Firefox its failure ends SCTP, which no restart brings back. */
function kindOf({ attempts, evidence }: RecoveryInput): AttemptKind {
  if (evidence.remote !== 'holdfast') return 'ice-restart';
  return attempts === 1 && evidence.relayAvailable && evidence.wasUp ? 'rebuild-relay' : 'rebuild';
}

/** True where no attempt can help, whatever is left of the count. */
function isHopeless({ cause, attempts, evidence }: RecoveryInput): boolean {
  // Only where the link never was up: a relay that was there once may come back.
  const hasNoRelay = evidence.relayOnly && !evidence.gathered && !evidence.wasUp;
  // The first attempt of an outage fetches the servers anew, so an earlier refusal says nothing of those.
  const isRefused = evidence.relayOnly && evidence.turnRefused && (attempts > 0 || !evidence.wasUp);
  const hasDeadChannel =
    evidence.channel === 'closed' && evidence.remote !== 'holdfast' && cause !== 'remote.rejoin';
  return cause === 'gathering.empty' || hasNoRelay || isRefused || hasDeadChannel;
}

/** The default: three attempts worth making, by what was measured of the browsers (docs/discoveries). */
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
 * A restart under a live link. It is no attempt, so it needs no plan of the policy, which may have none left, and takes no longer than one of its attempts
 * would. A Firefox may be deaf after an ICE restart, so with one at either end it is a fresh connection beside the live one.
 */
export function livePlan(
  { browser, evidence }: Pick<RecoveryInput, 'browser' | 'evidence'>,
  attemptMs = LIVE_RESTART_MS,
): Plan {
  const involvesFirefox = browser === 'firefox' || evidence.remoteIsFirefox;
  const kind = evidence.remote === 'holdfast' && involvesFirefox ? 'rebuild' : 'ice-restart';
  return { kind, delayMs: 0, deadlineMs: Math.min(attemptMs, LIVE_RESTART_MS), renewMs: RENEW_MS };
}
