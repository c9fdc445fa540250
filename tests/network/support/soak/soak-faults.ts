import { setTimeout as delay } from 'node:timers/promises';
import type { RunningRelay } from '../../../support/relay';
import type { UdpRelay } from '../udp-relay.js';
import type { TcpGate } from './tcp-gate.js';

/** What is between the two players. */
export interface SoakGround {
  readonly udp: UdpRelay;
  readonly gate: TcpGate;
  readonly relay: RunningRelay;
}

export interface SoakFault {
  readonly kind: string;
  /** The ends, 0 and 1, that cannot miss it, because they receive nothing any more. */
  readonly isSeenBy: readonly number[];
  /** Resolves at the end of the fault. */
  strike(ground: SoakGround): Promise<unknown>;
}

const BOTH = [0, 1];
const CUT_MS = 3_000;
const SIGNALING_MS = 4_000;

async function during(ms: number, begin: () => void, end: () => void, meanwhile?: () => Promise<unknown>) {
  begin();
  await Promise.all([delay(ms), meanwhile?.()]);
  end();
}

const cutWithSignaling = (kind: string, hinder: (gate: TcpGate) => void): SoakFault => ({
  kind,
  isSeenBy: BOTH,
  strike: ({ udp, gate }) =>
    during(
      CUT_MS,
      () => {
        udp.blackHole();
        hinder(gate);
      },
      () => {
        udp.heal();
        gate.open();
      },
    ),
});

export const SOAK_FAULTS: readonly SoakFault[] = [
  {
    kind: 'UDP cut',
    isSeenBy: BOTH,
    strike: ({ udp }) =>
      during(
        CUT_MS,
        () => udp.blackHole(),
        () => udp.heal(),
      ),
  },
  {
    kind: 'UDP lost one way',
    isSeenBy: [1],
    strike: ({ udp }) =>
      during(
        CUT_MS,
        () => udp.oneWayLoss('a->b'),
        () => udp.heal(),
      ),
  },
  { kind: 'address rebinding', isSeenBy: [], strike: ({ udp }) => udp.rebind('a') },
  { kind: 'relay restart', isSeenBy: [], strike: ({ relay }) => relay.restart() },
  {
    kind: 'signaling outage',
    isSeenBy: [],
    strike: ({ gate }) =>
      during(
        SIGNALING_MS,
        () => gate.shut(),
        () => gate.open(),
      ),
  },
  {
    kind: 'UDP cut, relay restart within',
    isSeenBy: BOTH,
    strike: ({ udp, relay }) =>
      during(
        CUT_MS,
        () => udp.blackHole(),
        () => udp.heal(),
        () => relay.restart(),
      ),
  },
  cutWithSignaling('UDP cut, signaling frozen', (gate) => gate.freeze()),
  cutWithSignaling('UDP cut, signaling gone', (gate) => gate.shut()),
  {
    kind: 'a third of UDP lost',
    isSeenBy: [],
    strike: ({ udp }) =>
      during(
        CUT_MS,
        () => udp.set({ loss: 0.33 }),
        () => udp.heal(),
      ),
  },
];
