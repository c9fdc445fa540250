import { createFakeWorld, type FakeClock, type FakeWorld, installFakeClock } from 'holdfast/testing';
import { type BareEnd, createBareEnd } from './bare-end';
import type { AcceptedBrowser, EndIndex, Laboratory, Pair, PairOptions } from './laboratory';

const LOOK_INTERVAL_MS = 5;
const TURN = [{ urls: 'turn:relay.example', username: 'user', credential: 'pass' }];

/** A fake browser under a fake clock: every pair has a world of its own, and all stories of a laboratory share the time. */
export class FakeLaboratory implements Laboratory {
  readonly isReal = false;
  readonly browser: AcceptedBrowser;
  readonly #clock: FakeClock = installFakeClock();
  readonly #worlds: FakeWorld[] = [];

  constructor(browser: AcceptedBrowser) {
    this.browser = browser;
  }

  async open({ turn, isApart: _, configuration, ...options }: PairOptions = {}): Promise<Pair> {
    const world = createFakeWorld({ profile: this.browser });
    this.#worlds.push(world);
    if (turn === 'refuses') world.network.turn = 'refuses';
    const ends = [world.a, world.b].map(({ environment }) =>
      createBareEnd(environment.createPeerConnection, {
        ...options,
        configuration: { ...configuration, ...(turn && { iceServers: TURN }) },
      }),
    );
    return this.#pairOf(world, ends, turn === 'works');
  }

  async close(): Promise<void> {
    for (const world of this.#worlds) world.dispose();
    this.#clock.uninstall();
  }

  #pairOf(world: FakeWorld, ends: readonly BareEnd[], hasTurn: boolean): Pair {
    const { network } = world;
    const endOf = (index: EndIndex) => {
      const end = ends[index];
      if (!end) throw new Error('there are two ends');
      return end;
    };
    const clock = this.#clock;
    /** Moves the clock until the promise settles. */
    const settled = async <Value>(promise: Promise<Value>): Promise<Value> => {
      let isSettled = false;
      const done = () => {
        isSettled = true;
      };
      promise.then(done, done);
      await clock.advanceUntil(() => isSettled);
      return promise;
    };
    return {
      do: (index, name, ...args) => {
        const call = async () => Reflect.apply(endOf(index)[name], undefined, args);
        return settled(call());
      },
      carry: async (_, description) => description,
      cut: (from) => (hasTurn && from === undefined ? network.blockDirect() : network.cut(from)),
      heal: () => {
        network.heal();
        network.unblockDirect();
      },
      setDelay: (delayMs) => network.setDelay(delayMs),
      leave: async (how) => (how === 'navigate' ? world.b.navigate() : world.b.closeTab()),
      pass: (ms) => clock.advance(ms),
      tick: () => clock.advance(LOOK_INTERVAL_MS),
      nowMs: () => Date.now(),
      dispose: async () => {
        for (const end of ends) end.close();
        world.dispose();
      },
    };
  }
}
