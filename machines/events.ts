import type { Evidence } from './failure';
import type { AttemptKind } from './recovery-policy';

/** Requests from the game. */
type GameRequest = { type: 'connect' } | { type: 'restart' } | { type: 'close' };

/** An offer from the other end. `offer` is its number in the controller's inbox, so that no SDP passes through the machine. */
export type RemoteOffer =
  | { type: 'remote.offer'; offer: number }
  | { type: 'remote.restart'; offer: number }
  | { type: 'remote.rebuild'; offer: number }
  | { type: 'remote.rejoin'; offer: number };
/** What signaling reports. */
type SignalingFact =
  | RemoteOffer
  | { type: 'signaling.up' }
  | { type: 'signaling.down' }
  | { type: 'remote.left' };

/** What the peer connection and its channels report. */
type PeerFact =
  | { type: 'channel.opened' }
  | { type: 'channel.closed' }
  | { type: 'link.up' }
  | { type: 'ice.disconnected' }
  | { type: 'ice.failed' }
  | { type: 'gathering.empty' }
  | { type: 'attempt.counted' }
  /** An attempt failed before its deadline: the browser refused the answer, and offering again would get the same answer. */
  | { type: 'attempt.failed' }
  | { type: 'credentials.expiring' }
  | { type: 'peer.learned'; evidence: Partial<Evidence> };

/** What the heartbeat reports. */
type HeartbeatFact = { type: 'life.silent'; silentForMs: number } | { type: 'life.back' };

/** What the browser reports about the network and the page. */
export type EnvironmentFact =
  | { type: 'network.changed' }
  /** `slept`: the page's timers stood still, so deadlines that expired meanwhile prove nothing. Without it the page was only hidden. */
  | { type: 'page.resumed'; slept?: boolean }
  | { type: 'environment.awake' }
  | { type: 'environment.asleep' };

export type ConnectionEvent = GameRequest | SignalingFact | PeerFact | HeartbeatFact | EnvironmentFact;

/** Commands to the owner of the peer connections. */
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

/** Commands to signaling: ping the server until it answers (`ask`), ping it until `rest` (`watch`), or stop pinging (`rest`). */
export type SignalingCommand = { type: 'ask' } | { type: 'watch' } | { type: 'rest' };
