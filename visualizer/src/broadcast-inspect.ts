import type { InspectionEvent } from 'xstate';
import { CHANNEL, type Message, parseMessage, type Snapshot } from './feed';

/** The part of a `BroadcastChannel` that is used. */
export interface ChannelLike {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

let links = 0;

/**
 * An `inspect` option for one `WebRTCManager` that shows its machine in the visualizer, if the page is open in the same browser
 * and on the same origin. Posts names of events and states and the machine's context, as JSON; a failure to post is
 * swallowed, since a game must not end for being watched.
 *
 * @param name how the page names the link, e.g. `'player 1'`
 */
export function broadcastInspect(
  name = `link ${++links}`,
  channel: ChannelLike = new BroadcastChannel(CHANNEL),
  now: () => number = Date.now,
): (event: InspectionEvent) => void {
  const link = name;
  let last: Snapshot | null = null;
  const post = (message: Message) => {
    try {
      channel.postMessage(message);
    } catch {}
  };
  channel.onmessage = ({ data }) => {
    if (last && parseMessage(data)?.kind === 'hello') post(last);
  };
  return (event) => {
    const message = messageOf(event, { link, at: now() });
    if (message?.kind === 'snapshot') last = message;
    if (message) post(message);
  };
}

/** Of all that xstate tells an inspector: transitions of the connection machine, and what its outage machine announces. */
export function messageOf(event: InspectionEvent, stamp: { link: string; at: number }): Message | null {
  if (event.type === '@xstate.snapshot' && event.rootId === event.actorRef.sessionId) {
    const { snapshot } = event;
    const value = 'value' in snapshot ? snapshot.value : null;
    const context = 'context' in snapshot ? snapshot.context : null;
    return parseMessage({
      kind: 'snapshot',
      ...stamp,
      event: event.event.type,
      value: scrub(value),
      context: scrub(context),
    });
  }
  if (event.type === '@xstate.action' && event.action.type === 'xstate.emit') {
    const announcement = typeOf(event.action.params);
    return announcement === null ? null : { kind: 'announced', ...stamp, announcement };
  }
  return null;
}

/** JSON and nothing else; what is not JSON is left out. */
function scrub(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value ?? null));
  } catch {
    return null;
  }
}

function typeOf(params: unknown): string | null {
  if (typeof params !== 'object' || params === null || !('event' in params)) return null;
  const { event } = params;
  if (typeof event !== 'object' || event === null || !('type' in event)) return null;
  return typeof event.type === 'string' ? event.type : null;
}
