/** Why a link was given up, each with what its owner can do about it. */
export const ADVICE = {
  'connect-timeout': 'No path was found; offer a TURN server, or check the one that is offered.',
  'no-candidates':
    'No candidate was gathered; WebRTC is disabled, iceServers are refused, or a LAN without gateway lacks STUN.',
  'no-relay': 'No TURN server gave a relay; check iceServers.',
  'turn-auth': 'TURN refused the credentials; check their expiry.',
  'signaling-lost': 'The signaling server cannot be reached.',
  'peer-silent': 'The other player did not answer; its page was probably closed.',
  'peer-left': 'The other player closed the link.',
  'channel-closed': 'The channel closed and this peer cannot rebuild it; connect again.',
  'restarts-exhausted': 'Each attempt was made; see the evidence, then restart.',
  'budget-spent': 'Recovery took longer than its budget; see the evidence.',
} as const;

export type FailureReason = keyof typeof ADVICE;

/** What made the link suspect, or the first connect fail. */
export type Cause =
  | 'ice.disconnected'
  | 'ice.failed'
  | 'life.silent'
  | 'channel.closed'
  | 'gathering.empty'
  | 'connect.timeout'
  | 'network.changed'
  | 'restart'
  | 'remote.offer'
  | 'remote.rejoin';

/** What is known of the link, its peer and its surroundings; facts only, JSON only. */
export interface Evidence {
  /** What the other end speaks; `unknown` until its first description. */
  remote: 'unknown' | 'upstream' | 'holdfast';
  /** Whether the other end is a Firefox, as its descriptions say. */
  remoteIsFirefox: boolean;
  channel: 'none' | 'open' | 'closed';
  /** True once the link was `connected`, since it was last told to connect. */
  wasUp: boolean;
  /** True when the peer answered an offer, or made one, since the outage began. */
  answered: boolean;
  /** True when only relayed candidates may be used. */
  relayOnly: boolean;
  /** True when a TURN server is configured. */
  relayAvailable: boolean;
  /** True once a local candidate was found; of a link that was up, since the newest attempt began. */
  gathered: boolean;
  /** True when a TURN server refused our credentials since they were last fetched, and no other gave a relay. */
  turnRefused: boolean;
  /** The path that carries data. */
  path: 'unknown' | 'direct' | 'relay';
  signaling: 'up' | 'down';
  /** False while the browser says that it is offline or the page is frozen. */
  awake: boolean;
}

/** Why a link was given up (docs/STATES.md). */
export interface Failure {
  /** To branch on. */
  reason: FailureReason;
  /** What can be done about it, in a sentence for a log. */
  advice: string;
  /** What began the outage, or hurried its recovery; null where a peer left a link that was in no trouble. */
  cause: Cause | null;
  /** Those counted since the link was last stable. */
  attempts: number;
  /** What was known at the end. */
  evidence: Evidence;
}

/** What ended the link: the policy had no (further) plan, the total budget ran out, or the peer left in good order. */
export type Ending = 'no-plan' | 'budget' | 'peer-left';

export interface Diagnosis {
  cause: Cause | null;
  attempts: number;
  /** Attempts of this outage alone. Only where one was made can the other end be called silent. */
  outageAttempts: number;
  evidence: Evidence;
}

/** Whether an offer of ours could arrive. */
export const isInReach = ({ signaling, awake }: Evidence): boolean => signaling === 'up' && awake;

/** The most telling reason; the first that applies. */
function reasonOf({ cause, outageAttempts, evidence }: Diagnosis, ending: Ending): FailureReason {
  if (ending === 'peer-left') return 'peer-left';
  // A relayed link whose peer still answers has most likely lost nothing but its relay.
  const hasLostRelay = evidence.path === 'relay' && evidence.answered;
  if (evidence.turnRefused && (evidence.relayOnly || !evidence.wasUp || hasLostRelay)) return 'turn-auth';
  const hasNoCandidates = cause === 'gathering.empty';
  // Before signaling is looked at: a page that is online has addresses of its own, so a socket that has yet to connect explains nothing.
  if (hasNoCandidates && evidence.awake && !evidence.relayOnly) return 'no-candidates';
  // Before relays are looked at: a page that is cut off from everything gathers no relay either.
  if (!isInReach(evidence)) return 'signaling-lost';
  if (evidence.relayOnly && (hasNoCandidates || !evidence.gathered)) return 'no-relay';
  // Only where the link was up: in Firefox a first connect that fails closes a channel that never was open.
  if (evidence.wasUp && evidence.channel === 'closed' && evidence.remote !== 'holdfast')
    return 'channel-closed';
  if (!evidence.answered && (ending === 'budget' || outageAttempts > 0 || !evidence.wasUp))
    return 'peer-silent';
  if (!evidence.wasUp) return 'connect-timeout';
  return ending === 'budget' ? 'budget-spent' : 'restarts-exhausted';
}

/** The record of a link that was given up or left. */
export function diagnose(diagnosis: Diagnosis, ending: Ending): Failure {
  const { cause, attempts, evidence } = diagnosis;
  const reason = reasonOf(diagnosis, ending);
  return { reason, advice: ADVICE[reason], cause, attempts, evidence };
}
