import { errorName } from '../log/loggable';
import type { Logger } from '../log/logger';

/** Sends without throwing. @returns false if the browser refuses: a full buffer, a message that is too large, or a closing channel. */
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
