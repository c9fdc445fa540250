import type { ConnectionEvent } from './events';
import { type Cause, diagnose, type Ending, type Evidence, type Failure } from './failure';
import type { AttemptKind, Browser, Plan, RecoveryInput } from './recovery-policy';
import type { Timings } from './timings';

/** Holds JSON only: no connection, socket, timer, error object, SDP or address. */
export interface ConnectionContext {
  readonly timings: Timings;
  readonly browser: Browser;
  evidence: Evidence;
  /** Attempts counted since the link was last stable (up for `stableMs`). */
  attempts: number;
  /** How many of `attempts` belong to the newest outage. They are refunded if that outage heals by itself. */
  outageAttempts: number;
  /** The attempt that is planned or under way, and whether it was counted; null if there is none. */
  plan: (Plan & { isCounted: boolean }) | null;
  /** What started the current outage. */
  cause: Cause | null;
  /** Why the link failed or the peer left; null as soon as the link is tried again. */
  failure: Failure | null;
}

export interface ConnectionInput {
  timings: Timings;
  browser: Browser;
  relayOnly: boolean;
}

/** What an action, guard or delay receives. */
export type TransitionArgs = { context: ConnectionContext; event: ConnectionEvent };

/** Events that are a cause under their own name. Every offer except `remote.rejoin` counts as `remote.offer`. */
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

/** The cause of the outage that this event starts or continues. An event that is not a cause, such as a timer, keeps the recorded one; without one the cause is the connect deadline. */
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

/** Why the link ends. If the peer left, the recorded cause stays, because leaving is not the cause of an outage. */
export const diagnosisOf = (args: TransitionArgs, ending: Ending): Failure =>
  diagnose(ending === 'peer-left' ? args.context : { ...args.context, cause: causeOf(args) }, ending);

export const failureOf = (args: TransitionArgs): Failure =>
  args.context.failure ?? diagnosisOf(args, 'no-plan');

export const kindOf = ({ plan }: ConnectionContext): AttemptKind => plan?.kind ?? 'ice-restart';
