import type { AttemptKind, Browser, ConnectionEvent, Evidence, Role } from '../../machines';
import { errorName } from '../log/loggable';
import type { Delivery } from '../signaling/transport';
import {
  type Candidate,
  type Description,
  type Greeting,
  type HoldfastMember,
  isFirefox,
  SignalError,
} from '../signaling/wire';
import { HEARTBEAT } from './control-frames';
import { HeldCandidates } from './held-candidates';
import { IceServers, type IceServersOptions, isTurn } from './ice-servers';
import { Link } from './link';
import { PeerSession } from './peer-session';
import { Race } from './race';

export interface LinksOptions extends IceServersOptions {
  role: Role;
  session: string;
  channel: RTCDataChannelInit & { label: string };
  forceRelay: boolean;
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  send(type: string, payload: unknown): Promise<Delivery>;
  now(): number;
  browser: Browser;
  /** What the machine knows. */
  evidence(): Evidence;
}

export interface LinksListener {
  fact(event: ConnectionEvent): void;
  message(data: unknown): void;
}

type UseServers = (servers: RTCIceServer[]) => void;

/** The capability that says: this end takes direct paths. Missing where relays alone are allowed. */
const DIRECT = 'direct';

/** The connections of one pair of players: carries out what the machine wants of them, and tells it what they do. */
export class Links {
  /** Knows the peer's page loads apart. */
  readonly peer: PeerSession;
  readonly race: Race;
  /** Whether we make the first offer of a first connection. */
  #isFirstOfferer = false;
  /** How many connections were made so far; the `birth` of the last one. */
  #connectionCount = 0;
  readonly #servers: IceServers;
  /** An attempt was begun, and has not reached the other end yet. A first connect is no attempt. */
  #isAttemptUncounted = false;
  /**
   * What waits for ICE servers: the newest of each kind alone. An offer of the peer that is to be accepted drops what we began before it, but not the
   * other way round: else two ends that begin anew each second would never answer each other.
   */
  #awaitingServers: { accept?: UseServers; begin?: UseServers } = {};
  /** What we began last gave way to an offer of the peer, who may drop it unproven: its own link may be back. */
  #hasYielded = false;
  /** When the other end last offered, in ms: while it leads an attempt we do not renew ours. */
  #peerOfferedAtMs = -Infinity;
  /** The name of the error with which the browser last refused to make a connection; null where it made one. Each is logged once. */
  #lastRefusal: string | null = null;
  /** Tells the machine of a refusal. */
  #refusalTimer: ReturnType<typeof setTimeout> | undefined;
  /** Codes with which STUN and TURN servers failed since the link was last up. Each is logged once. */
  readonly #serverErrors = new Set<number>();
  readonly #held = new HeldCandidates();
  readonly #options: LinksOptions;
  readonly #listener: LinksListener;

  constructor(options: LinksOptions, listener: LinksListener) {
    this.#options = options;
    this.#listener = listener;
    this.#servers = new IceServers(options);
    this.race = new Race(options.now);
    this.peer = new PeerSession(this.race, options);
  }

  /** The link that data is sent on. */
  get current(): Link | null {
    return this.race.current;
  }

