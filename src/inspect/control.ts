import type { InspectionEvent } from 'xstate';
import type { WebRTCManager } from '../webrtc-manager';
import type { ControlEvent } from './envelope';
import type { Control } from './source';
import { sendUntyped } from './untyped-edge';

/** What a control acts on. */
export type ControlledManager = Pick<WebRTCManager, 'attemptIceRestart' | 'close'>;

/** A control, and the tap by which it finds the machine. */
export interface ControlTap {
  /** For the manager's option `inspect`, around the recorder's: `tap.inspect(recorder.inspect)`. */
  inspect(next: (event: InspectionEvent) => void): (event: InspectionEvent) => void;
  /** Heeds controls by way of this manager. */
  of(manager: ControlledManager): Control;
}

/**
 * Lets viewers restart, close or hurt a link: for development. This entry, `holdfast/inspect/control`, is the only way to do so,
 * and a bundler that builds for production (the condition `production`) gets one from it that does nothing.
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
