import { errorName } from '../log/loggable';
import type { Logger } from '../log/logger';

/** Sends, and never throws. @returns false where the browser refuses: a full buffer, a message too large, a channel that closes. */
export function trySend(
  channel: RTCDataChannel | null,
  data: string | ArrayBuffer | ArrayBufferView | Blob,
  logger: Logger,
): boolean {
  try {
    channel?.send(data as never);
    return true;
  } catch (error) {
    logger.debug('[WebRTC] not sent', errorName(error));
    return false;
  }
}
