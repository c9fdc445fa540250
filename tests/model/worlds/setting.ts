import fc from 'fast-check';
import type { Page } from '../../../src/testing/fake-network';

/** How one player enters a world. */
interface Arrival {
  /** When its page is loaded and its manager made, in ms. */
  atMs: number;
  /** When it calls `connectToPeer`, in ms after that; null if it waits for an offer. */
  connectsAfterMs: number | null;
}

interface PlayerSetting {
  profile: 'chromium' | 'firefox';
  preset: 'default' | 'rollback';
  /** Its game asks for a restart from inside `onConnectionLost`. */
  asksOnLost: boolean;
  maxIceRestarts: number;
  recoveryBudgetMs: number;
  relayOnly: boolean;
  /** Shorter deadlines, so that what takes long by default happens in a short world. */
  isHasty: boolean;
  arrival: Arrival;
}

/** What is decided before a world starts. */
export interface Setting {
  /** The seed for the network, the relay and the browsers. */
  luck: number;
  players: readonly [PlayerSetting, PlayerSetting];
  /** Which of the two speaks upstream's protocol. */
  upstream: Page | null;
  /** Which ids the players have: numbers, or strings that are not numbers. */
  ids: 'numbers' | 'words';
  hasTurn: boolean;
  /** How long the TURN credentials are valid, in ms. */
  credentialsLastMs: number | null;
  /** Whether the servers are fetched, and how long that takes, in ms. */
  serversTakeMs: number | null;
  relayAcknowledges: boolean;
  /** How long the first faults wait, in ms: 0 if they hit the first connect. */
  calmMs: number;
  /** Who closes first at the end. */
  leaver: Page;
  /** How a failed pair is brought back at the end: a game asks, connects again, or asks and the other player leaves. */
  revival: 'ask' | 'connect' | 'leave';
  /** Whether the world is watched until the link is stable. */
  isPatient: boolean;
}

const mostly = <Value>(value: Value, others: fc.Arbitrary<Value>, weight = 4): fc.Arbitrary<Value> =>
  fc.oneof({ arbitrary: fc.constant(value), weight }, { arbitrary: others, weight: 1 });

const arrival: fc.Arbitrary<Arrival> = fc.record({
  atMs: mostly(0, fc.integer({ min: 1, max: 5_000 }), 3),
  connectsAfterMs: fc.oneof(
    { arbitrary: fc.constant(0), weight: 6 },
    { arbitrary: fc.integer({ min: 1, max: 4_000 }), weight: 2 },
    { arbitrary: fc.constant(null), weight: 1 },
  ),
});

const player: fc.Arbitrary<PlayerSetting> = fc.record({
  profile: fc.constantFrom('chromium', 'firefox'),
  preset: fc.constantFrom('default', 'rollback'),
  asksOnLost: fc.boolean(),
  maxIceRestarts: fc.constantFrom(3, 3, 2, 1, 0),
  recoveryBudgetMs: fc.constantFrom(90_000, 90_000, 20_000, 20_000, 20_000, 5_000),
  relayOnly: mostly(false, fc.constant(true), 12),
  isHasty: fc.boolean(),
  arrival,
});

const connects = (setting: PlayerSetting): PlayerSetting => ({
  ...setting,
  arrival: { ...setting.arrival, connectsAfterMs: setting.arrival.connectsAfterMs ?? 0 },
});

/** One of the two has to start; in a mixed pair both, as upstream's game does. */
const somebodyBegins = ({ players: [first, second], ...rest }: Setting): Setting => {
  const isMixed = rest.upstream !== null;
  const isNobody = [first, second].every(({ arrival: { connectsAfterMs } }) => connectsAfterMs === null);
  // A link that needs relays where there are none fails at once: a few worlds of this kind are enough.
  const isRelayOnly = [first, second].some(({ relayOnly }) => relayOnly);
  return {
    ...rest,
    hasTurn: rest.hasTurn || (isRelayOnly && rest.luck % 8 > 0),
    players: [isMixed || isNobody ? connects(first) : first, isMixed ? connects(second) : second],
  };
};

export const settings: fc.Arbitrary<Setting> = fc
  .record({
    luck: fc.nat(),
    players: fc.tuple(player, player),
    upstream: mostly<Page | null>(null, fc.constantFrom<Page>(0, 1)),
    ids: mostly('numbers', fc.constant('words')),
    hasTurn: fc.boolean(),
    credentialsLastMs: mostly<number | null>(null, fc.integer({ min: 61_000, max: 90_000 }), 6),
    serversTakeMs: mostly<number | null>(null, fc.integer({ min: 0, max: 800 })),
    relayAcknowledges: mostly(true, fc.constant(false)),
    calmMs: fc.constantFrom(0, 0, 300, 2_500),
    leaver: fc.constantFrom<Page>(0, 1),
    revival: fc.constantFrom('ask', 'connect', 'leave'),
    isPatient: mostly(false, fc.constant(true)),
  })
  .map(somebodyBegins);
