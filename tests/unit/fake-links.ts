import type { Links } from '../../src/peer/links';
import { RoundTrips } from '../../src/peer/round-trips';

/** The few members that a heartbeat uses: one current link, which `probe` pings. */
export function fakeLinks(now: () => number) {
  const control = { hasHeartbeat: true, lastHeardAtMs: now(), roundTrips: new RoundTrips() };
  const current = {
    control,
    holds: 0,
    negotiation: {
      keepAlive() {
        current.holds += 1;
      },
    },
    /** How long no packet has come, according to the browser; unknown by default. */
    quietMs: Number.POSITIVE_INFINITY,
    pc: {
      getStats: async () => {
        const { quietMs } = current;
        const pair = { timestamp: now(), lastPacketReceivedTimestamp: now() - quietMs };
        return new Map(Number.isFinite(quietMs) ? [['pair', pair]] : []);
      },
    },
  };
  const links = {
    current,
    probes: 0,
    probe() {
      links.probes += 1;
      if (links.current.control.hasHeartbeat) links.current.control.roundTrips.ping(now());
    },
  };
  return { links, asLinks: links as unknown as Links };
}
