import type { ControlTap } from './control';

/** `holdfast/inspect/control` in a production build: it provides no control. */
export const createControl = (): ControlTap | null => null;
