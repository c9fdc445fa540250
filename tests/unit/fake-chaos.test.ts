import { type Chaos, type ChaosKind, type ChaosOptions, createFakeWorld } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startChaos } from '../../src/testing/chaos';
import { FakeNetwork } from '../../src/testing/fake-network';
import { FakeRelay } from '../../src/testing/fake-relay';
import { FakeSocket } from '../../src/testing/fake-socket';
import { Timers } from '../../src/testing/timers';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number) => vi.advanceTimersByTime(ms);

/** What chaos may break, and how it looks; chaos has a random source of its own. */
function createScene() {
  const timers = new Timers();
  const dice = { number: 0 };
  const network = new FakeNetwork(timers, () => dice.number);
  const relay = new FakeRelay(timers, () => 0.5);
  const heard: string[] = [];
  const sockets = [new FakeSocket(relay, timers), new FakeSocket(relay, timers)] as const;
  for (const [page, socket] of sockets.entries()) {
    socket.on('disconnect', () => heard.push(`${page} down`));
    socket.on('connect', () => heard.push(`${page} up`));
  }
  const isDeaf = (socket: FakeSocket) => {
    let hasHeard = false;
    const listener = () => {
      hasHeard = true;
    };
    socket.on('probe', listener).receive('probe', null);
    socket.off('probe', listener);
    return !hasHeard;
  };
  const isUnluckyAt = (number: number) => {
    dice.number = number;
    return [network.losesPacket(0), network.losesPacket(1)];
  };
  return {
    world: { network, relay, sockets, timers },
    heard,
    look: () => ({
      isCut: [!network.carries(0, 'direct'), !network.carries(1, 'direct')],
      delayMs: [network.delayMs(0), network.delayMs(1)],
      losesAThird: [...isUnluckyAt(0.329), ...isUnluckyAt(0.33)],
      isDown: sockets.map(({ connected }) => !connected),
      isDeaf: sockets.map(isDeaf),
    }),
  };
}

const WHOLE = {
  isCut: [false, false],
  delayMs: [0, 0],
  losesAThird: [false, false, false, false],
  isDown: [false, false],
  isDeaf: [false, false],
};

/** The first fault of one seed strikes the first page, that of the other seed the second. */
const SEED_OF_FIRST = 2;
const SEED_OF_SECOND = 1;

/** Only one kind: a fault that starts at 500 ms and lasts 1 000 ms, and then the next. */
const only = (kind: ChaosKind, seed = SEED_OF_FIRST): ChaosOptions => ({
  seed,
  kinds: [kind],
  faultMs: [1_000, 1_000],
  peaceMs: [500, 500],
});
interface Fault {
  kind: ChaosKind;
  seed: number;
  page: 0 | 1 | null;
  wounds: Partial<typeof WHOLE>;
}

const FAULTS: readonly Fault[] = [
  { kind: 'cut', seed: SEED_OF_FIRST, page: null, wounds: { isCut: [true, true] } },
  { kind: 'cut', seed: SEED_OF_SECOND, page: null, wounds: { isCut: [true, true] } },
  { kind: 'cut one way', seed: SEED_OF_FIRST, page: 0, wounds: { isCut: [true, false] } },
  { kind: 'cut one way', seed: SEED_OF_SECOND, page: 1, wounds: { isCut: [false, true] } },
  { kind: 'lossy', seed: SEED_OF_FIRST, page: null, wounds: { losesAThird: [true, true, false, false] } },
  { kind: 'slow', seed: SEED_OF_FIRST, page: null, wounds: { delayMs: [150, 150] } },
  {
    kind: 'signaling down',
    seed: SEED_OF_FIRST,
    page: null,
    wounds: { isDown: [true, true], isDeaf: [true, true] },
  },
  {
    kind: 'cut off',
    seed: SEED_OF_FIRST,
    page: 0,
    wounds: { isCut: [true, true], isDeaf: [true, false] },
  },
  {
    kind: 'cut off',
    seed: SEED_OF_SECOND,
    page: 1,
    wounds: { isCut: [true, true], isDeaf: [false, true] },
  },
];

