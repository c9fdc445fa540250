import type { RemoteOffer, Role } from '../../machines';
import { type Description, type Greeting, SignalError } from '../signaling/wire';
import type { Race } from './race';

export interface AcquaintanceOptions {
  role: Role;
  /** Ours. */
  session: string;
  now(): number;
}

/** A recovering peer asks for one connection a second; one that was cut off from the relay delivers what it asked meanwhile at once. */
const CREATION_MS = 500;
const MAX_CREATIONS = 32;

/** When sessions of this page ended, the last so many. What is under way to one of them comes to whoever begins anew. */
const ended = new Map<string | undefined, number>();
const MAX_ENDED = 32;
/** Who names one later than that does not know that it ended, and may never hear: whoever waits for an offer says nothing. */
const UNDER_WAY_MS = 10_000;

/** Whether this was sent to a session of ours that has just ended. */
export const isOver = ({ member }: Description | Greeting) =>
  performance.now() - (ended.get(member?.to) ?? -Infinity) < UNDER_WAY_MS;

/** Which page of the peer we have to do with, and so what its signals are: stale, of the link that we know, or of a page that was loaded since. */
export class Acquaintance {
  /** Whose signals name it: null of an upstream peer, undefined as long as nothing was agreed with any. */
  #session: string | null | undefined;
  /** That of its last offer or greeting. */
  #heard: string | undefined;
  /** Connections that the peer made us create are paid for until then, in ms. */
  #paidUntilMs = -Infinity;
  readonly #race: Race;
  readonly #options: AcquaintanceOptions;

  constructor(race: Race, options: AcquaintanceOptions) {
    this.#race = race;
    this.#options = options;
  }

  /** A description of the peer was applied. */
  make({ member }: Description): void {
    this.#session = member ? member.session : null;
  }

  /** Whoever comes next is a stranger. */
  forget(): void {
    this.#session = undefined;
  }

  /** Ours is over. */
  end(): void {
    ended.set(this.#options.session, performance.now());
    const [oldest] = ended.keys();
    if (ended.size > MAX_ENDED) ended.delete(oldest);
  }

  /** Whom our signals are for. */
  get addressee(): string | undefined {
    return this.#session ?? this.#heard;
  }

  /**
   * Whether it was said to us, by the page that we heard of last. Who has heard of nobody names nobody: in a first connect that may be who offered
   * to the link before ours, and is about to offer anew.
   */
  meansUs({ member }: Greeting, isFirst: boolean): boolean {
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
    // Misled by a late offer of the page before ours, a peer forgets us: under its old session the number of that offer is another connection's.
    const { all, current } = this.#race;
    const link = member ? all.find(({ number }) => number === member.connection) : current;
    const known = link?.negotiation.remote?.fingerprint;
    return known !== undefined && known !== signal.fingerprint;
  }

  /** An upstream peer that reloaded may answer our restart with a connection of its own, which is not the one that we restart. */
  isAnsweredAnew(answer: Description): boolean {
    return this.#race.current?.hasPendingOffer === true && this.isRejoin(answer);
  }

  /** A `hello` is a wish for an offer: heeded from a peer that reloaded, and where our first offer is still unanswered. */
  wantsHello(hello: Greeting): boolean {
    const isUnanswered = this.#race.current?.isAnswered === false;
    return this.isRejoin(hello) || (this.#options.role === 'offerer' && isUnanswered);
  }

  /** What an offer is, by the session and the connection that it names; towards upstream by its fingerprint. */
  classify(offer: Description | Greeting): RemoteOffer['type'] {
    this.#heard = offer.member?.session;
    const { current, all } = this.#race;
    const isRejoin = this.isRejoin(offer);
    const number = offer.member?.connection ?? current?.number ?? 0;
    const known = all.find((link) => link.number === number);
    // Only a connection that both ends know, and that is still there, says so: of numbers that we spent in vain the other end has never heard.
    const isOvertaken = all.some((link) => link.isAnswered && link.number > number);
    const isStale = !isRejoin && !known && isOvertaken;
    // Its connection yielded when both offered first, and the answer of the one that took its place overtook it.
    const isLate =
      isRejoin &&
      this.#session === offer.member?.session &&
      (known?.negotiation.remote?.member?.birth ?? 0) > (offer.member?.birth ?? 0);
    if (isStale || isLate) throw new SignalError('stale', offer.type);
    if (isRejoin || !known || offer.type === 'hello') this.#spend(offer);
    if (isRejoin) return 'remote.rejoin';
    if (!current?.isAnswered) return 'remote.offer';
    return number === current.number ? 'remote.restart' : 'remote.rebuild';
  }

  /** What a stranger can make us create is limited, as in GCRA: browsers have room for a few hundred connections. */
  #spend({ type }: Description | Greeting): void {
    const nowMs = this.#options.now();
    const paidUntilMs = Math.max(nowMs, this.#paidUntilMs) + CREATION_MS;
    if (paidUntilMs > nowMs + MAX_CREATIONS * CREATION_MS) throw new SignalError('too-many', type);
    this.#paidUntilMs = paidUntilMs;
  }
}
