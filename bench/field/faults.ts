import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../../tests/network/support/lab.js';

export interface Fault {
  name: string;
  title: string;
  /** Gives both ends the lab's TURN server. */
  withTurn?: true;
  /** Times in ms of the wall clock; `healedAtMs` is null where the fault lasts. */
  play(lab: Lab): Promise<{ faultAtMs: number; healedAtMs: number | null }>;
}

const during = (seconds: number, begin: (lab: Lab) => Promise<number>) => async (lab: Lab) => {
  const faultAtMs = await begin(lab);
  await delay(seconds * 1_000);
  return { faultAtMs, healedAtMs: await lab.heal() };
};

const lasting = (begin: (lab: Lab) => Promise<number>) => async (lab: Lab) => ({
  faultAtMs: await begin(lab),
  healedAtMs: null,
});

export const FAULTS: readonly Fault[] = [
  ...[8, 20, 40].map((seconds) => ({
    name: `udp-${seconds}`,
    title: `peer-to-peer UDP dropped for ${seconds} s`,
    play: during(seconds, (lab) => lab.cutPeerToPeerUdp()),
  })),
  {
    name: 'peer-20',
    title: 'one player cut off entirely for 20 s',
    play: during(20, (lab) => lab.cutPeer('a')),
  },
  {
    name: 'address',
    title: 'a new address on one player, the other behind a stateful firewall',
    play: lasting(async (lab) => {
      await lab.statefulFirewall('b');
      return lab.changeAddress('a');
    }),
  },
  {
    name: 'blocked',
    title: 'direct path blocked for good, TURN reachable',
    withTurn: true,
    play: lasting((lab) => lab.blockDirectForGood()),
  },
];
