import type { Evidence } from './failure';
import type { AttemptKind } from './recovery-policy';

/** What the game asks for. */
type GameRequest = { type: 'connect' } | { type: 'restart' } | { type: 'close' };

/** What signaling saw. `offer` is the number under which the signaling inbox keeps the description: no SDP passes the machine. */
export type RemoteOffer =
  | { type: 'remote.offer'; offer: number }
  | { type: 'remote.restart'; offer: number }
  | { type: 'remote.rebuild'; offer: number }
  | { type: 'remote.rejoin'; offer: number };
type SignalingFact =
  | RemoteOffer
  | { type: 'signaling.up' }
  | { type: 'signaling.down' }
  | { type: 'remote.left' };

/** What the peer connection and its channels did. */
type PeerFact =
  | { type: 'channel.opened' }
  | { type: 'channel.closed' }
  | { type: 'link.up' }
  | { type: 'ice.disconnected' }
  | { type: 'ice.failed' }
  | { type: 'gathering.empty' }
  | { type: 'attempt.counted' }
  /** Before its deadline: the browser did not take the answer, and the same offer would be answered alike. */
  | { type: 'attempt.failed' }
  | { type: 'credentials.expiring' }
  | { type: 'peer.learned'; evidence: Partial<Evidence> };

/** What the heartbeat heard, or did not. */
type HeartbeatFact = { type: 'life.silent'; silentForMs: number } | { type: 'life.back' };

/** What happened around the page. */
export type EnvironmentFact =
  | { type: 'network.changed' }
  /** `slept`: the page's timers stood still, so that what ran out meanwhile proves nothing. Without it the page was only out of sight. */
  | { type: 'page.resumed'; slept?: boolean }
  | { type: 'environment.awake' }
  | { type: 'environment.asleep' };

export type ConnectionEvent = GameRequest | SignalingFact | PeerFact | HeartbeatFact | EnvironmentFact;

/** What the machine tells the owner of the peer connections to do. */
export type PeerCommand =
  | { type: 'connect' }
  | { type: 'renewOffer' }
  | { type: 'offerAnyway' }
  | { type: 'takeOffer'; offer: number }
  | { type: 'startAttempt'; kind: AttemptKind }
  | { type: 'renewAttempt'; kind: AttemptKind }
  | { type: 'tryDirect' }
  | { type: 'probe' }
  | { type: 'suspect' }
  | { type: 'settle' }
  | { type: 'giveUp' }
  | { type: 'bye' };

/** What the machine tells the signaling: to ask the server for a sign of life until it answers (`ask`), to watch it until told to rest, or to rest. */
export type SignalingCommand = { type: 'ask' } | { type: 'watch' } | { type: 'rest' };
