import { beforeEach, describe, expect, it } from 'vitest';
import { FakeNetwork, type IceAgent } from '../../src/testing/fake-network';
import { Timers } from '../../src/testing/timers';

let network: FakeNetwork;
let dice: number;
let rolls: number;

beforeEach(() => {
  dice = 0;
  rolls = 0;
  network = new FakeNetwork(new Timers(), () => {
    rolls += 1;
    return dice;
  });
});

/** Whether packets of each page arrive, on the direct path and by the relay. */
const paths = () => ({
  direct: [network.carries(0, 'direct'), network.carries(1, 'direct')],
  relay: [network.carries(0, 'relay'), network.carries(1, 'relay')],
});
const delays = () => [network.delayMs(0), network.delayMs(1), network.rttMs()];

const agent = (ufrag: string) => {
  const seen = {
    looks: 0,
    isUp: true,
    generationOf: (name: string) =>
      name === ufrag
        ? { local: ufrag, remote: '', localKinds: new Set<never>(), remoteKinds: new Set<never>() }
        : null,
    look: () => {
      seen.looks += 1;
    },
  } satisfies IceAgent & { looks: number };
  return seen;
};

const ALL = [true, true];
const NONE = [false, false];

describe('a fake network', () => {
  it('carries both kinds both ways, without delay or loss, by default', () => {
    expect(paths()).toEqual({ direct: ALL, relay: ALL });
    expect(delays()).toEqual([0, 0, 0]);
    expect(network.gatheringDelayMs).toEqual({ 0: 0, 1: 0 });
    expect([network.losesPacket(0), network.losesPacket(1), rolls]).toEqual([false, false, 0]);
  });

  it.each([
    { what: 'cut', act: () => network.cut(), direct: NONE, relay: NONE },
    {
      what: 'cut from the first page',
      act: () => network.cut(0),
      direct: [false, true],
      relay: [false, true],
    },
    {
      what: 'cut from the second page',
      act: () => network.cut(1),
      direct: [true, false],
      relay: [true, false],
    },
    { what: 'blocked for direct paths', act: () => network.blockDirect(), direct: NONE, relay: ALL },
    {
      what: 'without a relay',
      act: () => {
        network.turn = 'down';
      },
      direct: ALL,
      relay: NONE,
    },
    {
      what: 'refused by the relay',
      act: () => {
        network.turn = 'refuses';
      },
      direct: ALL,
      relay: NONE,
    },
    { what: 'left by a page that was killed', act: () => network.kill(1), direct: NONE, relay: NONE },
  ])('that is $what still carries the rest', ({ act, direct, relay }) => {
    act();
    expect(paths()).toEqual({ direct, relay });
  });

  it('heals one way or both', () => {
    network.cut();
    network.heal(1);
    expect(paths().direct).toEqual([false, true]);
    network.heal();
    expect(paths().direct).toEqual(ALL);
    network.blockDirect();
    network.unblockDirect();
    expect(paths().direct).toEqual(ALL);
  });

  it('knows which page was killed', () => {
    network.kill(1);
    expect([network.isKilled(0), network.isKilled(1)]).toEqual([false, true]);
  });

  it('is slow one way or both; a round trip is the sum', () => {
    network.setDelay(30);
    network.setDelay(50, 1);
    expect(delays()).toEqual([30, 50, 80]);
    network.setDelay(10);
    expect(delays()).toEqual([10, 10, 20]);
  });

  it('loses a share of packets one way or both', () => {
    network.setLoss(0.25, 1);
    dice = 0.2;
    expect([network.losesPacket(0), network.losesPacket(1)]).toEqual([false, true]);
    dice = 0.25;
    expect(network.losesPacket(1)).toBe(false);
    network.setLoss(1);
    expect([network.losesPacket(0), network.losesPacket(1)]).toEqual([true, true]);
  });

  it('finds an agent by the name of its generation, as long as it is there', () => {
    const [one, other] = [agent('one'), agent('other')];
    network.join(one);
    network.join(other);
    expect([network.agentOf('other'), network.agentOf('none')]).toEqual([other, null]);
    network.leave(other);
    expect(network.agentOf('other')).toBeNull();
  });

  it.each([
    ['cut', () => network.cut()],
    ['heal', () => network.heal(0)],
    ['blockDirect', () => network.blockDirect()],
    ['unblockDirect', () => network.unblockDirect()],
    ['setDelay', () => network.setDelay(5)],
    ['setLoss', () => network.setLoss(0.1)],
    ['kill', () => network.kill(0)],
    ['leave', () => network.leave(agent('another'))],
  ])('lets every agent look again on %s', (_, act) => {
    const [one, other] = [agent('one'), agent('other')];
    network.join(one);
    network.join(other);
    act();
    expect([one.looks, other.looks]).toEqual([1, 1]);
  });
});
