import type { RateLimits } from './rate-limit';

export type EventBucket = Exclude<keyof RateLimits, 'bytes' | 'refusals'>;

/** What a Socket.IO packet reveals without being parsed. */
export interface RawMessage {
  /** Null if the packet is not an event, or its name is unusual. */
  readonly event: string | null;
  readonly bucket: EventBucket;
  /** Id of the requested acknowledgement. */
  readonly ack: string | null;
  /** Number of binary messages that follow and belong to it. */
  readonly attachments: number;
}

const KIBIBYTE = 1024;

/** Size limits with envelope and attachments. Each is above the limit of the event's schema, so that the schema can say what is wrong. */
export const MAX_EVENT_BYTES: Readonly<Record<EventBucket, number>> = {
  webrtc_signal: 272 * KIBIBYTE,
  game_data: 80 * KIBIBYTE,
  inspect: 136 * KIBIBYTE,
  reports: 24 * KIBIBYTE,
  join_game: 4 * KIBIBYTE,
  other: 4 * KIBIBYTE,
};

// `2` for an event, `5<count>-` for one with attachments, `6<count>-` for an acknowledgement with attachments; then the acknowledgement's
// id and the event's name. The main namespace is not named.
const EVENT = /^(?:2|[56](\d{1,4})-)(\d{1,16})?(?:\["([\w.:-]{1,64})")?/;

/** An event whose name is in unusual notation, with escapes for example, counts as unknown and gets the lowest limits. */
export function readRawMessage(packet: string): RawMessage {
  const match = EVENT.exec(packet);
  const event = match?.[3] ?? null;
  return {
    event,
    bucket: bucketFor(event),
    ack: match?.[2] ?? null,
    attachments: Number(match?.[1] ?? 0),
  };
}

/** A text below this size is cheap to parse, so it is not checked first. */
const SMALL_CHARS = 8 * KIBIBYTE;
/** Depth of the whole packet; a payload may be 32 levels deep. */
const MAX_DEPTH = 40;
const MAX_VALUES = 32 * 1024;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const isOpening = (code: number): boolean => code === 0x5b || code === 0x7b;
const isClosing = (code: number): boolean => code === 0x5d || code === 0x7d;

/** Whether the cost of parsing is in proportion to its size. A text of nothing but brackets and commas costs twenty times as much. */
export function isParseable(packet: string): boolean {
  if (packet.length <= SMALL_CHARS) return true;
  let [depth, values, isString] = [0, 0, false];
  for (let at = 0; at < packet.length; at += 1) {
    const code = packet.charCodeAt(at);
    if (code === QUOTE) isString = !isString;
    else if (isString) at += code === BACKSLASH ? 1 : 0;
    else if (isOpening(code)) depth += 1;
    else if (isClosing(code)) depth -= 1;
    else if (code === COMMA) values += 1;
    if (depth > MAX_DEPTH || values > MAX_VALUES) return false;
  }
  return true;
}

export function bucketFor(event: unknown): EventBucket {
  if (event === 'holdfast_inspect' || event === 'holdfast_watch') return 'inspect';
  if (event === 'webrtc_signal' || event === 'game_data' || event === 'join_game') return event;
  return typeof event === 'string' && event.startsWith('p2p_') ? 'reports' : 'other';
}
