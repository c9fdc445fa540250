import type { SessionRecord } from './records';

/** Name of the `BroadcastChannel`. The Socket.IO event has one of its own (`RELAY_EVENT`). */
export const INSPECT_CHANNEL = 'holdfast-inspect';

/**
 * Name of the lock that a source in the same browser holds while its page lives: whoever is granted it knows that the page is gone, also
 * one that was killed and said no `bye`.
 */
export const lockNameOf = (link: string): string => `${INSPECT_CHANNEL}:${link}`;

/** What a viewer may ask of a source that allows it. `simulate-loss` hands the machine a fact that ICE or the channel did not state. */
export type ControlEvent =
  | { type: 'restart' }
  | { type: 'close' }
  | { type: 'simulate-loss'; fact: 'ice.disconnected' | 'ice.failed' | 'channel.closed' };

interface Envelope {
  holdfast: 1;
}

/** Records may come again, in answer to a `hello`: a viewer keeps one of each `link` and `seq`. `isControllable`: controls are heeded. */
export interface RecordsMessage extends Envelope {
  type: 'records';
  isControllable: boolean;
  records: SessionRecord[];
}

/** A viewer has come: every source answers with what it has. */
export interface HelloMessage extends Envelope {
  type: 'hello';
}

/** A source has gone. */
export interface ByeMessage extends Envelope {
  type: 'bye';
  link: string;
}

/** A wish of a viewer's to the source with this `link`. */
export interface ControlMessage extends Envelope {
  type: 'control';
  link: string;
  event: ControlEvent;
}

/** What travels between sources and viewers. Specified in docs/RECORDS.md. */
export type InspectMessage = RecordsMessage | HelloMessage | ByeMessage | ControlMessage;
