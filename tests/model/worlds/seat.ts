import type { PlayerId } from '../../../machines';
import type { Environment } from '../../../src/environment/environment';
import type { FakeNetwork, IceAgent, Page } from '../../../src/testing/fake-network';
import { FakePeerConnection } from '../../../src/testing/fake-peer-connection';
import type { FakeRelay } from '../../../src/testing/fake-relay';
import type { FakeSctp } from '../../../src/testing/fake-sctp';
import { FakeSocket } from '../../../src/testing/fake-socket';
import { PROFILES, type ProfileName } from '../../../src/testing/profiles';
import type { Timers } from '../../../src/testing/timers';
import { type PageEventTarget, Tab } from './tab';
import type { VirtualTime } from './virtual-time';

/** What a page suffers from. A deaf socket calls itself connected until its ping timeout. */
export interface Suffering {
  signaling: 'up' | 'down' | 'deaf';
  isFrozen: boolean;
  /** Whether its document gets an event for that. */
  isTold: boolean;
  isHidden: boolean;
  /** Whether its browser rejects answers, for example of another version or rewritten by a proxy. */
  isPicky: boolean;
}

const WELL: Suffering = {
  signaling: 'up',
  isFrozen: false,
  isTold: false,
  isHidden: false,
  isPicky: false,
};

/** What the two seats of a world share. */
export interface Ground {
  gameId: PlayerId;
  time: VirtualTime;
  timers: Timers;
  network: FakeNetwork;
  relay: FakeRelay;
  random: () => number;
  associations: Map<IceAgent, FakeSctp>;
  /** The browser took a candidate: which generation it is of, and which one it was applied to. */
  candidateTaken(of: string | null, to: string | null): void;
  /** Adds a line to the report of a failure. */
  tell(line: string): void;
  /** An offer came while one of ours was pending. */
  glared(isAtBirth: boolean): void;
}

interface HeardSignal {
  type: string;
  payload: { holdfast?: { connection: number } };
}

const ufragOf = (sdp = '') => /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? null;

/** From leaving a page to the end of its connections at the other side. */
const NAVIGATION_MS = 110;

/** A player's place in the game: one load of its page after the other takes it. */
export class Seat {
  readonly page: Page;
  readonly playerId: PlayerId;
  tab: Tab;
  socket: FakeSocket;
  peerConnections: FakePeerConnection[] = [];
  readonly #ground: Ground;
  readonly #profile: ProfileName;
  #suffering = WELL;

  constructor(ground: Ground, page: Page, playerId: PlayerId, profile: ProfileName) {
    this.#ground = ground;
    this.page = page;
    this.playerId = playerId;
    this.#profile = profile;
    [this.tab, this.socket] = this.#open();
    // The seat is empty so far.
    this.leave({ isCrash: true });
  }

  /** For the option `environment`. */
  get environment(): Environment {
    return {
      browser: PROFILES[this.#profile].name,
      now: () => performance.now(),
      random: Math.random,
      createPeerConnection: (configuration) => this.#createPeerConnection(configuration),
    };
  }

  get openConnections(): FakePeerConnection[] {
    return this.peerConnections.filter(({ signalingState }) => signalingState !== 'closed');
  }

  tell(target: PageEventTarget, type: string): void {
    this.tab.tell(target, type);
  }

  /** The page is gone; if it crashed, without closing its connections. */
  leave({ isCrash }: { isCrash: boolean }): void {
    const old = this.openConnections;
    this.tab.vanish();
    this.socket.vanish();
    if (isCrash) for (const pc of old) pc.vanish();
    else for (const pc of old) this.#ground.time.after(NAVIGATION_MS, () => pc.close());
    this.peerConnections = [];
  }

  /** A new page is loaded and its game started, before the active faults apply to it. */
  load(start: () => void): void {
    [this.tab, this.socket] = this.#open();
    this.tab.run(start);
    const suffering = this.#suffering;
    this.#suffering = WELL;
    this.suffer(suffering);
  }

  suffer(suffering: Suffering): void {
    const old = this.#suffering;
    this.#suffering = suffering;
    if (this.tab.isGone) return;
    if (suffering.signaling !== old.signaling) this.#cutSignaling(suffering.signaling);
    if (suffering.isHidden !== old.isHidden) {
      this.tab.isHidden = suffering.isHidden;
      this.tell('document', 'visibilitychange');
    }
    if (suffering.isFrozen && !old.isFrozen) this.tab.freeze(suffering.isTold);
    if (!suffering.isFrozen && old.isFrozen) this.tab.wake(old.isTold);
  }

  #cutSignaling(to: Suffering['signaling']): void {
    if (to === 'up') this.socket.up();
    else if (to === 'down') this.socket.down();
    else this.socket.freeze();
  }

  #open(): [Tab, FakeSocket] {
    const { time, timers, relay, gameId } = this.#ground;
    const tab = new Tab(time, PROFILES[this.#profile].name);
    const seat = { game_id: gameId, player_id: this.playerId, resume_token: `secret-of-${this.page}-alone` };
    const join = (socket: FakeSocket) => socket.emit('join_game', seat);
    const socket = new FakeSocket(relay, timers, join, tab.run);
    socket.on('webrtc_signal', (signal: HeardSignal) => this.#hear(signal));
    join(socket);
    return [tab, socket];
  }

  #hear({ type, payload }: HeardSignal): void {
    this.#ground.tell(`player ${this.playerId} hears ${type} ${payload.holdfast?.connection ?? ''}`);
    const pending = this.openConnections.filter((pc) => pc.signalingState === 'have-local-offer');
    if (type === 'offer' && pending.length > 0)
      this.#ground.glared(pending.every(({ remoteDescription }) => remoteDescription === null));
  }

  #createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection {
    const { network, random, associations, candidateTaken } = this.#ground;
    const pc = new FakePeerConnection({
      page: this.page,
      profile: PROFILES[this.#profile],
      network,
      random,
      configuration,
      run: this.tab.run,
      sctpOf: (agent) => associations.get(agent) ?? null,
    });
    this.peerConnections.push(pc);
    associations.set(pc.ice, pc.association);
    const addIceCandidate = pc.addIceCandidate.bind(pc);
    pc.addIceCandidate = async (init) => {
      await addIceCandidate(init);
      const of = / ufrag (\S+)/.exec(init?.candidate ?? '')?.[1] ?? null;
      candidateTaken(of, init?.usernameFragment ?? ufragOf(pc.remoteDescription?.sdp));
    };
    const setRemoteDescription = pc.setRemoteDescription.bind(pc);
    pc.setRemoteDescription = async (description) => {
      if (this.#suffering.isPicky && description.type === 'answer')
        throw new DOMException('not this one', 'OperationError');
      return setRemoteDescription(description);
    };
    // Implements the part of the interface that data channels need, without media.
    return pc as unknown as RTCPeerConnection;
  }
}
