import type { ConnectionState, ConnectionStatus, Failure } from '../machines';
import type { QualityChange } from './stats/connection-quality-monitor';
import type { PathInfo } from './stats/path';

/** What `onConnectionLost` is told. */
export interface LostInfo {
  /** The browser's `iceConnectionState`. */
  iceState: string | null;
  /** The `readyState` of the game channel. */
  dcState: string | null;
  /** Wall clock, ms. */
  timestamp: number;
}

/** The events of `WebRTCManager.on()`, with what each listener is handed. */
export interface WebRTCManagerEvents {
  /** The channel is open: the first time, and after a recovery out of `failed`. */
  open: [];
  /** A message came: a string or an `ArrayBuffer`. */
  message: [data: unknown];
  /** A link that was open was given up, or the other player left. */
  close: [];
  /** An outage began, which nothing has mended within the grace. */
  lost: [LostInfo];
  /** Data flows again. */
  restored: [];
  /** The link was given up, or could never be made: why, and what can be done. */
  failed: [Failure];
  /** The other player left in good order. */
  closed: [{ reason: 'peer-left' }];
  /** The path was found, or changed. */
  path: [PathInfo];
  /** The quality changed, for the better, too. */
  quality: [QualityChange];
  /** The state has changed. */
  state: [ConnectionStatus & { previous: ConnectionState }];
  /** Anything of the status has changed: the state, the attempts counted, the one under way, what is waited for. */
  status: [ConnectionStatus];
}
