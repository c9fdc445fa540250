/**
 * Frames of the control channel: short text, a letter and a number. The channel is negotiated under a fixed id on both sides, so
 * that an upstream peer never sees it, and carries nothing before both ends said that they know it. See docs/PROTOCOL.md.
 */
export type ControlFrame =
  /** Are you there? */
  | { type: 'ping'; seq: number }
  /** The echo of a ping. */
  | { type: 'pong'; seq: number }
  /** I send on this connection from now on. */
  | { type: 'moved' }
  /** The answer to `moved`: so do I. */
  | { type: 'moved-too' }
  /** I leave in good order. */
  | { type: 'bye' };

/** Above the ids that browsers hand out by themselves, and among the 256 streams that Firefoxes to 140 have towards a Chromium: on a higher one they cannot send. */
export const CONTROL_CHANNEL_ID = 200;
export const CONTROL_CHANNEL_LABEL = 'holdfast';
/** The capability in the `holdfast` member that says «I open the control channel and answer its pings». */
export const HEARTBEAT = 'heartbeat';

const FRAME_LETTERS = { ping: 'p', pong: 'q', moved: 'm', 'moved-too': 'n', bye: 'b' } as const;

/** A letter, and the number of a ping or pong. */
export const encodeFrame = (frame: ControlFrame): string =>
  FRAME_LETTERS[frame.type] + ('seq' in frame ? String(frame.seq) : '');

/** @returns the frame, or null for whatever is none. */
export function decodeFrame(data: unknown): ControlFrame | null {
  if (typeof data !== 'string') return null;
  for (const type of ['moved', 'moved-too', 'bye'] as const)
    if (data === FRAME_LETTERS[type]) return { type };
  const match = /^([pq])(\d{1,15})$/.exec(data);
  return match ? { type: match[1] === 'p' ? 'ping' : 'pong', seq: Number(match[2]) } : null;
}
