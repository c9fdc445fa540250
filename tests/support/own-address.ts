import { networkInterfaces } from 'node:os';

/** Firefox gathers candidates for the address of the default route, and cannot reach loopback from there. */
export const ownAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
