import type { ConnectionState, ConnectionStatus, Failure } from '../machines';
import type { QualityChange } from './stats/connection-quality-monitor';
import type { PathInfo } from './stats/path';

/** The argument of `lost` and `onConnectionLost`. */
export interface LostInfo {
  /** The browser's `iceConnectionState`. */
  iceState: string | null;
  /** The `readyState` of the game channel. */
  dcState: string | null;
  /** Wall clock, ms. */
  timestamp: number;
}

/** The events of `WebRTCManager.on()` and the arguments of their listeners. */
export interface WebRTCManagerEvents {
  /** The channel is open: the first time, and after a recovery out of `failed`. */
  open: [];
  /** A message arrived: a string or an `ArrayBuffer`. */
  message: [data: unknown];
  /** A link that was open failed, or the other player left. */
  close: [];
  /** An outage started and did not heal within `disconnectGraceMs`. */
  lost: [LostInfo];
  /** Data flows again: after `lost`, after `failed`, or after a restart that the game asked for. */
  restored: [];
  /** The link failed, or could not be made in the first place: the reason and what to do. */
  failed: [Failure];
  /** The other player left in good order. */
  closed: [{ reason: 'peer-left' }];
  /** The path was found or has changed. */
  path: [PathInfo];
  /** The quality changed, for better or worse. */
  quality: [QualityChange];
  /** The state has changed. */
  state: [ConnectionStatus & { previous: ConnectionState }];
  /** Any part of the status has changed: the state, the attempt count, the current attempt or what it waits for. */
  status: [ConnectionStatus];
}
