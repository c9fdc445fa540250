import { WebRTCManager, type WebRTCManagerOptions } from 'holdfast';
import { onTestFinished, vi } from 'vitest';
import type { Environment } from '../../src/environment/environment';
import { FakeNetwork, type IceAgent } from '../../src/testing/fake-network';
import { FakePeerConnection } from '../../src/testing/fake-peer-connection';
import { FakeRelay } from '../../src/testing/fake-relay';
import type { FakeSctp } from '../../src/testing/fake-sctp';
import { FakeSocket } from '../../src/testing/fake-socket';
import { runAtOnce } from '../../src/testing/fake-target';
import { PROFILES } from '../../src/testing/profiles';
import { seededRandom } from '../../src/testing/random';
import { Timers } from '../../src/testing/timers';

const TOLD = ['open', 'lost', 'restored', 'close', 'failed', 'closed'] as const;

/** One end of the link of two players. */
interface PartyLink {
  readonly manager: WebRTCManager;
  /** Events and messages, in order. */
  readonly heard: string[];
}

/** A player with one socket, and one link for each other player. */
interface Member {
  readonly playerId: number;
  readonly socket: FakeSocket;
  readonly links: Map<number, PartyLink>;
  /** How often it has joined the game. */
  readonly joins: number;
  /** Makes the manager for another player, without connecting. */
  make(playerId: number, options?: WebRTCManagerOptions): PartyLink;
  /** Makes the manager and connects. */
  meet(playerId: number): PartyLink;
}

/** A game of several players, on fake timers that end with the test. The players are 1, 2, 3, … */
export class Party {
  readonly timers = new Timers();
  readonly random = seededRandom(1);
  readonly relay = new FakeRelay(this.timers, this.random);
  readonly members: readonly Member[];
  readonly #networks = new Map<string, FakeNetwork>();
  readonly #associations = new Map<IceAgent, FakeSctp>();

  constructor(size: number) {
    vi.useFakeTimers();
    this.relay.playersPerGame = size;
    this.members = Array.from({ length: size }, (_, index) => this.#seat(index + 1));
    onTestFinished(() => {
      for (const { manager } of this.links) manager.close();
      this.timers.clear();
      vi.useRealTimers();
    });
  }

  get links(): PartyLink[] {
    return this.members.flatMap(({ links }) => [...links.values()]);
  }

  /** The network between two players. */
  between(one: number, other: number): FakeNetwork {
    const name = [one, other].sort().join(' and ');
    const network = this.#networks.get(name) ?? new FakeNetwork(this.timers, this.random);
    this.#networks.set(name, network);
    return network;
  }

  /** What each player heard on each link, by `me–other`. */
  get heard(): Record<string, string[]> {
    return Object.fromEntries(
      this.members.flatMap(({ playerId, links }) =>
        [...links].map(([other, { heard }]) => [`${playerId}–${other}`, heard]),
      ),
    );
  }

  #seat(playerId: number): Member {
    const socket = new FakeSocket(this.relay, this.timers);
    const links: Member['links'] = new Map();
    const seat = { game_id: 'party', player_id: playerId, resume_token: `secret-of-player-${playerId}` };
    let joins = 0;
    let joining: Promise<unknown> | null = null;
    const join = () => {
      joins += 1;
      return socket.emitWithAck('join_game', seat).finally(() => {
        joining = null;
      });
    };
    const rejoin = () => (joining ??= join());
    void rejoin();
    const make = (other: number, options: WebRTCManagerOptions = {}) => {
      const environment = this.#environmentOf(playerId, other);
      const manager = new WebRTCManager(socket, 'party', playerId, {
        ...{ environment, logger: 'silent', reidentify: rejoin },
        ...options,
      });
      const heard: string[] = [];
      for (const name of TOLD) manager.on(name, () => void heard.push(name));
      manager.on('message', (data) => void heard.push(String(data)));
      const link = { manager, heard };
      links.set(other, link);
      return link;
    };
    const meet = (other: number) => {
      const link = make(other);
      void link.manager.connectToPeer(other);
      return link;
    };
    return {
      ...{ playerId, socket, links, make, meet },
      get joins() {
        return joins;
      },
    };
  }

  #environmentOf(me: number, other: number): Partial<Environment> {
    return {
      browser: 'chromium',
      now: () => performance.now(),
      random: this.random,
      createPeerConnection: (configuration) => {
        const pc = new FakePeerConnection({
          page: me < other ? 0 : 1,
          profile: PROFILES.chromium,
          network: this.between(me, other),
          random: this.random,
          configuration,
          run: runAtOnce,
          sctpOf: (agent) => this.#associations.get(agent) ?? null,
        });
        this.#associations.set(pc.ice, pc.association);
        // Implements the part of the interface that data channels need, without media.
        return pc as unknown as RTCPeerConnection;
      },
    };
  }
}
