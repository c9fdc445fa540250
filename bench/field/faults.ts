import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../../tests/network/support/lab.js';
import type { Browsers, Scene } from './scene';

export interface Fault {
  name: string;
  title: string;
  /** The pairs of browsers it is run between. */
  browsers: readonly Browsers[];
  /** Gives both ends the lab's TURN server. */
  withTurn?: true;
  /** Times in ms of the wall clock; `healedAtMs` is null if the fault lasts. */
  play(scene: Scene): Promise<{ faultAtMs: number; healedAtMs: number | null }>;
}

const ALL: readonly Browsers[] = ['cc', 'cf', 'ff'];
const CHROMIUMS: readonly Browsers[] = ['cc'];

const during =
  (seconds: number, begin: (lab: Lab) => Promise<number>): Fault['play'] =>
  async ({ lab }) => {
    const faultAtMs = await begin(lab);
    await delay(seconds * 1_000);
    return { faultAtMs, healedAtMs: await lab.heal() };
  };

const lasting =
  (begin: (lab: Lab) => Promise<number>): Fault['play'] =>
  async ({ lab }) => ({ faultAtMs: await begin(lab), healedAtMs: null });

/** Ends as soon as the returning page begins to join. */
const absence =
  (leaveAndJoin: (scene: Scene) => Promise<number>): Fault['play'] =>
  async (scene) => {
    const faultAtMs = Date.now();
    return { faultAtMs, healedAtMs: await leaveAndJoin(scene) };
  };

const udpCut = (seconds: number, browsers: readonly Browsers[]): Fault => ({
  name: `udp-${seconds}`,
  title: `peer-to-peer UDP cut, ${seconds} s`,
  browsers,
  play: during(seconds, (lab) => lab.cutPeerToPeerUdp()),
});

export const FAULTS: readonly Fault[] = [
  udpCut(8, CHROMIUMS),
  udpCut(20, ALL),
  udpCut(40, ALL),
  {
    name: 'peer-20',
    title: 'one player cut off entirely, 20 s',
    browsers: CHROMIUMS,
    play: during(20, (lab) => lab.cutPeer('a')),
  },
  {
    name: 'address',
    title: 'new address, firewall before the other',
    browsers: ALL,
    play: lasting(async (lab) => {
      await lab.statefulFirewall('b');
      return lab.changeAddress('a');
    }),
  },
  {
    name: 'blocked',
    title: 'direct path blocked, TURN reachable',
    browsers: ALL,
    withTurn: true,
    play: lasting((lab) => lab.blockDirectForGood()),
  },
  {
    name: 'reload',
    title: 'page reloads',
    browsers: ALL,
    play: absence((scene) => scene.reload('b')),
  },
  {
    name: 'crash',
    title: 'browser crashes, another 5 s later',
    browsers: CHROMIUMS,
    play: absence(async (scene) => {
      await scene.crash('b');
      await delay(5_000);
      return scene.enter('b');
    }),
  },
];
