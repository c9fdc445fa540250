/** Loaded separately, so that the game's own bundle contains no recorder. */
import type { WebRTCManager, WebRTCManagerOptions } from 'holdfast';
import { broadcast, createRecorder, relay } from 'holdfast/inspect';
import { createControl } from 'holdfast/inspect/control';

/** One link in the visualizer. */
export interface WatchedLink {
  /** Pass it as the manager's option `inspect`. */
  readonly inspect: NonNullable<WebRTCManagerOptions['inspect']>;
  attach(manager: WebRTCManager): void;
}

export type WatchLink = (label: string) => WatchedLink;

/** URL parameter that also sends the records through the relay, for a visualizer on another device. */
const SHARED = 'inspect';

let stop: (() => void) | null = null;

/** Shows a link in the visualizer of this browser; it replaces the previous link. */
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
