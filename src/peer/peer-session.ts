import type { RemoteOffer, Role } from '../../machines';
import { type Description, type Greeting, SignalError } from '../signaling/wire';
import type { Race } from './race';

export interface PeerSessionOptions {
  role: Role;
  /** Ours. */
  session: string;
  now(): number;
}

/**
 * What the peer may make us create: one connection each half second, and 32 at once. A recovering peer asks for one a second; one that was cut off from
 * the relay delivers all that it asked meanwhile at once.
 */
const CREATION_INTERVAL_MS = 500;
const MAX_CREATION_BURST = 32;

/** Sessions of this page that have ended, and when. Signals that were under way to one of them reach the manager that begins anew. */
const ended = new Map<string | undefined, number>();
const MAX_ENDED = 32;
/** For so long signals to a session that ended are refused. A peer that still names it later has missed our `bye`; refused for ever, it could never reach us. */
const ENDED_SESSION_MS = 10_000;

/** Whether a signal was sent to a session of ours that has just ended. */
export const isForEndedSession = ({ member }: Description | Greeting) =>
  performance.now() - (ended.get(member?.to) ?? -Infinity) < ENDED_SESSION_MS;

/** Tells which page load of the peer a signal comes from, and so what it is: stale, of the link that we know, or of a page that was reloaded. */
export class PeerSession {
  /** The peer's session, of which a description was applied; null for an upstream peer, which names none, and undefined before the first. */
  #session: string | null | undefined;
  /** The session that the peer's last offer or greeting named, whether it was applied or not. */
  #lastNamedSession: string | undefined;
  /** The connections that the peer made us create use up its allowance until then, in ms. */
  #allowanceUsedUntilMs = -Infinity;
  readonly #race: Race;
  readonly #options: PeerSessionOptions;

  constructor(race: Race, options: PeerSessionOptions) {
    this.#race = race;
    this.#options = options;
  }

  /** A description of the peer was applied. */
  noteSession({ member }: Description): void {
    this.#session = member ? member.session : null;
  }

  /** The peer reloaded: whatever it offers next is a new page's. */
  forgetSession(): void {
    this.#session = undefined;
  }

  /** Our own session is over. */
  end(): void {
    ended.set(this.#options.session, performance.now());
    const [oldest] = ended.keys();
    if (ended.size > MAX_ENDED) ended.delete(oldest);
  }

  /** The session of the peer that our signals are addressed to; undefined before one is known. */
  get addressee(): string | undefined {
    return this.#session ?? this.#lastNamedSession;
  }

  /**
   * Whether a `bye` ends our link: it was said to us, by the page that we heard of last. A peer that has heard of nobody names nobody. In a first
   * connect such a `bye` may be about the link before ours, and its sender is about to offer anew.
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
    // A late offer of our page before the reload may have made the peer begin anew. Its session is the same then, but this number now names another connection.
    const { all, current } = this.#race;
    const link = member ? all.find(({ number }) => number === member.connection) : current;
    const known = link?.negotiation.remote?.fingerprint;
    return known !== undefined && known !== signal.fingerprint;
  }

  /** Whether the answer to our restart comes from a new connection: an upstream peer that reloaded answers with the one that it has now. */
  isAnswerAfterReload(answer: Description): boolean {
    return this.#race.current?.hasPendingOffer === true && this.isRejoin(answer);
  }

  /** A `hello` asks for an offer. It is heeded from a peer that reloaded, and where our first offer is still unanswered. */
  shouldAnswerHello(hello: Greeting): boolean {
    const isUnanswered = this.#race.current?.isAnswered === false;
    return this.isRejoin(hello) || (this.#options.role === 'offerer' && isUnanswered);
  }

  /**
   * What an offer is, by the session and connection number that it names; of an upstream peer, which names neither, by its fingerprint.
   *
   * @throws SignalError for a stale one, and for more than the peer may make us create.
   */
  classify(offer: Description | Greeting): RemoteOffer['type'] {
    this.#lastNamedSession = offer.member?.session;
    const { current, all } = this.#race;
    const isRejoin = this.isRejoin(offer);
    const number = offer.member?.connection ?? current?.number ?? 0;
    const known = all.find((link) => link.number === number);
    // Only a living connection that both ends know counts: our number may be higher because we offered in vain, of which the other end has not heard.
    const isOvertaken = all.some((link) => link.isAnswered && link.number > number);
    const isStale = !isRejoin && !known && isOvertaken;
    // When both offer first, one connection yields to another of the same number. Its offer may come after the answer of that one, which has the higher birth.
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

  /** Limits what a stranger can make us create (GCRA, a leaky bucket): browsers have room for a few hundred connections. */
  #useAllowance({ type }: Description | Greeting): void {
    const nowMs = this.#options.now();
    const usedUntilMs = Math.max(nowMs, this.#allowanceUsedUntilMs) + CREATION_INTERVAL_MS;
    if (usedUntilMs > nowMs + MAX_CREATION_BURST * CREATION_INTERVAL_MS)
      throw new SignalError('too-many', type);
    this.#allowanceUsedUntilMs = usedUntilMs;
  }
}
