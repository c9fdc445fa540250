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

/** A browser by its name, or one of your own: `{ ...PROFILES.chromium, disconnectedAfterMs: 7_700 }`. */
export type Profile = ProfileName | BrowserProfile;

export interface FakeWorldOptions {
  /** Of both pages, or of each; Chromium unless given. */
  profile?: Profile | readonly [Profile, Profile];
  /** The same seed gives the same world: credentials, ports, which packets are lost, the library's own dice. 1 unless given. */
  seed?: number;
  /** `'game'` unless given. */
  gameId?: PlayerId;
  /** 1 and 2 unless given; the lower one offers. */
  playerIds?: readonly [PlayerId, PlayerId];
}

/** One of the two pages: what a manager is handed. */
export interface FakeEnd {
  readonly playerId: PlayerId;
  /** Connected, and seated in the game; it joins by itself again whenever it reconnects. */
  readonly socket: FakeSocket;
  /** For the option `environment` of the manager. */
  readonly environment: Environment;
  /** Every connection that was made here, in order, closed ones too. */
  readonly peerConnections: readonly RTCPeerConnection[];
  /** The page is gone without a word, as in a crash: no packet, no signal. What still runs in it talks to nobody. */
  kill(): void;
  /** The tab is closed: Firefox tells the other end, Chromium does not. */
  closeTab(): void;
  /** The page is led to another: the other end's channels close, 0.1 s later. */
  navigate(): void;
}

/** Two pages, what lies between them, and the relay that introduces them. Driven by timers alone, so by a fake clock too. */
export interface FakeWorld {
  readonly gameId: PlayerId;
  /** The page of the first player. */
  readonly a: FakeEnd;
  readonly b: FakeEnd;
  /** Between the two pages. */
  readonly network: NetworkControls;
  /** Signaling. */
  readonly relay: RelayControls;
  /** Timers of the world itself that are running: packets and signals under way, and the browsers' own. A count. */
  readonly runningTimers: number;
  /** Cuts both pages off from each other and from the relay; the sockets do not know. */
  cutOff(): void;
  /** Ends {@link cutOff}, and every other cut. */
  reachAgain(): void;
  /** Faults at random from here on, the same for the same seed, until they are stopped. One at a time. */
  chaos(options?: ChaosOptions): Chaos;
  /** Ends every timer of the world. */
  dispose(): void;
}

/** A network is controlled per sender: page 0 is `world.a`, page 1 `world.b`. */
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

/** A pair of pages in one game, both seated at the relay, each with the browser of its profile. */
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
      for (const association of inUse) association.abandon();
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
          // Has what a data channel needs of the interface, and none of its media.
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
