/**
 * The frames of the control channel: short text, a letter and a number. Both ends create the channel with `negotiated: true` and a fixed id, so an
 * upstream peer never sees it. It carries nothing until both ends have said that they support it. See docs/PROTOCOL.md.
 */
export type ControlFrame =
  /** Asks for a `pong`. */
  | { type: 'ping'; seq: number }
  /** Answers the ping of the same number. */
  | { type: 'pong'; seq: number }
  /** The sender sends on this connection from now on. */
  | { type: 'moved' }
  /** Answers `moved`: this end does, too. */
  | { type: 'moved-too' }
  /** The sender closes the link. */
  | { type: 'bye' };

/** Above the ids that browsers assign themselves, and below 256: Firefox up to version 140 has 256 streams towards Chromium and cannot send on a higher one. */
export const CONTROL_CHANNEL_ID = 200;
export const CONTROL_CHANNEL_LABEL = 'holdfast';
/** The capability in the `holdfast` member for an end that opens the control channel and answers pings. */
export const HEARTBEAT = 'heartbeat';

const FRAME_LETTERS = { ping: 'p', pong: 'q', moved: 'm', 'moved-too': 'n', bye: 'b' } as const;

/** @returns the frame as text. */
export const encodeFrame = (frame: ControlFrame): string =>
  FRAME_LETTERS[frame.type] + ('seq' in frame ? String(frame.seq) : '');

/** @returns the frame, or null if the data is not a frame. */
export function decodeFrame(data: unknown): ControlFrame | null {
  if (typeof data !== 'string') return null;
  for (const type of ['moved', 'moved-too', 'bye'] as const)
    if (data === FRAME_LETTERS[type]) return { type };
  const match = /^([pq])(\d{1,15})$/.exec(data);
  return match ? { type: match[1] === 'p' ? 'ping' : 'pong', seq: Number(match[2]) } : null;
}
