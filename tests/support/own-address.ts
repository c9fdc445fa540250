import { networkInterfaces } from 'node:os';

/** Firefox gathers for the address of the default route, and reaches no loopback from there. */
export const ownAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
