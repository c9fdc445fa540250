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
  /** From `holdfast/inspect/control`; without it no viewer can do anything but look. */
  control?: Control;
  /** In place of a `BroadcastChannel` of the name {@link INSPECT_CHANNEL}. */
  channel?: ChannelLike;
}

/** A viewer sees a step within two frames or so, and a burst costs one message. */
const GATHER_MS = 40;
const PER_MESSAGE = 500;

/** A `BroadcastChannel` as a port, for sources and viewers alike. Posts JSON text: one flat string to copy. */
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
 * Shows a recorder to the viewers of the same browser and origin, the visualizer say. Needs no server and no permission.
 *
 * @returns its stop.
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

/** Where there are no locks (an origin that is not secure) a killed page is not noticed. @returns its undo. */
function holdLock(name: string): () => void {
  let release = () => {};
  const isOver = new Promise<void>((resolve) => {
    release = resolve;
  });
  globalThis.navigator?.locks?.request(name, () => isOver).catch(() => {});
  return release;
}