  /** Whether the browser made no connection so far, and still makes none: without WebRTC it never will. */
  get isWebRTCUnavailable(): boolean {
    if (this.current || !this.#lastRefusal) return false;
    try {
      this.#options.createPeerConnection({ iceServers: [] }).close();
      return false;
    } catch {
      return true;
    }
  }

  // — commands of the machine

  /** Begins a first connect. `offers`: we offer, though by role the other end would. */
  connect(mustOffer = false): void {
    this.#isFirstOfferer = mustOffer || this.#options.role === 'offerer';
    this.#hasYielded = false;
    // The closed channel of an earlier connection is no reason to give this one up.
    this.#reportEvidence({ channel: 'none' });
    if (this.#options.role === 'answerer') this.#sendGreeting('hello');
    this.current?.close();
    this.#openConnection({ isFirst: true });
  }

  /** Says an unanswered offer again, in `checking` and in a restart under a live link, and makes one in place of one that gave way. */
  renewOffer(): void {
    // Not of the current connection alone: a restart under a live link may be a fresh one beside it.
    for (const link of this.race.all) if (link.hasPendingOffer) link.negotiation.resendOffer();
    if (this.#isAwaitingPeerOffer) this.#sendGreeting('hello');
    if (this.#hasYielded) this.#openConnection();
    this.#hasYielded = false;
  }

  /** The designated offerer kept silent; upstream may order ids otherwise. */
  offerAnyway(): void {
    const { current } = this;
    // No connection yet, as its servers are still being fetched: it offers when it is made.
    if (!current || current.isClosed) this.#isFirstOfferer = true;
    else if (!current.isAnswered && !current.hasPendingOffer) current.offer();
  }

  startAttempt(kind: AttemptKind): void {
    // Of a first connect `gathered` stays: one that has found a relay once is not given up for want of one.
    if (this.#options.evidence().wasUp) this.#reportEvidence({ gathered: false });
    this.#beginAttempt(kind);
  }

  renewAttempt(kind: AttemptKind, renewMs: number): void {
    const { current } = this;
    if (this.#options.now() - this.#peerOfferedAtMs < 1.5 * renewMs) return;
    if (kind === 'ice-restart' && current && (current.hasPendingOffer || !current.isAnswered))
      this.renewOffer();
    else this.#beginAttempt(kind);
  }

  takeOffer(offer: Description | Greeting): void {
    this.#resume();
    const isRejoin = this.peer.isRejoin(offer);
    if (isRejoin) {
      // The peer reloaded: its old connections are gone.
      this.race.close();
      this.peer.forgetSession();
    }
    if (offer.type === 'offer') {
      this.#acceptOffer(offer);
      // The two ends reach each other: that counts for an attempt that we began meanwhile, whatever becomes of our own offer.
      this.#reportCounted();
    } else if (isRejoin || this.current?.isClosed) this.#openConnection();
    // A `hello` asks for our offer; one that is still being made goes out by itself.
    else if (this.current?.negotiation.hasSent) this.current.negotiation.resendOffer();
    this.#peerOfferedAtMs = this.#options.now();
  }

  /** Makes a connection without relays beside the relayed one, which it replaces if it ever carries data. */
  tryDirect(): void {
    const acceptsDirect = this.current?.negotiation.remote?.member?.capabilities.includes(DIRECT);
    if (acceptsDirect && this.#options.role === 'offerer') this.#openConnection({ path: 'direct' });
  }

  /** Asks every connection for a sign of life, and closes those that are over. */
  probe(): void {
    for (const link of this.race.all) link.control.ping();
    this.race.closeExpired();
    if (this.#servers.shouldRenew()) this.#listener.fact({ type: 'credentials.expiring' });
  }

  /** The link is suspect: it has to prove itself anew. */
  suspect(): void {
    this.current?.markSuspect();
    this.probe();
  }

  /** The link is up: racers on which nothing was heard are closed. */
  settle(): void {
    this.#serverErrors.clear();
    this.race.dropRacers((racer) => !racer.control.hasHeard);
  }

  giveUp(): void {
    this.race.dropRacers(() => true);
    // No unanswered offer is left behind: a peer that comes back gets a fresh connection.
    if (this.current?.isAnswered) this.current.negotiation.rollback();
    else this.current?.close();
    for (const link of this.race.all) link.suspend();
    this.#awaitingServers = {};
  }

  /** Signaling is back: what it refused is sent again. */
  resendUnsent(): void {
    for (const link of this.race.all) link.negotiation.resendUnsent();
  }

  bye(): void {
    for (const link of this.race.all) link.control.send({ type: 'bye' });
    this.#sendGreeting('bye');
  }

  close(): void {
    this.peer.end();
    clearTimeout(this.#refusalTimer);
    this.#awaitingServers = {};
    this.#servers.stop();
    this.race.close();
    this.race.current = null;
  }

  // — signals that change nothing in the chart

  takeAnswer(answer: Description): void {
    const number = answer.member?.connection;
    const link = this.race.all.find((each) => (number ? each.number === number : each.hasPendingOffer));
    if (!link) throw new SignalError('stale', 'answer');
    link.negotiation.takeAnswer(answer);
  }

  takeCandidate(candidate: Candidate): void {
    const { ufrag } = candidate;
    const link =
      ufrag === null ? this.current : this.race.all.find((each) => each.negotiation.remote?.ufrag === ufrag);
    if (link) link.negotiation.takeCandidate(candidate);
    else if (ufrag === null) throw new SignalError('unexpected', 'ice-candidate');
    else this.#held.add(ufrag, candidate);
  }

  // — inner life

  /** Whether a first offer is the peer's to make, and is still missing: then a `hello` asks for it. */
  get #isAwaitingPeerOffer(): boolean {
    const { current } = this;
    return this.#options.role === 'answerer' && !current?.isAnswered && !current?.hasPendingOffer;
  }

  #beginAttempt(kind: AttemptKind): void {
    this.#resume();
    this.#isAttemptUncounted = true;
    this.#peerOfferedAtMs = -Infinity;
    this.#hasYielded = false;
    if (kind === 'ice-restart') this.#restartIce();
    else this.#openConnection({ path: kind === 'rebuild-relay' ? 'relay' : undefined });
  }

  #resume(): void {
    for (const link of this.race.all) link.resume();
  }

  /**
   * Glare at birth, both ends offering the same new connection, hangs browsers (docs/decisions/glare-at-birth.md): the answerer yields with a fresh
   * connection in place of a rollback, the offerer keeps its own.
   */
  #acceptOffer(offer: Description): void {
    const number = offer.member?.connection ?? this.current?.number ?? 1;
    const known = this.race.all.find((link) => link.number === number);
    const isOurOfferUnanswered = known?.isUnanswered || this.current?.isUnanswered;
    if (isOurOfferUnanswered && this.#options.role === 'offerer') {
      // Ours may never have arrived: where both sockets were down and ours came back first, the relay refused it.
      (known ?? this.current)?.negotiation.resendUnsent();
      throw new SignalError('unexpected', 'offer');
    }
    if (known && !known.isUnanswered) return known.negotiation.takeOffer(offer);
    if (offer.member && this.current?.isAnswered && (known || this.#awaitingServers.begin))
      this.#hasYielded = true;
    this.#openConnection({ number, accept: offer, path: offer.member?.path });
  }

  /** A new ICE generation, also where nobody has answered yet: servers that were fetched anew, and a network that came meanwhile, need one. */
  #restartIce(): void {
    const { current } = this;
    // The first connect was given up unanswered. Where we had to offer in the other's place, we do so again.
    if (!current || current.isClosed) return this.connect(current?.negotiation.isOfferer);
    const isAwaitingPeerOffer = this.#isAwaitingPeerOffer;
    if (isAwaitingPeerOffer) this.#sendGreeting('hello');
    this.#withServers((servers) => {
      current.negotiation.configure(servers);
      if (!isAwaitingPeerOffer) current.negotiation.restart();
    });
  }

  /** Makes a connection, and offers it, unless it takes what the peer has offered (`accept`), or is a first one that the peer is to offer. */
  #openConnection(
    plan: {
      number?: number;
      isFirst?: boolean;
      path?: 'direct' | 'relay' | undefined;
      accept?: Description;
    } = {},
  ): void {
    const number = plan.number ?? this.race.highestNumber + 1;
    this.race.highestNumber = Math.max(this.race.highestNumber, number);
    const create = (servers: RTCIceServer[]) => {
      const link = this.#createLink(number, servers, plan.path);
      this.race.add(link);
      if (plan.accept) link.negotiation.takeOffer(plan.accept);
      else if (!plan.isFirst || this.#isFirstOfferer) link.offer();
    };
    this.#withServers(create, plan.accept);
  }

  #createLink(number: number, servers: RTCIceServer[], path?: 'direct' | 'relay'): Link {
    const isRelayOnly = this.#options.forceRelay || path === 'relay';
    const iceServers = path === 'direct' ? servers.filter((server) => !isTurn(server)) : servers;
    const birth = ++this.#connectionCount;
    const link: Link = new Link(
      {
        ...this.#options,
        number,
        configuration: { iceServers, iceTransportPolicy: isRelayOnly ? 'relay' : 'all' },
        member: () => ({ ...this.#member(number), birth, ...(path === 'direct' && { path }) }),
      },
      {
        ...this.#listener,
        fact: (event) => this.#onFact(link, event),
        up: (isBack) => this.#onUp(link, isBack),
        gathered: (isRelay) =>
          this.#reportEvidence({ gathered: true, ...(isRelay && { turnRefused: false }) }),
        negotiated: (description) => this.#onNegotiated(link, description),
        offerArrived: () => this.#reportCounted(),
        answerRefused: () => this.#onAnswerRefused(link),
        moved: () => this.race.noteMoved(link),
        bye: () => this.#listener.fact({ type: 'remote.left' }),
        serverFailed: (code) => {
          if (!this.#serverErrors.has(code)) this.#options.logger.info('[WebRTC] STUN or TURN error', code);
          this.#serverErrors.add(code);
        },
        turnRefused: () => {
          if (!this.#servers.isStale) this.#reportEvidence({ turnRefused: true });
        },
      },
    );
    return link;
  }

  #onFact(link: Link, event: ConnectionEvent): void {
    const { type } = event;
    if (type === 'channel.closed' || type === 'ice.failed') this.race.dropRacers((racer) => racer === link);
    if (link !== this.current) return;
    if (type === 'channel.closed') this.#reportEvidence({ channel: 'closed' });
    this.#listener.fact(event);
    // After the fact, for which the game waits.
    if (type === 'channel.opened') this.#reportEvidence({ channel: 'open' });
  }

  #onNegotiated(link: Link, description: Description): void {
    // Where the relay acknowledges nothing, this shows that the two ends reach each other.
    this.#reportCounted();
    this.peer.noteSession(description);
    const remote = description.member ? 'holdfast' : 'upstream';
    this.#reportEvidence({ remote, remoteIsFirefox: isFirefox(description.sdp), answered: true });
    for (const candidate of this.#held.take(description.ufrag)) link.negotiation.takeCandidate(candidate);
  }

  /** The browser did not take the answer. The same offer would be answered alike, so the attempt has failed before its deadline. */
  #onAnswerRefused(link: Link): void {
    if (link !== this.current && link.number < this.race.highestNumber) return;
    this.#reportCounted();
    this.#listener.fact({ type: 'attempt.failed' });
  }

  #onUp(link: Link, isBack: boolean): void {
    if (isBack || this.race.isLoser(link)) return this.#listener.fact({ type: 'life.back' });
    if (link !== this.current) {
      if (!link.isProven) return;
      this.race.promote(link);
      // Also serves the other end as an echo: on a lossy path it may have missed its own, and the next is a heartbeat away.
      link.control.send({ type: 'moved' });
    }
    this.#listener.fact({ type: 'link.up' });
  }

  /** Tells the machine what it does not know yet. No more: each fact is a transition, which would slow a connect. */
  #reportEvidence(evidence: Partial<Evidence>): void {
    const known = this.#options.evidence();
    const changes = Object.entries(evidence).filter(([key, value]) => Reflect.get(known, key) !== value);
    if (changes.length > 0)
      this.#listener.fact({ type: 'peer.learned', evidence: Object.fromEntries(changes) });
  }

  #member(connection: number): HoldfastMember {
    const { session, forceRelay } = this.#options;
    const capabilities = [HEARTBEAT, 'rebuild', ...(forceRelay ? [] : [DIRECT])];
    return { version: 1, session, connection, capabilities, to: this.peer.addressee };
  }

  #sendGreeting(type: 'hello' | 'bye'): void {
    void this.#options.send(type, { holdfast: this.#member(this.race.highestNumber || 1) });
  }

  /** The attempt under way has reached the other end, and counts. */
  #reportCounted(): void {
    if (!this.#isAttemptUncounted) return;
    this.#isAttemptUncounted = false;
    this.#listener.fact({ type: 'attempt.counted' });
  }

  /**
   * Calls `use` with the ICE servers: at once where they are at hand, so that a first connect waits for nothing. Of an offer that came twice meanwhile
   * one connection is made: of two with the same number the two ends might use different ones.
   */
  #withServers(use: UseServers, accept?: Description): void {
    this.#awaitingServers = accept ? { accept: use } : { ...this.#awaitingServers, begin: use };
    this.#servers.get((servers) => {
      if (this.#awaitingServers[accept ? 'accept' : 'begin'] !== use) return;
      clearTimeout(this.#refusalTimer);
      try {
        this.#reportEvidence({ relayAvailable: servers.some(isTurn), turnRefused: false });
        use(servers);
        this.#lastRefusal = null;
      } catch (error) {
        // The browser has no WebRTC, does not take one of the servers, or has too many connections.
        const name = errorName(error);
        if (name !== this.#lastRefusal) this.#options.logger.warn('[WebRTC] no connection:', name);
        this.#lastRefusal = name;
        // In a task of its own: a game that connects anew whenever it failed would hang its page.
        this.#refusalTimer = setTimeout(() => this.#listener.fact({ type: 'gathering.empty' }));
      }
    });
  }
}
