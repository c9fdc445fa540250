import type { Links } from '../../src/peer/links';
import { RoundTrips } from '../../src/peer/round-trips';

/** The little that a heartbeat sees of the connections: one current link, which is pinged by `probe`. */
export function fakeLinks(now: () => number) {
  const current = {
    hasHeartbeat: true,
    lastHeardAtMs: now(),
    roundTrips: new RoundTrips(),
    /** What the browser says of the packets; unknown by default. */
    quietMs: Number.POSITIVE_INFINITY,
    quietForMs: async () => current.quietMs,
  };
  const links = {
    current,
    probes: 0,
    holds: 0,
    hold() {
      links.holds += 1;
    },
    probe() {
      links.probes += 1;
      if (links.current.hasHeartbeat) links.current.roundTrips.start(now());
    },
  };
  return { links, asLinks: links as unknown as Links };
}
