import { createDevTools, inspect } from '@xstate/inspect';
import type { StatelyObserver, StatelyOptions } from 'holdfast/inspect';
import { ClassicBridge } from './classic-bridge';

export interface ClassicOptions {
  /** The viewer's page, relative to this one. Only pages of its origin receive anything. */
  url: string;
  /** Where the viewer is shown. Default: a new window. */
  iframe?: HTMLIFrameElement;
  /**
   * Types of events that a page of the viewer's origin may send to the machine of a link, for example `['restart', 'close']`.
   * Default: none. Only the type is passed on.
   */
  allow?: readonly string[];
}

export interface ClassicInspector {
  /** An observer for the option `inspect` of one `WebRTCManager` or `createActor`. */
  observe(options?: Pick<StatelyOptions, 'label' | 'hide'>): Pick<StatelyObserver, 'next'>;
  disconnect(): void;
}

/**
 * Shows links in viewers of the classic `@xstate/inspect`, which supports only xstate 4. Each actor of xstate 5 is represented by an object
 * with the shape of an xstate 4 interpreter.
 */
export function inspectClassic({ url, iframe, allow = [] }: ClassicOptions): ClassicInspector {
  const viewer = new URL(url, location.href);
  // A page that frames or opened this one may post to it, and the inspector accepts any origin. This listener sees each message just before the inspector does.
  let isOfViewer = false;
  const look = ({ origin }: MessageEvent) => {
    isOfViewer = origin === viewer.origin;
  };
  window.addEventListener('message', look);
  const devTools = createDevTools();
  const inspector = inspect({ url: viewer.href, iframe: iframe ?? false, devTools });
  if (!inspector) throw new Error('@xstate/inspect could not open its viewer');
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
