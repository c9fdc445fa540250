/** Loaded beside the game, never with it: the game's own bundle has nothing of what follows. */
import type { WebRTCManager, WebRTCManagerOptions } from 'holdfast';
import { broadcast, createRecorder, relay } from 'holdfast/inspect';
import { createControl } from 'holdfast/inspect/control';

/** One link in the visualizer. */
export interface WatchedLink {
  /** For the manager's option of that name. */
  readonly inspect: NonNullable<WebRTCManagerOptions['inspect']>;
  attach(manager: WebRTCManager): void;
}

export type WatchLink = (label: string) => WatchedLink;

/** In an address: the records go through the relay, too, for a visualizer on another device. */
const SHARED = 'inspect';

let stop: (() => void) | null = null;

/** Shows a link to the visualizer, in this browser; the link before it ends there. */
export function watchLink(label: string): WatchedLink {
  const recorder = createRecorder({ label });
  const control = createControl();
  return {
    inspect: control ? control.inspect(recorder.inspect) : recorder.inspect,
    attach(manager) {
      stop?.();
      recorder.attach(manager);
      const stopBroadcast = broadcast(recorder, control ? { control: control.of(manager) } : {});
      const isShared = new URLSearchParams(location.search).has(SHARED);
      const stopRelay = isShared ? relay(recorder, manager.socket, { gameId: manager.gameId }) : null;
      stop = () => {
        stopBroadcast();
        stopRelay?.();
      };
    },
  };
}
