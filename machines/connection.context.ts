import type { ConnectionEvent } from './events';
import { type Cause, diagnose, type Ending, type Evidence, type Failure } from './failure';
import type { AttemptKind, Browser, Plan, RecoveryInput } from './recovery-policy';
import type { Timings } from './timings';

/** JSON only: no connection, socket, timer, error, SDP or address. */
export interface ConnectionContext {
  readonly timings: Timings;
  readonly browser: Browser;
  evidence: Evidence;
  /** Attempts counted since the link was last stable. */
  attempts: number;
  /** Those of them that belong to the newest outage: given back where that healed by itself. */
  outageAttempts: number;
  /** The attempt that is waited for or under way, and whether it was counted. Null without one. */
  plan: (Plan & { isCounted: boolean }) | null;
  /** What began the outage that is under way. */
  cause: Cause | null;
  /** Why the link was given up, or left; null as soon as it is tried again. */
  failure: Failure | null;
}

export interface ConnectionInput {
  timings: Timings;
  browser: Browser;
  relayOnly: boolean;
}

/** What an action or guard sees. */
export type TransitionArgs = { context: ConnectionContext; event: ConnectionEvent };

/** Events that are a cause under their own names. Offers but `remote.rejoin` are all told as `remote.offer`. */
const CAUSES: readonly Cause[] = [
  'ice.disconnected',
  'ice.failed',
  'life.silent',
  'channel.closed',
  'gathering.empty',
  'network.changed',
  'restart',
  'remote.rejoin',
];

/** The cause of what follows. An event that is none, a timer say, keeps the one that was noted; where none was, it is the connect deadline. */
export const causeOf = ({ context, event }: TransitionArgs): Cause =>
  CAUSES.find((cause) => cause === event.type) ??
  ('offer' in event ? 'remote.offer' : (context.cause ?? 'connect.timeout'));

const EVIDENCE_BY_EVENT: Partial<Record<ConnectionEvent['type'], Partial<Evidence>>> = {
  'channel.opened': { channel: 'open' },
  'signaling.up': { signaling: 'up' },
  'signaling.down': { signaling: 'down' },
  'environment.awake': { awake: true },
  'environment.asleep': { awake: false },
};

export const updateEvidence = (evidence: Evidence, event: ConnectionEvent): Evidence => ({
  ...evidence,
  ...(event.type === 'peer.learned' ? event.evidence : EVIDENCE_BY_EVENT[event.type]),
});

export const toRecoveryInput = (args: TransitionArgs): RecoveryInput => {
  const { attempts, timings, browser, evidence } = args.context;
  return { attempts, maxAttempts: timings.maxIceRestarts, cause: causeOf(args), browser, evidence };
};

/** Why the link ends. That the peer left is no cause of an outage, so it does not replace the one that was noted. */
export const diagnosisOf = (args: TransitionArgs, ending: Ending): Failure =>
  diagnose(ending === 'peer-left' ? args.context : { ...args.context, cause: causeOf(args) }, ending);

export const failureOf = (args: TransitionArgs): Failure =>
  args.context.failure ?? diagnosisOf(args, 'no-plan');

export const kindOf = ({ plan }: ConnectionContext): AttemptKind => plan?.kind ?? 'ice-restart';
