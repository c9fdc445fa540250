import type { RemoteOffer, Role } from '../../machines';
import { type Description, type Greeting, SignalError } from '../signaling/wire';
import type { Race } from './race';

export interface PeerSessionOptions {
  role: Role;
  /** Our own session. */
  session: string;
  now(): number;
}

/**
 * How many connections the peer may make us create: one each half second, and 32 in a burst. A recovering peer asks for one each second; after a cut
 * from the relay its requests arrive all at once.
 */
const CREATION_INTERVAL_MS = 500;
const MAX_CREATION_BURST = 32;

/** The ended sessions of this page, each with its end time. Signals that were still on their way to one of them reach the next manager. */
const ended = new Map<string | undefined, number>();
const MAX_ENDED = 32;
/** How long signals to an ended session are refused. A peer that still names it later has missed our `bye`: if refused for ever, it could never reach us. */
const ENDED_SESSION_MS = 10_000;

/** Whether a signal was sent to a session of this page that has just ended. */
export const isForEndedSession = ({ member }: Description | Greeting) =>
  performance.now() - (ended.get(member?.to) ?? -Infinity) < ENDED_SESSION_MS;

/** Finds out which page load of the peer a signal comes from: whether it is stale, belongs to the current link, or comes from a reloaded page. */
export class PeerSession {
  /** The session of the peer's last applied description; null for an upstream peer, which sends none; undefined before the first. */
  #session: string | null | undefined;
  /** The session in the peer's last offer or `hello`, whether it was applied or not. */
  #lastNamedSession: string | undefined;
  /** Until when the connections created so far use up the peer's allowance, in ms. */
  #allowanceUsedUntilMs = -Infinity;
  readonly #race: Race;
  readonly #options: PeerSessionOptions;

  constructor(race: Race, options: PeerSessionOptions) {
    this.#race = race;
    this.#options = options;
  }

  /** A description of the peer was applied. */
  meet({ member }: Description): void {
    this.#session = member ? member.session : null;
  }

  /** The peer reloaded: its next offer comes from a new page. */
  forget(): void {
    this.#session = undefined;
  }

  /** Our own session is over. */
  end(): void {
    ended.set(this.#options.session, performance.now());
    const [oldest] = ended.keys();
    if (ended.size > MAX_ENDED) ended.delete(oldest);
  }

  /** The peer's session that our signals are addressed to; undefined if none is known. */
  get addressee(): string | undefined {
    return this.#session ?? this.#lastNamedSession;
  }

  /**
   * Whether a `bye` ends our link: it is addressed to our session and comes from the peer's newest page. A peer that knows no session of ours addresses
   * none. During a first connect such a `bye` may belong to an earlier link, whose sender is about to offer again.
   */
  isByeForUs({ member }: Greeting, isFirst: boolean): boolean {
    const { session, to } = member;
    if (session !== (this.addressee ?? session)) return false;
    return to === this.#options.session || (to === undefined && !isFirst);
  }

  /** Whether the peer has reloaded. */
  isRejoin(signal: Description | Greeting): boolean {
    const { member } = signal;
    if (this.#session === undefined) return false;
    if (member && this.#session !== member.session) return true;
    if (!('fingerprint' in signal)) return false;
    // Our page may have reloaded, and a late offer from before that made the peer start again. Its session is the same, but the number now means another connection.
    const { all, current } = this.#race;
    const link = member ? all.find(({ number }) => number === member.connection) : current;
    const known = link?.negotiation.remote?.fingerprint;
    return known !== undefined && known !== signal.fingerprint;
  }

  /** Whether an answer to our restart comes from a reloaded page: an upstream peer then answers with its new connection. */
  isRejoinAnswer(answer: Description): boolean {
    const { current } = this.#race;
    // From the same page, an answer to another of our offers says nothing about this one.
    const isToAnotherOffer =
      this.#session === answer.member?.session && current?.number !== answer.member?.connection;
    return current?.hasPendingOffer === true && !isToAnotherOffer && this.isRejoin(answer);
  }

  /** Whether to answer a `hello` with an offer: if the peer has reloaded, or if our first offer is still unanswered. */
  acceptsHello(hello: Greeting): boolean {
    const isUnanswered = this.#race.current?.isAnswered === false;
    return this.isRejoin(hello) || (this.#options.role === 'offerer' && isUnanswered);
  }

  /**
   * Classifies an offer by its session and connection number, or by its fingerprint if it comes from an upstream peer, which sends neither.
   *
   * @throws SignalError if it is stale, or if the peer has used up its allowance of new connections.
   */
  classify(offer: Description | Greeting): RemoteOffer['type'] {
    this.#lastNamedSession = offer.member?.session;
    const { current, all } = this.#race;
    const isRejoin = this.isRejoin(offer);
    const number = offer.member?.connection ?? current?.number ?? 0;
    const known = all.find((link) => link.number === number);
    // Only an open connection that both ends know counts: our number may be higher only because of offers that never reached the other end.
    const isOvertaken = all.some((link) => link.isAnswered && link.number > number);
    const isStale = !isRejoin && !known && isOvertaken;
    // If both ends offer first, one connection gives way to a newer one of the same number, with a higher birth. Its offer may arrive after the newer one's answer.
    const isLate =
      isRejoin &&
      this.#session === offer.member?.session &&
      (known?.negotiation.remote?.member?.birth ?? 0) > (offer.member?.birth ?? 0);
    if (isStale || isLate) throw new SignalError('stale', offer.type);
    if (isRejoin || !known || offer.type === 'hello') this.#useAllowance(offer);
    if (isRejoin) return 'remote.rejoin';
    if (!current?.isAnswered) return 'remote.offer';
    return number === current.number ? 'remote.restart' : 'remote.rebuild';
  }

  /** Limits how many connections a stranger can make us create (GCRA, a leaky bucket): browsers allow a few hundred. */
  #useAllowance({ type }: Description | Greeting): void {
    const nowMs = this.#options.now();
    const usedUntilMs = Math.max(nowMs, this.#allowanceUsedUntilMs) + CREATION_INTERVAL_MS;
    if (usedUntilMs > nowMs + MAX_CREATION_BURST * CREATION_INTERVAL_MS)
      throw new SignalError('too-many', type);
    this.#allowanceUsedUntilMs = usedUntilMs;
  }
}
