import type { AttemptKind, ConnectionEvent, Evidence, Role } from '../../machines';
import type { Delivery } from '../signaling/transport';
import {
  type Candidate,
  type Description,
  type Greeting,
  type HoldfastMember,
  SignalError,
} from '../signaling/wire';
import { HEARTBEAT } from './control-frames';
import { HeldCandidates } from './held-candidates';
import { IceServers, type IceServersOptions, isTurn } from './ice-servers';
import { iceIsUp } from './ice-state';
import { succeed } from './lineage';
import { Link, type LinkListener, nameOf } from './link';

export interface LinksOptions extends IceServersOptions {
  role: Role;
  session: string;
  channel: RTCDataChannelInit & { label: string };
  forceRelay: boolean;
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
  send(type: string, payload: unknown): Promise<Delivery>;
  now(): number;
}

export interface LinksListener {
  fact(event: ConnectionEvent): void;
  message(data: unknown): void;
}

/** A racer keeps its chance while the next one starts: two alive recover soonest (docs/discoveries/recovery-after-a-udp-cut.md). */
const MAX_RACERS = 2;
/** On a slow path their two seconds are short: one in so many, at both ends the same, keeps its chance until the next such starts. */
const PATIENT_EVERY = 5;
/** And who has found a path may finish its handshake, as long as there are no more than these. */
const MAX_ALL_RACERS = 6;

/** After this a browser gives up on a connection, but not on one whose offer nobody answers. */
const RACER_LIFETIME_MS = 15_000;
/** A loser is listened to a little longer: heard again, it tells that the outage healed by itself. */
const RETIREMENT_MS = 1_000;

/** A recovering peer asks for one connection a second; one that was cut off from the relay delivers what it asked meanwhile at once. */
const CREATION_MS = 500;
const MAX_CREATIONS = 32;
/** Losers that are listened to: more than one connection at a time is lost by a peer alone that never says that it moved. */
const MAX_LOSERS = 3;

const CAPABILITIES = [HEARTBEAT, 'rebuild'];

/**
 * The connections of one pair of players: the current one, which `send()` uses, and some racers beside it.
 *
 * Both ends pick the same winner: the highest connection number on which an echo came back. A loser is closed, quietly, once the
 * other end has said on the winner that it moved; one that nothing was ever heard on may go at any time, since then the other end
 * cannot have had an echo either.
 */
