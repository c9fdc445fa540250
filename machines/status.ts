import type { ConnectionSnapshot } from './connection.machine';
import type { Failure } from './failure';
import type { AttemptKind } from './recovery-policy';

/** The public state of a connection (docs/STATES.md). */
export type ConnectionState =
  | 'new'
  | 'checking'
  | 'connected'
  | 'disconnected'
  | 'restarting'
  | 'failed'
  | 'closed';

/** What a game may show: the state and, during recovery, the attempt and what it waits for. */
export interface ConnectionStatus {
  /** The outermost state of the machine; nested states are not shown. */
  state: ConnectionState;
  /** Attempts counted so far; 0 on a stable link. */
  attempts: number;
  /** The option `maxIceRestarts`. */
  maxAttempts: number;
  /** What the planned or running attempt does; null if there is none. */
  kind: AttemptKind | null;
  /** Only in `restarting`: `backoff` before an attempt; `signaling` while the server cannot be reached or the page sleeps, which spends no attempt. */
  waitingFor: 'backoff' | 'signaling' | null;
  /** Why the link failed or the peer left; null as soon as the link is tried again. */
  failure: Failure | null;
}

const NESTED = ['checking', 'connected', 'restarting'] as const;

/** The outermost state: the value itself, or the only key of a nested value. */
export function stateOf({ value }: ConnectionSnapshot): ConnectionState {
  return typeof value === 'string' ? value : (NESTED.find((state) => state in value) ?? 'closed');
}

function waitingFor(snapshot: ConnectionSnapshot): ConnectionStatus['waitingFor'] {
  if (!snapshot.matches({ restarting: 'waiting' })) return null;
  return snapshot.matches({ restarting: { waiting: 'reach' } }) ? 'signaling' : 'backoff';
}

/** Maps a snapshot of the machine to the public status. */
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