describe('a fault of chaos', () => {
  it.each(FAULTS)('of the kind $kind (page $page) damages the world this way, and then ends', (fault) => {
    const { kind, seed, page, wounds } = fault;
    const { world, look } = createScene();
    const chaos = startChaos(world, only(kind, seed));
    pass(499);
    expect([look(), chaos.faults]).toEqual([WHOLE, []]);
    pass(1);
    expect(look()).toEqual({ ...WHOLE, ...wounds });
    expect(chaos.faults).toEqual([{ kind, atMs: 500, lastsMs: 1_000, page }]);
    pass(999);
    expect(look()).toEqual({ ...WHOLE, ...wounds });
    pass(1);
    expect(look()).toEqual(WHOLE);
    pass(500);
    expect(chaos.faults.map(({ atMs }) => atMs)).toEqual([500, 2_000]);
  });

  it.each(FAULTS)('of the kind $kind (page $page) ends as soon as chaos is stopped', (fault) => {
    const { world, look } = createScene();
    const chaos = startChaos(world, only(fault.kind, fault.seed));
    pass(600);
    chaos.stop();
    expect(look()).toEqual(WHOLE);
    expect(world.timers.size).toBe(0);
  });

  it('of the kind relay restart drops both sockets once, and they reconnect by themselves', () => {
    const { world, look, heard } = createScene();
    const chaos = startChaos(world, { ...only('relay restart'), faultMs: [5_000, 5_000] });
    pass(500);
    expect(chaos.faults).toEqual([{ kind: 'relay restart', atMs: 500, lastsMs: 5_000, page: null }]);
    expect(heard).toEqual(['0 down', '1 down']);
    pass(1_000);
    expect(look()).toEqual(WHOLE);
    chaos.stop();
    expect(heard).toEqual(['0 down', '1 down', '0 up', '1 up']);
  });

  it('that hides the relay from a page for long makes its socket notice, and reconnect afterwards', () => {
    const { world, heard } = createScene();
    startChaos(world, { ...only('cut off'), faultMs: [50_000, 50_000] });
    pass(50_499);
    expect(heard).toEqual(['0 down']);
    pass(1);
    expect(heard).toEqual(['0 down', '0 up']);
  });
});

describe('chaos', () => {
  const faultsOf = (options: ChaosOptions, ms: number): Chaos['faults'] => {
    const chaos = startChaos(createScene().world, options);
    pass(ms);
    chaos.stop();
    return chaos.faults;
  };

  it('has the same faults at the same times for the same seed, in every version', () => {
    pass(12_345);
    expect(faultsOf({ seed: 7 }, 60_000)).toEqual([
      { kind: 'cut', atMs: 588, lastsMs: 8_449, page: null },
      { kind: 'lossy', atMs: 13_448, lastsMs: 3_031, page: null },
      { kind: 'cut off', atMs: 21_129, lastsMs: 2_040, page: 0 },
      { kind: 'slow', atMs: 29_400, lastsMs: 4_542, page: null },
      { kind: 'slow', atMs: 36_641, lastsMs: 11_740, page: null },
      { kind: 'relay restart', atMs: 50_738, lastsMs: 1_895, page: null },
      { kind: 'lossy', atMs: 54_293, lastsMs: 9_190, page: null },
    ]);
  });

  it('defaults to the seed 1, all kinds, 0.2 to 12 s of fault and 0.5 to 8 s of peace', () => {
    const options = { seed: 1, faultMs: [200, 12_000], peaceMs: [500, 8_000] } as const;
    expect(faultsOf({}, 60_000)).toEqual(faultsOf(options, 60_000));
  });

  it('uses only the given kinds and times, in whole ms', () => {
    const faults = faultsOf({ kinds: ['slow', 'cut'], faultMs: [10, 12], peaceMs: [3, 5] }, 10_000);
    const peacesMs = faults.map(({ atMs }, index) => {
      const former = faults[index - 1];
      return atMs - (former ? former.atMs + former.lastsMs : 0);
    });
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['slow', 'cut']));
    expect([...new Set(faults.map(({ lastsMs }) => lastsMs))].sort()).toEqual([10, 11, 12]);
    expect([...new Set(peacesMs)].sort()).toEqual([3, 4, 5]);
  });

  it('has no faults when it has no kinds', () => {
    const { world } = createScene();
    const chaos = startChaos(world, { kinds: [] });
    pass(20_000);
    expect([chaos.faults, world.timers.size]).toEqual([[], 0]);
  });

  it('can be stopped during peace, and only once: a cut made later stays', () => {
    const { world, look } = createScene();
    const chaos = startChaos(world, only('cut'));
    pass(600);
    chaos.stop();
    world.network.cut();
    chaos.stop();
    expect(look().isCut).toEqual([true, true]);
    world.network.heal();

    const another = startChaos(world, only('cut'));
    pass(1_600);
    world.network.setDelay(20);
    world.network.cut();
    another.stop();
    pass(60_000);
    expect(look()).toEqual({ ...WHOLE, isCut: [true, true], delayMs: [20, 20] });
    expect([chaos.faults.length, another.faults.length]).toEqual([1, 1]);
  });

  it('from a world strikes both of its pages, and ends with it', () => {
    const world = createFakeWorld();
    const chaos = world.chaos(only('signaling down'));
    pass(500);
    expect([world.a.socket.connected, world.b.socket.connected]).toEqual([false, false]);
    world.dispose();
    pass(20_000);
    expect(chaos.faults).toHaveLength(1);
    world.chaos();
    expect(world.runningTimers).toBe(1);
  });
});
