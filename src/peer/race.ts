import { iceIsUp } from './ice-state';
import { succeed } from './lineage';
import type { Link } from './link';

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
/** Losers that are listened to: more than one connection at a time is lost by a peer alone that never says that it moved. */
const MAX_LOSERS = 3;

/**
 * The connections of one pair of players: the current one, racers that may take over from it, and losers that it took over from.
 *
 * Both ends pick the same winner: the highest connection number on which an echo came back. A loser is closed, quietly, once the
 * other end has said on the winner that it moved; one that nothing was ever heard on may go at any time, since then the other end
 * cannot have had an echo either.
 */
export class Race {
  current: Link | null = null;
  /** The highest number of any connection, of either end. */
  highest = 0;
  #racers: Link[] = [];
  #losers: Link[] = [];
  /** When the losers may go, in ms; null until the other end has said that it moved. */
  #retireAtMs: number | null = null;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Every connection that is not closed. */
  get all(): Link[] {
    return [this.current, ...this.#racers, ...this.#losers]
      .filter((link) => link !== null)
      .filter((link) => !link.isClosed);
  }

  hasLost(link: Link): boolean {
    return this.#losers.includes(link);
  }

  /** A new link is current where there was none that was ever answered, else it races. */
  enter(link: Link): void {
    if (this.current?.isAnswered && !this.current.isClosed) {
      this.drop((racer) => racer.number === link.number);
      this.#racers.push(link);
      const patient = this.#racers.filter(({ number }) => number % PATIENT_EVERY === 0).at(-1);
      const hasTime = (racer: Link, place: number) =>
        this.#racers.length - place <= MAX_RACERS || racer === patient || iceIsUp(racer.pc);
      const kept = this.#racers.filter(hasTime).slice(-MAX_ALL_RACERS);
      this.drop((racer) => !kept.includes(racer));
    } else {
      this.current?.close();
      this.win(link);
    }
  }

  /** It takes over. */
  win(link: Link): void {
    const { current } = this;
    this.current = link;
    this.drop((racer) => racer.number < link.number && !racer.control.isHeard);
    this.#losers.push(...this.#racers.filter((racer) => racer.number < link.number));
    this.#racers = this.#racers.filter((racer) => racer.number > link.number);
    if (current) succeed(current.pc, link.pc);
    if (current && !current.isClosed) this.#losers.push(current);
    while (this.#losers.length > MAX_LOSERS) this.#losers.shift()?.close();
    this.#retireAtMs = null;
  }

  /** Closes racers that have no chance any more. */
  drop(isHopeless: (racer: Link) => boolean): void {
    for (const racer of this.#racers.filter(isHopeless)) racer.close();
    this.#racers = this.#racers.filter((racer) => !racer.isClosed);
  }

  /** The other end sends on `link` too. */
  moved(link: Link): void {
    if (link === this.current) this.#retireAtMs ??= this.#now() + RETIREMENT_MS;
  }

  /** Closes what is over; said again and again, and so is that we moved, until the other end has said so too. */
  retire(): void {
    const youngestMs = this.#now() - RACER_LIFETIME_MS;
    this.drop((racer) => !racer.control.isHeard && racer.bornAtMs < youngestMs);
    if (this.#losers.length === 0) return;
    if (this.#retireAtMs === null) this.current?.control.send({ type: 'moved' });
    else if (this.#now() >= this.#retireAtMs) for (const loser of this.#losers.splice(0)) loser.close();
  }

  close(): void {
    for (const link of this.all) link.close();
    this.#racers = this.#losers = [];
  }
}
