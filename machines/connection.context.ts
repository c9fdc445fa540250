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
export type Scene = { context: ConnectionContext; event: ConnectionEvent };

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
export const causeOf = ({ context, event }: Scene): Cause =>
  CAUSES.find((cause) => cause === event.type) ??
  ('offer' in event ? 'remote.offer' : (context.cause ?? 'connect.timeout'));

const LEARNT: Partial<Record<ConnectionEvent['type'], Partial<Evidence>>> = {
  'channel.opened': { channel: 'open' },
  'signaling.up': { signaling: 'up' },
  'signaling.down': { signaling: 'down' },
  'environment.awake': { awake: true },
  'environment.asleep': { awake: false },
};

export const learnFrom = (evidence: Evidence, event: ConnectionEvent): Evidence => ({
  ...evidence,
  ...(event.type === 'peer.learned' ? event.evidence : LEARNT[event.type]),
});

export const toRecoveryInput = (scene: Scene): RecoveryInput => {
  const { attempts, timings, browser, evidence } = scene.context;
  return { attempts, maxAttempts: timings.maxIceRestarts, cause: causeOf(scene), browser, evidence };
};

/** Why the link ends. That the peer left is no cause of an outage, so it does not replace the one that was noted. */
export const diagnosisOf = (scene: Scene, ending: Ending): Failure =>
  diagnose(ending === 'peer-left' ? scene.context : { ...scene.context, cause: causeOf(scene) }, ending);

export const failureOf = (scene: Scene): Failure => scene.context.failure ?? diagnosisOf(scene, 'no-plan');

export const kindOf = ({ plan }: ConnectionContext): AttemptKind => plan?.kind ?? 'ice-restart';
