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
  /** The evidence in the machine's context. */
  evidence(): Evidence;
}

export interface LinksListener {
  fact(event: ConnectionEvent): void;
  message(data: unknown): void;
}

type UseServers = (servers: RTCIceServer[]) => void;

/** The capability of an end that accepts direct paths. An end with `forceRelay` does not have it. */
const DIRECT = 'direct';

/** All connections of one pair of players: executes the machine's commands and reports facts to it. */
export class Links {
  /** Tells the peer's page loads apart. */
  readonly peer: PeerSession;
  readonly race: Race;
  /** Whether we make the first offer of a first connect. */
  #isFirstOfferer = false;
  /** How many connections were created so far; also the `birth` of the last one. */
  #connectionCount = 0;
  readonly #servers: IceServers;
  /** Whether an attempt has started but not reached the other end yet. A first connect is not an attempt. */
  #isAttemptUncounted = false;
  /**
   * The newest task of each kind that waits for ICE servers. Accepting an offer of the peer (`accept`) cancels what we started ourselves (`begin`), but not
   * the other way round: otherwise two ends that start again each second would never answer each other.
   */
  #awaitingServers: { accept?: UseServers; begin?: UseServers } = {};
  /** Whether our last new connection gave way to an offer of the peer. The peer may drop that offer unproven, because its own link may heal. */
  #hasYielded = false;
  /** When the other end last offered, in ms. While it renews its own attempt we do not renew ours. */
  #peerOfferedAtMs = -Infinity;
  /** The name of the browser's last error when it refused to create a connection; null once it created one. A repeated error is not logged again. */
  #lastRefusal: string | null = null;
  /** Reports the refusal to the machine in a later task. */
  #refusalTimer: ReturnType<typeof setTimeout> | undefined;
  /** Error codes of STUN and TURN servers since the link was last up. Each is logged once. */
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

  /** The link that carries the game's data. */
  get current(): Link | null {
    return this.race.current;
  }

