import type { ControlTap } from './control';

/** What `holdfast/inspect/control` is in a production build: no control at all. */
export const createControl = (): ControlTap | null => null;
