import { type ControlEvent, parseMessage, type SessionRecord } from 'holdfast/inspect';
import { jsonOf } from '../model/lines';
import { type NewerVersion, newerVersionOf, newest } from '../model/newer-version';

/** Sends a control to a link's machine. */
export type SendControl = (link: string, event: ControlEvent) => void;

/** The state of a source. `refused`: the relay does not allow watching; `full`: the game has the maximum number of watchers. */
export type SourceState = 'connecting' | 'open' | 'unreachable' | 'refused' | 'full';

/** Receives what a source of live records reports. */
export interface SourceListener {
  /** `control` is null if the source allows no control. */
  records(records: readonly SessionRecord[], control: SendControl | null): void;
  /** Records arrived, but none of them can be read. */
  newer(newer: NewerVersion): void;
  /** The page of this link is gone. */
  gone(link: string): void;
  state(state: SourceState): void;
}

/** Handles a message of a source and ignores anything else. */
export function handleMessage(data: unknown, listener: SourceListener, send: SendControl | null): void {
  const message = parseMessage(data);
  if (message?.type === 'bye') listener.gone(message.link);
  if (message?.type !== 'records') return;
  listener.records(message.records, message.isControllable ? send : null);
  const newer = message.records.length === 0 ? newerIn(data) : null;
  if (newer) listener.newer(newer);
}

/** `parseMessage` drops unknown records, so this reads the message again. */
function newerIn(data: unknown): NewerVersion | null {
  const message = typeof data === 'string' ? jsonOf(data) : data;
  if (typeof message !== 'object' || message === null || !('records' in message)) return null;
  const records: unknown[] = Array.isArray(message.records) ? message.records : [];
  return records.map(newerVersionOf).reduce(newest, null);
}
