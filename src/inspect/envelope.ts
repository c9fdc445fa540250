import type { SessionRecord } from './records';

/** Name of the `BroadcastChannel`. The Socket.IO event has another name (`RELAY_EVENT`). */
export const INSPECT_CHANNEL = 'holdfast-inspect';

/**
 * Name of the Web Lock that a source in the same browser holds while its page lives. A viewer that is granted the lock knows that the page is
 * gone, even if it was killed and sent no `bye`.
 */
export const lockNameOf = (link: string): string => `${INSPECT_CHANNEL}:${link}`;

/** What a viewer may ask of a source that allows control. `simulate-loss` sends the machine a fact that ICE or the channel did not report. */
export type ControlEvent =
  | { type: 'restart' }
  | { type: 'close' }
  | { type: 'simulate-loss'; fact: 'ice.disconnected' | 'ice.failed' | 'channel.closed' };

interface Envelope {
  holdfast: 1;
}

/** Records may arrive again, in answer to a `hello`: a viewer keeps one for each `link` and `seq`. `isControllable`: the source accepts controls. */
export interface RecordsMessage extends Envelope {
  type: 'records';
  isControllable: boolean;
  records: SessionRecord[];
}

/** A viewer has connected. Every source answers with its records. */
export interface HelloMessage extends Envelope {
  type: 'hello';
}

/** A source has gone. */
export interface ByeMessage extends Envelope {
  type: 'bye';
  link: string;
}

/** A request of a viewer to the source with this `link`. */
export interface ControlMessage extends Envelope {
  type: 'control';
  link: string;
  event: ControlEvent;
}

/** The messages between sources and viewers. Specified in docs/RECORDS.md. */
export type InspectMessage = RecordsMessage | HelloMessage | ByeMessage | ControlMessage;
