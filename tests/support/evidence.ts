import type { Evidence } from '../../machines';

/** A direct link that was up, towards a Holdfast peer that answers, with everything within reach. */
export const HEALTHY: Evidence = {
  remote: 'holdfast',
  remoteIsFirefox: false,
  channel: 'open',
  wasUp: true,
  answered: true,
  relayOnly: false,
  relayAvailable: false,
  gathered: true,
  turnRefused: false,
  path: 'direct',
  signaling: 'up',
  awake: true,
};
