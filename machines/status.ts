import type { ConnectionSnapshot } from './connection.machine';
import type { Failure } from './failure';
import type { AttemptKind } from './recovery-policy';

/** The public word for where a connection is. */
export type ConnectionState =
  | 'new'
  | 'checking'
  | 'connected'
  | 'disconnected'
  | 'restarting'
  | 'failed'
  | 'closed';

/** What a game may show: the state and, while it recovers, which attempt and what it waits for. */
export interface ConnectionStatus {
  /** Nested states are not shown. */
  state: ConnectionState;
  /** Attempts counted so far; 0 on a stable link. */
  attempts: number;
  /** The option `maxIceRestarts`. */
  maxAttempts: number;
  /** The attempt waited for or under way, or null. */
  kind: AttemptKind | null;
  /** In `restarting`: `signaling` while the server is out of reach or the page asleep, when no attempt is spent. */
  waitingFor: 'backoff' | 'signaling' | null;
  /** Why the link was given up, or left; null as soon as it is tried again. */
  failure: Failure | null;
}

const NESTED = ['checking', 'connected', 'restarting'] as const;

/** The outermost state: the value itself, or its only key where states are nested in it. */
export function stateOf({ value }: ConnectionSnapshot): ConnectionState {
  return typeof value === 'string' ? value : (NESTED.find((state) => state in value) ?? 'closed');
}

function waitingFor(snapshot: ConnectionSnapshot): ConnectionStatus['waitingFor'] {
  if (!snapshot.matches({ restarting: 'waiting' })) return null;
  return snapshot.matches({ restarting: { waiting: 'reach' } }) ? 'signaling' : 'backoff';
}

/** The mapping from the machine's snapshot, nested states and all, to the public status. */
export function toStatus(snapshot: ConnectionSnapshot): ConnectionStatus {
  const { attempts, timings, plan, failure } = snapshot.context;
  return {
    state: stateOf(snapshot),
    attempts,
    maxAttempts: timings.maxIceRestarts,
    kind: plan?.kind ?? null,
    waitingFor: waitingFor(snapshot),
    failure,
  };
}