export class Links {
  current: Link | null = null;
  #racers: Link[] = [];
  #losers: Link[] = [];
  /** When the losers may go, in ms; null until the other end has said that it moved. */
  #retireAtMs: number | null = null;
  #highest = 0;
  /** The plan of a first connection. */
  #first = { isOffered: false };
  /** Connections made so far: the `birth` of the last one. */
  #births = 0;
  /** Of the peer, whose signals name it: null of an upstream one, undefined as long as nothing was agreed with any. */
  #peerSession: string | null | undefined;
  readonly #servers: IceServers;
  /** An attempt was begun, and no offer of ours has arrived since. The first connect is no attempt. */
  #isUncounted = false;
  /** How often we began something that servers are fetched for: only the newest of these is carried out. */
  #initiatives = 0;
  readonly #known: Record<string, unknown> = {
    // The machine learns it from the first opening, which is a fact of its own.
    channel: 'open',
    relayAvailable: false,
    turnRefused: false,
  };
  /** When the other end last offered, in ms: while it leads an attempt we do not renew ours against it. */
  #ledByPeerAtMs = -Infinity;
  /** Connections that the peer made us create are paid for until then, in ms. */
  #paidUntilMs = -Infinity;
  #isClosed = false;
  /** How often: what waits for servers since before that is not begun any more. */
  #givenUp = 0;
  readonly #held = new HeldCandidates();
  readonly #options: LinksOptions;
  readonly #listener: LinksListener;

  constructor(options: LinksOptions, listener: LinksListener) {
    this.#options = options;
    this.#listener = listener;
    this.#servers = new IceServers(options);
  }

  /** Every connection that is not closed. */
  get all(): Link[] {
    return [this.current, ...this.#racers, ...this.#losers]
      .filter((link) => link !== null)
      .filter((link) => !link.isClosed);
  }

  // — commands of the machine

  connect(isOffered = this.#options.role === 'offerer'): void {
    this.#first = { isOffered };
    // That of the connection before is no reason to give this one up.
    if (this.#known.channel === 'closed') this.#learn({ channel: 'none' });
    if (this.#options.role === 'answerer') this.#greet('hello');
    this.current?.close();
    this.#create(this.#first);
  }

  /** In `checking`: what has not been answered is said again. */
  renewOffer(): void {
    if (this.current?.hasPendingOffer) this.current.resendOffer();
    else if (this.#options.role === 'answerer' && !this.current?.isAnswered) this.#greet('hello');
  }

  /** The designated offerer kept silent; upstream may order ids otherwise. */
  offerAnyway(): void {
    const { current } = this;
    // Its servers are still being fetched.
    if (!current) this.#first.isOffered = true;
    else if (!current.isAnswered && !current.hasPendingOffer) current.offer();
  }

  startAttempt(kind: AttemptKind): void {
    this.#wake();
    this.#isUncounted = true;
    this.#ledByPeerAtMs = -Infinity;
    if (kind === 'ice-restart') this.#restartCurrent();
    else this.#create({ isOffered: true, ...(kind === 'rebuild-relay' && { path: 'relay' }) });
  }

  renewAttempt(kind: AttemptKind, renewMs: number): void {
    const { current } = this;
    if (this.#options.now() - this.#ledByPeerAtMs < 1.5 * renewMs) return;
    if (kind === 'ice-restart' && current && (current.hasPendingOffer || !current.isAnswered))
      this.renewOffer();
    else this.startAttempt(kind);
  }

  takeOffer(offer: Description | Greeting): void {
    this.#wake();
    const isRejoin = this.#isRejoin(offer);
    // A page that greets takes any number above its own; one that offers counts from 1 again, and so must we.
    if (isRejoin) this.#forget(offer.type === 'hello' ? this.#highest : 0);
    if (offer.type === 'offer') this.#acceptOffer(offer);
    else if (isRejoin || this.current?.isClosed) this.#create({ isOffered: true });
    else if (!this.current?.game) this.current?.offer();
    // An offer that is still being made needs no second.
    else if (this.current.hasSentOffer) this.current.resendOffer();
    this.#ledByPeerAtMs = this.#options.now();
  }

  /** A fresh connection without relays races the relayed one; it wins if it ever carries data. */
  tryDirect(): void {
    this.settle();
    if (this.#options.role === 'offerer') this.#create({ isOffered: true, path: 'direct' });
  }

  /** Asks every connection for a sign of life, and says again that we moved, until the other end has said so too. */
  probe(): void {
    for (const link of this.all) link.ping();
    this.#retire();
    if (this.#servers.areExpiring()) this.#listener.fact({ type: 'credentials.expiring' });
  }

  suspect(): void {
    this.current?.doubt();
    this.probe();
  }

  /** The link is up: a racer that nothing was heard on has lost. */
  settle(): void {
    this.#dropRacers((racer) => !racer.isHeard);
  }

  /** Chromium gives a connection up 15 s after it was lost, unless its ICE is stirred: then it heals by itself, without signaling. */
  hold(): void {
    if (this.current?.isAnswered) this.current.hold();
  }

  giveUp(): void {
    this.#dropRacers(() => true);
    // Nobody is left with an offer that was never answered: whoever comes back is given a fresh connection.
    if (this.current?.isAnswered) this.current.rollback();
    else this.current?.close();
    for (const link of this.all) link.rest();
    this.#givenUp += 1;
  }

  /** Signaling is back. */
  catchUp(): void {
    for (const link of this.all) link.catchUp();
  }

  bye(): void {
    for (const link of this.all) link.sendFrame({ type: 'bye' });
    this.#greet('bye');
  }

  close(): void {
    this.#isClosed = true;
    this.#servers.stop();
    for (const link of this.all) link.close();
    this.current = null;
    this.#racers = this.#losers = [];
  }

  // — signals that change nothing in the chart

  takeAnswer(answer: Description): void {
    const number = answer.member?.connection;
    const link = this.all.find((each) => (number ? each.number === number : each.hasPendingOffer));
    if (!link) throw new SignalError('stale', 'answer');
    link.takeAnswer(answer);
  }

  takeCandidate(candidate: Candidate): void {
    const { ufrag } = candidate;
    const link = ufrag === null ? this.current : this.all.find((each) => each.remote?.ufrag === ufrag);
    if (link) link.takeCandidate(candidate);
    else if (ufrag === null || this.#isClosed) throw new SignalError('unexpected', 'ice-candidate');
    else this.#held.add(ufrag, candidate);
  }

  isPeer(session: string): boolean {
    return this.#peerSession === session;
  }

  /** An upstream peer that reloaded may answer our restart with a connection of its own, which is not the one that we restart. */
  isAnsweredAnew(answer: Description): boolean {
    return this.current?.hasPendingOffer === true && this.#isRejoin(answer);
  }

  /** A `hello` is a wish for an offer: heeded from a peer that reloaded, and where our first offer is still unanswered. */
  wantsHello(hello: Greeting): boolean {
    return this.#isRejoin(hello) || (this.#options.role === 'offerer' && this.current?.isAnswered === false);
  }

  /** What an offer is, by the session and the connection that it names; towards upstream by its fingerprint. */
  classify(
    offer: Description | Greeting,
  ): 'remote.offer' | 'remote.restart' | 'remote.rebuild' | 'remote.rejoin' {
    const { current } = this;
    const isRejoin = this.#isRejoin(offer);
    const number = offer.member?.connection ?? current?.number;
    const known = this.all.find((link) => link.number === number);
    const isStale = !isRejoin && current?.isAnswered && !known && Number(number) <= this.#highest;
    // Its connection yielded when both offered first, and the answer of the one that took its place overtook it.
    const isLate =
      isRejoin &&
      this.isPeer(`${offer.member?.session}`) &&
      (known?.remote?.member?.birth ?? 0) > (offer.member?.birth ?? 0);
    if (isStale || isLate) throw new SignalError('stale', offer.type);
    if (isRejoin || !known || offer.type === 'hello') this.#spend(offer);
    if (isRejoin) return 'remote.rejoin';
    if (!current?.isAnswered) return 'remote.offer';
    return number === current.number ? 'remote.restart' : 'remote.rebuild';
  }

  // — inner life

  /** What a stranger can make us create is limited, as in GCRA: browsers have room for a few hundred connections. */
  #spend({ type }: Description | Greeting): void {
    const nowMs = this.#options.now();
    const paidUntilMs = Math.max(nowMs, this.#paidUntilMs) + CREATION_MS;
    if (paidUntilMs > nowMs + MAX_CREATIONS * CREATION_MS) throw new SignalError('too-many', type);
    this.#paidUntilMs = paidUntilMs;
  }

  #wake(): void {
    for (const link of this.all) link.wake();
  }

  #isRejoin(signal: Description | Greeting): boolean {
    const { member } = signal;
    if (this.#peerSession === undefined) return false;
    if (member && this.#peerSession !== member.session) return true;
    if (!('fingerprint' in signal) || (!member && this.#peerSession !== null)) return false;
    // Misled by a late offer of the page before ours, a peer forgets us: under its old session it counts its connections from 1 again.
    const link = member ? this.all.find(({ number }) => number === member.connection) : this.current;
    const known = link?.remote?.fingerprint;
    return known !== undefined && known !== signal.fingerprint;
  }

  /** The peer reloaded: its old connections are gone. */
  #forget(highest: number): void {
    for (const link of this.all) link.close();
    this.#racers = this.#losers = [];
    this.#peerSession = undefined;
    this.#highest = highest;
    this.#held.clear();
  }

  /**
   * Glare at birth, both ends offering the same new connection, hangs browsers (docs/decisions/glare-at-birth.md): the answerer yields with a fresh
   * connection in place of a rollback, the offerer keeps its own.
   */
  #acceptOffer(offer: Description): void {
    const number = offer.member?.connection ?? this.current?.number ?? 1;
    const known = this.all.find((link) => link.number === number);
    const isOurs = known?.isUnanswered || this.current?.isUnanswered;
    if (isOurs && this.#options.role === 'offerer') throw new SignalError('unexpected', 'offer');
    if (known && !known.isUnanswered) return known.takeOffer(offer);
    this.#create({ number, isOffered: false, accept: offer, ...(offer.member?.path && { path: 'direct' }) });
  }

  /** Also where nobody has answered yet: servers fetched anew, and a network that came meanwhile, need a new generation. */
  #restartCurrent(): void {
    const { current } = this;
    if (!current) return this.connect();
    // Given up unanswered. Who had to offer once, though it is the other's part, has to again.
    if (current.isClosed) return this.connect(current.isOfferer);
    const isAsking = this.#options.role === 'answerer' && !current.isAnswered && !current.hasPendingOffer;
    if (isAsking) this.#greet('hello');
    this.#withServers((servers) => (isAsking ? current.configure(servers) : current.restart(servers)));
  }

  #create(plan: {
    number?: number;
    isOffered: boolean;
    path?: 'direct' | 'relay';
    accept?: Description;
  }): void {
    const number = plan.number ?? this.#highest + 1;
    this.#highest = Math.max(this.#highest, number);
    const create = (servers: RTCIceServer[]) => {
      // An offer that was said twice while the servers were fetched: two connections of one number would leave the two ends on different ones.
      const twin = this.all.find((link) => link.number === number && !link.isUnanswered);
      if (plan.accept && twin) return twin.takeOffer(plan.accept);
      const isRelayOnly = this.#options.forceRelay || plan.path === 'relay';
      const iceServers = plan.path === 'direct' ? servers.filter((server) => !isTurn(server)) : servers;
      this.#births += 1;
      const link: Link = new Link(
        {
          ...this.#options,
          number,
          configuration: { iceServers, iceTransportPolicy: isRelayOnly ? 'relay' : 'all' },
          member: {
            ...this.#member(number),
            birth: this.#births,
            ...(plan.path === 'direct' && { path: 'direct' }),
          },
        },
        this.#listenerOf(() => link),
      );
      this.#place(link);
      if (plan.accept) link.takeOffer(plan.accept);
      else if (plan.isOffered) link.offer();
    };
    this.#withServers(create, { isReply: plan.accept !== undefined });
  }

  /** A new link is current where there was none that was ever answered, else it races. */
  #place(link: Link): void {
    if (this.current?.isAnswered && !this.current.isClosed) {
      this.#dropRacers((racer) => racer.number === link.number);
      this.#racers.push(link);
      const patient = this.#racers.filter(({ number }) => number % PATIENT_EVERY === 0).at(-1);
      const hasTime = (racer: Link, place: number) =>
        this.#racers.length - place <= MAX_RACERS || racer === patient || iceIsUp(racer.pc);
      const kept = this.#racers.filter(hasTime).slice(-MAX_ALL_RACERS);
      this.#dropRacers((racer) => !kept.includes(racer));
    } else {
      this.current?.close();
      this.#promote(link);
    }
  }

  #promote(link: Link): void {
    const { current } = this;
    this.current = link;
    this.#dropRacers((racer) => racer.number < link.number && !racer.isHeard);
    this.#losers.push(...this.#racers.filter((racer) => racer.number < link.number));
    this.#racers = this.#racers.filter((racer) => racer.number > link.number);
    if (current) succeed(current.pc, link.pc);
    if (current && !current.isClosed) this.#losers.push(current);
    while (this.#losers.length > MAX_LOSERS) this.#losers.shift()?.close();
    this.#retireAtMs = null;
  }

  #listenerOf(self: () => Link): LinkListener {
    return {
      fact: (event) => this.#onFact(self(), event),
      message: (data) => this.#listener.message(data),
      up: (isBack) => this.#onUp(self(), isBack),
      gathered: (isRelay) => this.#learn({ gathered: true, ...(isRelay && { turnRefused: false }) }),
      negotiated: (description) => this.#onNegotiated(self(), description),
      offerArrived: () => this.#count(),
      answerRefused: () => this.#onAnswerRefused(self()),
      moved: () => this.#onMoved(self()),
      bye: () => this.#listener.fact({ type: 'remote.left' }),
      turnRefused: () => {
        if (!this.#servers.isStale) this.#learn({ turnRefused: true });
      },
    };
  }

  #onFact(link: Link, event: ConnectionEvent): void {
    const { type } = event;
    if (type === 'channel.closed' || type === 'ice.failed') this.#dropRacers((racer) => racer === link);
    if (link !== this.current) return;
    if (type === 'channel.closed') this.#learn({ channel: 'closed' });
    this.#listener.fact(event);
    // The game waits for the one, and nobody for the other.
    if (type === 'channel.opened') this.#learn({ channel: 'open' });
  }

  #onNegotiated(link: Link, { type, member, ufrag }: Description): void {
    // A relay that acknowledges nothing says nothing of the offer, but that it was answered does.
    if (type === 'answer') this.#count();
    this.#peerSession = member ? member.session : null;
    const remote = member ? 'holdfast' : 'upstream';
    // Told each time: every outage forgets that the peer answered before.
    this.#listener.fact({ type: 'peer.learned', evidence: { remote, answered: true } });
    for (const candidate of this.#held.take(ufrag)) link.takeCandidate(candidate);
  }

  /** Said again, the same offer would be answered alike: its attempt has failed before its deadline. That it was answered says that it arrived. */
  #onAnswerRefused(link: Link): void {
    if (link !== this.current && link.number < this.#highest) return;
    this.#count();
    this.#listener.fact({ type: 'attempt.failed' });
  }

  #onUp(link: Link, isBack: boolean): void {
    const isOld = this.#losers.includes(link) || (link === this.current && isBack);
    if (isOld) return this.#listener.fact({ type: 'life.back' });
    if (link !== this.current && !(link.isProven && link.number > (this.current?.number ?? 0))) return;
    if (link !== this.current) {
      this.#promote(link);
      this.#learn({ channel: 'open' });
      link.sendFrame({ type: 'moved' });
    }
    this.#listener.fact({ type: 'link.up' });
  }

  /** The other end sends on `link` too. */
  #onMoved(link: Link): void {
    if (link === this.current) this.#retireAtMs ??= this.#options.now() + RETIREMENT_MS;
  }

  #retire(): void {
    const youngestMs = this.#options.now() - RACER_LIFETIME_MS;
    this.#dropRacers((racer) => !racer.isHeard && racer.bornAtMs < youngestMs);
    if (this.#losers.length === 0) return;
    if (this.#retireAtMs === null) this.current?.sendFrame({ type: 'moved' });
    else if (this.#options.now() >= this.#retireAtMs)
      for (const loser of this.#losers.splice(0)) loser.close();
  }

  #dropRacers(hasLost: (racer: Link) => boolean): void {
    const losers = this.#racers.filter(hasLost);
    this.#racers = this.#racers.filter((racer) => !losers.includes(racer));
    for (const racer of losers) racer.close();
  }

  /** What is known already is no news: each fact is a transition of the machine, and connecting has no time for idle ones. */
  #learn(evidence: Partial<Evidence>): void {
    const news = Object.entries(evidence).filter(([key, value]) => this.#known[key] !== value);
    if (news.length === 0) return;
    Object.assign(this.#known, evidence);
    this.#listener.fact({ type: 'peer.learned', evidence: Object.fromEntries(news) });
  }

  #member(connection: number): HoldfastMember {
    return { version: 1, session: this.#options.session, connection, capabilities: CAPABILITIES };
  }

  #greet(type: 'hello' | 'bye'): void {
    void this.#options.send(type, { holdfast: this.#member(Math.max(1, this.#highest)) });
  }

  #count(): void {
    if (!this.#isUncounted) return;
    this.#isUncounted = false;
    this.#listener.fact({ type: 'attempt.counted' });
  }

  /** Synchronous where the servers are at hand: a first connect waits for nothing. */
  #withServers(use: (servers: RTCIceServer[]) => void, { isReply = false } = {}): void {
    const givenUp = this.#givenUp;
    if (!isReply) this.#initiatives += 1;
    const initiative = this.#initiatives;
    this.#servers.get((servers) => {
      const isOutdated = givenUp !== this.#givenUp || (!isReply && initiative !== this.#initiatives);
      if (this.#isClosed || isOutdated) return;
      try {
        this.#learn({ relayAvailable: servers.some(isTurn), turnRefused: false });
        use(servers);
      } catch (error) {
        // No WebRTC, a server that the browser does not take, or more connections than it has room for.
        this.#options.logger.warn('[WebRTC] no connection:', nameOf(error));
        this.#listener.fact({ type: 'gathering.empty' });
      }
    });
  }
}
