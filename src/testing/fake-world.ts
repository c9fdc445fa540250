import type { PlayerId } from '../../machines';
import type { Environment } from '../environment/environment';
import { type Chaos, type ChaosOptions, startChaos } from './chaos';
import { FakeNetwork, type IceAgent, type Page } from './fake-network';
import { FakePeerConnection } from './fake-peer-connection';
import { FakeRelay } from './fake-relay';
import type { FakeSctp } from './fake-sctp';
import { FakeSocket } from './fake-socket';
import { runAtOnce } from './fake-target';
import { type BrowserProfile, PROFILES, type ProfileName } from './profiles';
import { seededRandom } from './random';
import { Timers } from './timers';

/** A known browser by name, or your own profile: `{ ...PROFILES.chromium, disconnectedAfterMs: 7_700 }`. */
export type Profile = ProfileName | BrowserProfile;

export interface FakeWorldOptions {
  /** The profile of both pages, or one for each. Default: Chromium. */
  profile?: Profile | readonly [Profile, Profile];
  /** The same seed gives the same world: credentials, ports, lost packets, and the random numbers of the library. Default: 1. */
  seed?: number;
  /** Default: `'game'`. */
  gameId?: PlayerId;
  /** Default: 1 and 2. The lower one makes the first offer. */
  playerIds?: readonly [PlayerId, PlayerId];
}

/** One of the two pages, with everything that a manager needs. */
export interface FakeEnd {
  readonly playerId: PlayerId;
  /** Connected and seated in the game. It joins again by itself whenever it reconnects. */
  readonly socket: FakeSocket;
  /** Pass it as the manager's option `environment`. */
  readonly environment: Environment;
  /** Every connection created by this page, in order, closed ones included. */
  readonly peerConnections: readonly RTCPeerConnection[];
  /** The page crashes: it sends no more packets or signals. Code that still runs in it reaches nobody. */
  kill(): void;
  /** The tab is closed. Firefox notifies the other end, Chromium does not. */
  closeTab(): void;
  /** The page navigates away. The other end's channels close 0.1 s later. */
  navigate(): void;
}

/** Two pages, the network between them, and their relay. Driven by timers only, so a fake clock works, too. */
export interface FakeWorld {
  readonly gameId: PlayerId;
  /** The page of the first player. */
  readonly a: FakeEnd;
  /** The page of the second player. */
  readonly b: FakeEnd;
  /** The network between the two pages. */
  readonly network: NetworkControls;
  /** The signaling server. */
  readonly relay: RelayControls;
  /** How many timers of the world itself are running: packets and signals in flight, and timers of the browsers. */
  readonly runningTimers: number;
  /** Cuts both pages off from each other and from the relay. The sockets do not notice. */
  cutOff(): void;
  /** Ends {@link cutOff} and every other cut. */
  reachAgain(): void;
  /** Starts random faults, one at a time, until they are stopped. The same seed gives the same faults. */
  chaos(options?: ChaosOptions): Chaos;
  /** Cancels every timer of the world. */
  dispose(): void;
}

/** Faults can be set per sender: page 0 is `world.a`, page 1 is `world.b`. */
export type NetworkControls = Pick<
  FakeNetwork,
  'turn' | 'cut' | 'heal' | 'blockDirect' | 'unblockDirect' | 'setDelay' | 'setLoss'
>;

export type RelayControls = Pick<
  FakeRelay,
  'delayMs' | 'loss' | 'duplication' | 'acknowledges' | 'signals' | 'restart'
>;

const isPair = (profile: Profile | readonly [Profile, Profile]): profile is readonly [Profile, Profile] =>
  Array.isArray(profile);

const toBrowser = (profile: Profile): BrowserProfile =>
  typeof profile === 'string' ? PROFILES[profile] : profile;

/** Creates two pages in one game, both seated at the relay, each with the browser of its profile. */
export function createFakeWorld({
  profile = 'chromium',
  seed = 1,
  gameId = 'game',
  playerIds = [1, 2],
}: FakeWorldOptions = {}): FakeWorld {
  const random = seededRandom(seed);
  const timers = new Timers();
  const network = new FakeNetwork(timers, random);
  const relay = new FakeRelay(timers, random);
  const associations = new Map<IceAgent, FakeSctp>();
  const sctpOf = (agent: IceAgent) => associations.get(agent) ?? null;

  const createEnd = (page: Page): FakeEnd => {
    const playerId = playerIds[page];
    const browser = toBrowser(isPair(profile) ? profile[page] : profile);
    const peerConnections: RTCPeerConnection[] = [];
    const inUse = new Set<FakeSctp>();
    const seat = { game_id: gameId, player_id: playerId, resume_token: `seat-of-page-${page}-here` };
    const join = (socket: FakeSocket) => socket.emit('join_game', seat);
    const socket = new FakeSocket(relay, timers, join);
    join(socket);
    const kill = () => {
      network.kill(page);
      socket.vanish();
    };
    const navigate = () => {
      for (const association of inUse) association.navigateAway();
      kill();
    };
    return {
      playerId,
      socket,
      peerConnections,
      kill,
      navigate,
      closeTab: browser.closedTabIsTold ? navigate : kill,
      environment: {
        browser: browser.name,
        now: () => performance.now(),
        random,
        createPeerConnection(configuration) {
          const pc = new FakePeerConnection({
            page,
            profile: browser,
            network,
            random,
            configuration,
            run: runAtOnce,
            sctpOf,
          });
          inUse.add(pc.association);
          associations.set(pc.ice, pc.association);
          // Implements the parts of the interface for data channels, but none for media.
          const standard = pc as unknown as RTCPeerConnection;
          peerConnections.push(standard);
          return standard;
        },
      },
    };
  };

  const [a, b] = [createEnd(0), createEnd(1)];
  return {
    gameId,
    a,
    b,
    network,
    relay,
    get runningTimers() {
      return timers.size;
    },
    cutOff: () => {
      network.cut();
      for (const { socket } of [a, b]) socket.freeze();
    },
    reachAgain: () => {
      network.heal();
      for (const { socket } of [a, b]) socket.up();
    },
    chaos: (options = {}) => startChaos({ network, relay, sockets: [a.socket, b.socket], timers }, options),
    dispose: () => timers.clear(),
  };
}
