import type { FakeNetwork, Page } from './fake-network';
import type { FakeRelay } from './fake-relay';
import type { FakeSocket } from './fake-socket';
import { seededRandom } from './random';
import type { Timers } from './timers';

/**
 * - `cut`: no packets pass in either direction
 * - `cut one way`: the packets of one page are lost
 * - `lossy`: a third of the packets is lost
 * - `slow`: 150 ms delay each way
 * - `signaling down`: both sockets are disconnected and know it
 * - `cut off`: one page reaches neither the other page nor the relay, and its socket does not know
 * - `relay restart`: the relay restarts and forgets every seat
 */
export const CHAOS_KINDS = [
  'cut',
  'cut one way',
  'lossy',
  'slow',
  'signaling down',
  'cut off',
  'relay restart',
] as const;

/** One of {@link CHAOS_KINDS}. */
export type ChaosKind = (typeof CHAOS_KINDS)[number];

export interface ChaosOptions {
  /** The same seed gives the same faults at the same times. Default: 1. */
  seed?: number;
  /** Default: all kinds. */
  kinds?: readonly ChaosKind[];
  /** Shortest and longest duration of a fault, in ms. Default: 200 and 12 000. */
  faultMs?: readonly [number, number];
  /** Shortest and longest pause between two faults, in ms. Default: 500 and 8 000. */
  peaceMs?: readonly [number, number];
}

/** One fault. Times are in ms since the start of the chaos. */
export interface ChaosFault {
  readonly kind: ChaosKind;
  readonly atMs: number;
  readonly lastsMs: number;
  /** The affected page; null for faults that affect both. */
  readonly page: Page | null;
}

/** Random faults, one after the other, until `stop()`. */
export interface Chaos {
  /** The faults so far, in order. Print them, and the seed, when a test fails. */
  readonly faults: readonly ChaosFault[];
  /** Ends the current fault and starts no other. Idempotent. */
  stop(): void;
}

export interface ChaosWorld {
  readonly network: FakeNetwork;
  readonly relay: FakeRelay;
  readonly sockets: readonly [FakeSocket, FakeSocket];
  readonly timers: Timers;
}

const LOSS = 0.33;
const DELAY_MS = 150;

/** Starts a fault. @returns a function that ends it. */
function startFault({ network, relay, sockets }: ChaosWorld, kind: ChaosKind, page: Page): () => void {
  const own = sockets[page];
  const upAgain = () => {
    for (const socket of sockets) socket.up();
  };
  switch (kind) {
    case 'cut':
      network.cut();
      return () => network.heal();
    case 'cut one way':
      network.cut(page);
      return () => network.heal();
    case 'lossy':
      network.setLoss(LOSS);
      return () => network.setLoss(0);
    case 'slow':
      network.setDelay(DELAY_MS);
      return () => network.setDelay(0);
    case 'signaling down':
      for (const socket of sockets) socket.down();
      return upAgain;
    case 'cut off':
      network.cut();
      own.freeze();
      return () => {
        network.heal();
        upAgain();
      };
    case 'relay restart':
      relay.restart();
      return () => {};
  }
}

export function startChaos(
  world: ChaosWorld,
  { seed = 1, kinds = CHAOS_KINDS, faultMs = [200, 12_000], peaceMs = [500, 8_000] }: ChaosOptions,
): Chaos {
  const random = seededRandom(seed);
  const between = ([least, most]: readonly [number, number]) => Math.round(least + random() * (most - least));
  const beganMs = performance.now();
  const faults: ChaosFault[] = [];
  let cancel = () => {};
  let end = () => {};
  let isStopped = false;

  const scheduleNext = () => {
    cancel = world.timers.after(between(peaceMs), begin);
  };
  const begin = () => {
    const kind = kinds[Math.floor(random() * kinds.length)];
    if (!kind) return;
    const page: Page = random() < 0.5 ? 0 : 1;
    const lastsMs = between(faultMs);
    const hasPage = kind === 'cut one way' || kind === 'cut off';
    faults.push({ kind, atMs: performance.now() - beganMs, lastsMs, page: hasPage ? page : null });
    end = startFault(world, kind, page);
    cancel = world.timers.after(lastsMs, () => {
      end();
      end = () => {};
      scheduleNext();
    });
  };
  scheduleNext();
  return {
    faults,
    stop() {
      if (isStopped) return;
      isStopped = true;
      cancel();
      end();
    },
  };
}
