import type { InspectionEvent } from 'xstate';
import type { WebRTCManager } from '../webrtc-manager';
import type { ControlEvent } from './envelope';
import type { Control } from './source';
import { sendUntyped } from './untyped-edge';

/** The part of a manager that a control uses. */
export type ControlledManager = Pick<WebRTCManager, 'attemptIceRestart' | 'close'>;

/** Creates the control for a manager, and hooks into inspection to find its machine. */
export interface ControlTap {
  /** For the manager's option `inspect`, around the recorder's: `tap.inspect(recorder.inspect)`. */
  inspect(next: (event: InspectionEvent) => void): (event: InspectionEvent) => void;
  /** The control that acts on this manager. */
  of(manager: ControlledManager): Control;
}

/**
 * Lets viewers restart a link, close it or simulate a loss, for development. Only this entry, `holdfast/inspect/control`, makes that
 * possible. In a production build (the export condition `production`) it returns null.
 */
export function createControl(): ControlTap | null {
  let machine: InspectionEvent['actorRef'] | null = null;
  return {
    inspect: (next) => (event) => {
      if (event.type === '@xstate.actor' && event.actorRef.sessionId === event.rootId)
        machine = event.actorRef;
      next(event);
    },
    of: (manager) => (event: ControlEvent) => {
      switch (event.type) {
        case 'restart':
          return void manager.attemptIceRestart();
        case 'close':
          return manager.close();
        case 'simulate-loss':
          return sendUntyped(machine ?? undefined, { type: event.fact });
      }
    },
  };
}
