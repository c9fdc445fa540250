import { INSPECT_CHANNEL, lockNameOf } from './envelope';
import type { Recorder } from './recorder';
import { type Control, type InspectPort, serveRecords } from './source';

/** The part of a `BroadcastChannel` that is used. */
export interface ChannelLike {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export interface BroadcastOptions {
  /** From `holdfast/inspect/control`. Without it viewers can only watch. */
  control?: Control;
  /** Default: a `BroadcastChannel` named {@link INSPECT_CHANNEL}. */
  channel?: ChannelLike;
}

/** A viewer sees a step within about two frames, and a burst of records costs one message. */
const GATHER_MS = 40;
const PER_MESSAGE = 500;

/** Wraps a `BroadcastChannel` as a port, for sources and viewers. Posts JSON text, because a flat string is cheap to copy. */
export function channelPort(channel: ChannelLike): InspectPort {
  return {
    post: (message) => channel.postMessage(JSON.stringify(message)),
    listen(handler) {
      channel.onmessage = ({ data }) => handler(data);
      return () => {
        channel.onmessage = null;
      };
    },
  };
}

/**
 * Sends a recorder's records to viewers of the same origin in the same browser, such as the visualizer. Needs no server and no permission.
 *
 * @returns a function that stops it.
 */
export function broadcast(recorder: Recorder, { control, channel }: BroadcastOptions = {}): () => void {
  const open = channel ?? new BroadcastChannel(INSPECT_CHANNEL);
  const release = holdLock(lockNameOf(recorder.link));
  const stopServing = serveRecords({
    recorder,
    port: channelPort(open),
    control,
    gatherMs: GATHER_MS,
    perMessage: PER_MESSAGE,
    maxBacklog: Number.POSITIVE_INFINITY,
  });
  const stop = () => {
    globalThis.removeEventListener?.('pagehide', stop);
    stopServing();
    release();
    open.close();
  };
  globalThis.addEventListener?.('pagehide', stop);
  return stop;
}

/** Without the Web Locks API (on an insecure origin) viewers do not notice a killed page. @returns a function that releases the lock. */
function holdLock(name: string): () => void {
  let release = () => {};
  const isOver = new Promise<void>((resolve) => {
    release = resolve;
  });
  globalThis.navigator?.locks?.request(name, () => isOver).catch(() => {});
  return release;
}
