/** Every failure reason, with advice for the developer of the game. */
export const ADVICE = {
  'connect-timeout': 'No path was found. Add a TURN server, or check yours.',
  'no-candidates':
    'No candidate was gathered. WebRTC is disabled, iceServers are invalid, or a LAN without gateway lacks STUN.',
  'no-relay': 'No TURN server gave a relay. Check iceServers.',
  'turn-auth': 'TURN refused the credentials. Check their expiry.',
  'signaling-lost': 'The signaling server cannot be reached.',
  'peer-silent': 'The other player did not answer. Their page is probably closed.',
  'peer-left': 'The other player closed the link.',
  'channel-closed': 'The channel closed and this peer cannot rebuild it. Connect again.',
  'restarts-exhausted': 'All attempts failed. See the evidence, then restart.',
  'budget-spent': 'Recovery took longer than its budget. See the evidence.',
} as const;

export type FailureReason = keyof typeof ADVICE;

/** What made the link suspect, or made the first connect fail. */
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

/** What is known about the link, its peer, the network and the page. JSON only. */
export interface Evidence {
  /** Which library the other end uses: `upstream` also for one without our heartbeat, `unknown` until its first description. */
  remote: 'unknown' | 'upstream' | 'holdfast';
  /** True if the other end's descriptions were written by Firefox. */
  remoteIsFirefox: boolean;
  channel: 'none' | 'open' | 'closed';
  /** True once the link has been `connected` since the last `connect`. */
  wasUp: boolean;
  /** True if the peer has answered an offer, or made one, since the outage started. */
  answered: boolean;
  /** True if only relayed candidates may be used. */
  relayOnly: boolean;
  /** True if a TURN server is configured. */
  relayAvailable: boolean;
  /** True once a local candidate was found; for a link that was up before, since the newest attempt started. */
  gathered: boolean;
  /** True if a TURN server has refused our credentials since they were last fetched, and no other server gave a relay. */
  turnRefused: boolean;
  /** The path in use: `relay` if either end's candidate is relayed. */
  path: 'unknown' | 'direct' | 'relay';
  signaling: 'up' | 'down';
  /** False while the browser is offline or the page is frozen. */
  awake: boolean;
}

/** Why a link failed or was left; docs/STATES.md explains every reason. */
export interface Failure {
  /** The reason to branch on. */
  reason: FailureReason;
  /** One sentence for a log that says what to do. */
  advice: string;
  /** What started the outage or sped up its recovery; null if the peer left a healthy link. */
  cause: Cause | null;
  /** Attempts counted since the link was last stable. */
  attempts: number;
  /** What was known when the link ended. */
  evidence: Evidence;
}

/** What ended the link: the policy had no further plan, the recovery budget ran out, or the peer said `bye`. */
export type Ending = 'no-plan' | 'budget' | 'peer-left';

export interface Diagnosis {
  cause: Cause | null;
  attempts: number;
  /** Attempts counted in this outage. Without one, the other end cannot be called silent. */
  outageAttempts: number;
  evidence: Evidence;
}

/** Whether an offer could reach the other end. */
export const isInReach = ({ signaling, awake }: Evidence): boolean => signaling === 'up' && awake;

/** The most specific reason: the first that applies. */
function reasonOf({ cause, outageAttempts, evidence }: Diagnosis, ending: Ending): FailureReason {
  if (ending === 'peer-left') return 'peer-left';
  // If the peer of a relayed link still answers, most likely only the relay was lost.
  const hasLostRelay = evidence.path === 'relay' && evidence.answered;
  if (evidence.turnRefused && (evidence.relayOnly || !evidence.wasUp || hasLostRelay)) return 'turn-auth';
  const hasNoCandidates = cause === 'gathering.empty';
  // Checked before signaling: a page that is online has local addresses, so a socket that is still connecting does not explain the lack of candidates.
  if (hasNoCandidates && evidence.awake && !evidence.relayOnly) return 'no-candidates';
  // Checked before relays: a page that is cut off from everything gathers no relay either.
  if (!isInReach(evidence)) return 'signaling-lost';
  if (evidence.relayOnly && (hasNoCandidates || !evidence.gathered)) return 'no-relay';
  // Only if the link was up: in Firefox a failed first connect closes a channel that was never open.
  if (evidence.wasUp && evidence.channel === 'closed' && evidence.remote !== 'holdfast')
    return 'channel-closed';
  if (!evidence.answered && (ending === 'budget' || outageAttempts > 0 || !evidence.wasUp))
    return 'peer-silent';
  if (!evidence.wasUp) return 'connect-timeout';
  return ending === 'budget' ? 'budget-spent' : 'restarts-exhausted';
}

/** Builds the failure report of a link that failed or was left. */
export function diagnose(diagnosis: Diagnosis, ending: Ending): Failure {
  const { cause, attempts, evidence } = diagnosis;
  const reason = reasonOf(diagnosis, ending);
  return { reason, advice: ADVICE[reason], cause, attempts, evidence };
}
