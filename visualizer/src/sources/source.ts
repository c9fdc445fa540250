import { type ControlEvent, parseMessage, type SessionRecord } from 'holdfast/inspect';
import { jsonOf } from '../model/lines';
import { type Newer, newerOf, newest } from '../model/newer';

/** Sends a wish to a link's machine. */
export type SendControl = (link: string, event: ControlEvent) => void;

/** How a source is reached. `refused`: the relay was not started for watchers; `full`: it has enough of them. */
export type SourceState = 'connecting' | 'open' | 'unreachable' | 'refused' | 'full';

/** What a source of live records tells. */
export interface SourceListener {
  /** `control` is null where the source allows none. */
  records(records: readonly SessionRecord[], control: SendControl | null): void;
  /** Records came of which none can be read. */
  newer(newer: Newer): void;
  /** The page of this link is gone. */
  gone(link: string): void;
  state(state: SourceState): void;
}

/** What is no message of a source's changes nothing. */
export function takeMessage(data: unknown, listener: SourceListener, send: SendControl | null): void {
  const message = parseMessage(data);
  if (message?.type === 'bye') listener.gone(message.link);
  if (message?.type !== 'records') return;
  listener.records(message.records, message.isControllable ? send : null);
  const newer = message.records.length === 0 ? newerIn(data) : null;
  if (newer) listener.newer(newer);
}

/** A message is read without the records that are not known. */
function newerIn(data: unknown): Newer | null {
  const message = typeof data === 'string' ? jsonOf(data) : data;
  if (typeof message !== 'object' || message === null || !('records' in message)) return null;
  const records: unknown[] = Array.isArray(message.records) ? message.records : [];
  return records.map(newerOf).reduce(newest, null);
}
