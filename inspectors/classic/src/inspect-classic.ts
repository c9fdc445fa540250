import { createDevTools, inspect } from '@xstate/inspect';
import type { StatelyObserver, StatelyOptions } from 'holdfast/inspect';
import { ClassicBridge } from './classic-bridge';

export interface ClassicOptions {
  /** The viewer's page, relative to this one. Only a page of its origin is told anything. */
  url: string;
  /** Where the viewer is shown; where there is none, a window of its own is opened. */
  iframe?: HTMLIFrameElement;
  /**
   * Types of events that a page of the viewer's origin may send to the machine of a link, `['restart', 'close']` say; none unless
   * named. Nothing but the type arrives.
   */
  allow?: readonly string[];
}

export interface ClassicInspector {
  /** An observer for the option `inspect` of one `WebRTCManager` or `createActor`. */
  observe(options?: Pick<StatelyOptions, 'label' | 'hide'>): Pick<StatelyObserver, 'next'>;
  disconnect(): void;
}

/**
 * Shows links in viewers of the classic `@xstate/inspect`, which knows xstate 4 only: each actor of xstate 5 gets a stand-in in the
 * shape of an interpreter of xstate 4.
 */
export function inspectClassic({ url, iframe, allow = [] }: ClassicOptions): ClassicInspector {
  const viewer = new URL(url, location.href);
  // Whoever frames or opened this page may post to it, and the inspector heeds any origin: here each message is seen just before it is.
  let isOfViewer = false;
  const look = ({ origin }: MessageEvent) => {
    isOfViewer = origin === viewer.origin;
  };
  window.addEventListener('message', look);
  const devTools = createDevTools();
  const inspector = inspect({ url: viewer.href, iframe: iframe ?? false, devTools });
  if (!inspector) throw new Error('@xstate/inspect found no place for its viewer');
  const bridge = new ClassicBridge(
    devTools,
    (event) => inspector.send(event),
    allow,
    () => isOfViewer,
  );
  return {
    observe: (options) => bridge.observe(options),
    disconnect() {
      window.removeEventListener('message', look);
      inspector.disconnect();
    },
  };
}