  /** Whether the browser has refused every connection so far, and still refuses one: for example, it has no WebRTC. */
  get isBlocked(): boolean {
    if (this.current || !this.#lastRefusal) return false;
    try {
      this.#options.createPeerConnection({ iceServers: [] }).close();
      return false;
    } catch {
      return true;
    }
  }

  // — commands from the machine

  /** Starts a first connect. `mustOffer`: we offer even if by role the other end would. */
  connect(mustOffer = false): void {
    this.#isFirstOfferer = mustOffer || this.#options.role === 'offerer';
    this.#hasYielded = false;
    // The closed channel of an earlier connection must not fail this one.
    this.#reportEvidence({ channel: 'none' });
    if (this.#options.role === 'answerer') this.#sendGreeting('hello');
    this.current?.close();
    this.#openConnection({ isFirst: true });
  }

  /** Resends unanswered offers. If our last new connection gave way to the peer's, it creates another one. */
  renewOffer(): void {
    // Not only on the current connection: a restart of a live link may be a new connection beside it.
    for (const link of this.race.all) if (link.hasPendingOffer) link.negotiation.resendOffer();
    if (this.#isAwaitingPeerOffer) this.#sendGreeting('hello');
    if (this.#hasYielded) this.#openConnection();
    this.#hasYielded = false;
  }

  /** Offers although the other end should: it has not offered, and upstream may order ids differently. */
  offerAnyway(): void {
    const { current } = this;
    // There is no connection yet, because its servers are still being fetched: it offers when it is created.
    if (!current || current.isClosed) this.#isFirstOfferer = true;
    else if (!current.isAnswered && !current.hasPendingOffer) current.offer();
  }

  startAttempt(kind: AttemptKind): void {
    // During a first connect `gathered` stays: if a relay was found once, the link does not fail with `no-relay`.
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
      // The peer reloaded, so its old connections are gone.
      this.race.close();
      this.peer.forget();
    }
    if (offer.type === 'offer') {
      this.#acceptOffer(offer);
      // The two ends reach each other, so an attempt that we started meanwhile counts, whether or not our own offer arrives.
      this.#reportCounted();
    } else if (isRejoin || this.current?.isClosed) this.#openConnection();
    // A `hello` asks for our offer. An offer that is still being made is sent anyway.
    else if (this.current?.negotiation.hasSent) this.current.negotiation.resendOffer();
    this.#peerOfferedAtMs = this.#options.now();
  }

  /** Creates a connection without relays beside the relayed one, and replaces that if the new one carries data. */
  tryDirect(): void {
    const acceptsDirect = this.current?.negotiation.remote?.member?.capabilities.includes(DIRECT);
    if (acceptsDirect && this.#options.role === 'offerer') this.#openConnection({ path: 'direct' });
  }

  /** Pings on every connection and closes expired ones. */
  probe(): void {
    for (const link of this.race.all) link.control.ping();
    this.race.prune();
    if (this.#servers.shouldRenew()) this.#listener.fact({ type: 'credentials.expiring' });
  }

  /** The link is suspect: only arriving data makes it count as up again. */
  suspect(): void {
    this.current?.suspect();
    this.probe();
  }

  /** The link is up: closes racers on which no data has arrived. */
  settle(): void {
    this.#serverErrors.clear();
    this.race.drop((racer) => !racer.control.hasHeard);
  }

  giveUp(): void {
    this.race.drop(() => true);
    // Leaves no unanswered offer behind: a peer that comes back gets a new connection.
    if (this.current?.isAnswered) this.current.negotiation.rollback();
    else this.current?.close();
    for (const link of this.race.all) link.suspend();
    this.#awaitingServers = {};
  }

  /** Signaling is back: sends again what it refused. */
  resend(): void {
    for (const link of this.race.all) link.negotiation.resend();
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

  // — signals that cause no transition

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

  // — private

  /** Whether the peer has to make the first offer and has not: then a `hello` asks for it. */
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
   * Accepts an offer. If both ends offer the same new connection at once, a rollback would hang browsers (docs/decisions/glare-at-birth.md). So the answerer
   * replaces its connection by a new one instead, and the offerer keeps its own.
   */
  #acceptOffer(offer: Description): void {
    const number = offer.member?.connection ?? this.current?.number ?? 1;
    const known = this.race.all.find((link) => link.number === number);
    const isOurOfferUnanswered = known?.isUnanswered || this.current?.isUnanswered;
    if (isOurOfferUnanswered && this.#options.role === 'offerer') {
      // Our offer may never have arrived: if both sockets were down and ours came back first, the relay refused it.
      (known ?? this.current)?.negotiation.resend();
      throw new SignalError('unexpected', 'offer');
    }
    if (known && !known.isUnanswered) return known.negotiation.takeOffer(offer);
    if (offer.member && this.current?.isAnswered && (known || this.#awaitingServers.begin))
      this.#hasYielded = true;
    this.#openConnection({ number, accept: offer, path: offer.member?.path });
  }

  /** Starts a new ICE generation, even before the first answer, because newly fetched servers and a new network need one. */
  #restartIce(): void {
    const { current } = this;
    // The first connect ended unanswered. If we offered in place of the other end, we do so again.
    if (!current || current.isClosed) return this.connect(current?.negotiation.isOfferer);
    const isAwaitingPeerOffer = this.#isAwaitingPeerOffer;
    if (isAwaitingPeerOffer) this.#sendGreeting('hello');
    this.#withServers((servers) => {
      current.negotiation.configure(servers);
      if (!isAwaitingPeerOffer) current.negotiation.restart();
    });
  }

  /** Creates a connection. It takes the peer's offer (`accept`) or makes an offer itself, unless the peer has to make the first offer. */
  #openConnection(
    plan: {
      number?: number;
      isFirst?: boolean;
      path?: 'direct' | 'relay' | undefined;
      accept?: Description;
    } = {},
  ): void {
    const number = plan.number ?? this.race.highest + 1;
    this.race.highest = Math.max(this.race.highest, number);
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
        moved: () => this.race.moved(link),
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
    if (type === 'channel.closed' || type === 'ice.failed') this.race.drop((racer) => racer === link);
    if (link !== this.current) return;
    if (type === 'channel.closed') this.#reportEvidence({ channel: 'closed' });
    this.#listener.fact(event);
    // Reported after the fact itself, because the game waits for that.
    if (type === 'channel.opened') this.#reportEvidence({ channel: 'open' });
  }

  #onNegotiated(link: Link, description: Description): void {
    // Even if the relay acknowledges nothing, this proves that the two ends reach each other.
    this.#reportCounted();
    this.peer.meet(description);
    // A rebuild needs a winner that both ends see, and only an echo shows it to both. A peer that echoes nothing gets ICE restarts, as upstream does.
    const remote = description.member?.capabilities.includes(HEARTBEAT) ? 'holdfast' : 'upstream';
    this.#reportEvidence({ remote, remoteIsFirefox: isFirefox(description.sdp), answered: true });
    for (const candidate of this.#held.take(description.ufrag)) link.negotiation.takeCandidate(candidate);
  }

  /** The browser refused the answer. The same offer would get the same answer, so the attempt fails before its deadline. */
  #onAnswerRefused(link: Link): void {
    if (link !== this.current && link.number < this.race.highest) return;
    this.#reportCounted();
    this.#listener.fact({ type: 'attempt.failed' });
  }

  #onUp(link: Link, isBack: boolean): void {
    if (isBack || this.race.hasLost(link)) return this.#listener.fact({ type: 'life.back' });
    if (link !== this.current) {
      if (!link.isProven) return;
      this.race.win(link);
      // Also serves the other end as an echo: on a lossy path it may have missed its own, and the next one is a heartbeat away.
      link.control.send({ type: 'moved' });
    }
    this.#listener.fact({ type: 'link.up' });
  }

  /** Reports evidence to the machine, only what changed: each fact is a transition, and more of them would slow a connect. */
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
    void this.#options.send(type, { holdfast: this.#member(this.race.highest || 1) });
  }

  /** The attempt under way has reached the other end: reports it as counted, once. */
  #reportCounted(): void {
    if (!this.#isAttemptUncounted) return;
    this.#isAttemptUncounted = false;
    this.#listener.fact({ type: 'attempt.counted' });
  }

  /**
   * Calls `use` with the ICE servers, synchronously if the provider returns an array, so that a first connect does not wait. If an offer arrives twice
   * meanwhile, only one connection is created: with two of the same number the two ends might use different ones.
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
        // The browser has no WebRTC, rejects one of the servers, or has too many connections.
        const name = errorName(error);
        if (name !== this.#lastRefusal) this.#options.logger.warn('[WebRTC] no connection:', name);
        this.#lastRefusal = name;
        // In a later task: otherwise a game that connects again at each `failed` would hang its page.
        this.#refusalTimer = setTimeout(() => this.#listener.fact({ type: 'gathering.empty' }));
      }
    });
  }
}
