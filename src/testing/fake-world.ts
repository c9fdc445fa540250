import type { PlayerId } from '../../machines';
import type { Environment } from '../environment/environment';
import { FakeNetwork, type IceAgent, type Page } from './fake-network';
import { FakePeerConnection } from './fake-peer-connection';
import { FakeRelay } from './fake-relay';
import type { FakeSctp } from './fake-sctp';
import { FakeSocket } from './fake-socket';
import { PROFILES, type ProfileName } from './profiles';
import { Timers } from './timers';

export interface FakeWorldOptions {
  /** Of both pages, or of each. */
  profile?: ProfileName | readonly [ProfileName, ProfileName];
  /** The same seed gives the same world. */
  seed?: number;
  gameId?: PlayerId;
  playerIds?: readonly [PlayerId, PlayerId];
}

/** One of the two pages: what a manager is handed. */
export interface FakeEnd {
  readonly playerId: PlayerId;
  readonly socket: FakeSocket;
  /** For the option `environment`. */
  readonly environment: Environment;
  /** Every connection that was made here, closed ones too. */
  readonly peerConnections: readonly FakePeerConnection[];
  /** The page is gone without a word: no packet, no signal. */
  kill(): void;
}

/** Two pages, what lies between them, and the relay that introduces them. Driven by timers alone, so by fake timers too. */
export interface FakeWorld {
  readonly gameId: PlayerId;
  readonly a: FakeEnd;
  readonly b: FakeEnd;
  readonly network: FakeNetwork;
  readonly relay: FakeRelay;
  /** Timers of the world itself that are running: packets and signals under way, and the browsers' own. */
  readonly runningTimers: number;
  /** Cuts both pages off from each other and from the relay; the sockets do not know. */
  cutOff(): void;
  reachAgain(): void;
  /** Ends every timer of the world. */
  dispose(): void;
}

/** Small, fast, and good enough for tests: mulberry32. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

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
    const browser = PROFILES[typeof profile === 'string' ? profile : profile[page]];
    const peerConnections: FakePeerConnection[] = [];
    const join = (socket: FakeSocket) => socket.emit('join_game', { game_id: gameId, player_id: playerId });
    const socket = new FakeSocket(relay, timers, join);
    join(socket);
    return {
      playerId,
      socket,
      peerConnections,
      kill: () => {
        network.kill(page);
        socket.vanish();
      },
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
            sctpOf,
          });
          peerConnections.push(pc);
          associations.set(pc.ice, pc.association);
          // Has what a data channel needs of the interface, and none of its media.
          return pc as unknown as RTCPeerConnection;
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
    dispose: () => timers.clear(),
  };
}
