import { iceIsUp } from './ice-state';
import { recordSuccessor } from './lineage';
import type { Link } from './link';

/** How many racers there are at a time: recovery is soonest where one goes on while the next one starts (docs/discoveries/recovery-after-a-udp-cut.md). */
const MAX_RACERS = 2;
/**
 * Two racers, one a second, have two seconds each, which a slow path exceeds. So each fifth, the same at both ends, goes on until the next but one starts.
 * Not the next: a busy page begins one racer a turn, and a handshake takes it six turns (docs/discoveries/slow-machines.md).
 */
const LONG_LIVED_EVERY = 5;
/** A racer whose ICE is up may finish its handshake, too, as long as there are no more than these in all. */
const MAX_CONNECTED_RACERS = 6;

/** A browser gives up on a connection after this, but never on one whose offer nobody answers. */
const RACER_LIFETIME_MS = 15_000;
/** How long a loser is listened to once the other end has moved: heard again, it shows that the outage healed by itself. */
const LOSER_LINGER_MS = 1_000;
/** How many losers are listened to, the newest: a peer that never says that it moved would make more and more. */
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
  highestNumber = 0;
  #racers: Link[] = [];
  #losers: Link[] = [];
  /** When the losers may go, in ms; null until the other end has said that it moved. */
  #closeLosersAtMs: number | null = null;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Every connection that is not closed. */
  get all(): Link[] {
    return [this.current ?? [], this.#racers, this.#losers].flat().filter((link) => !link.isClosed);
  }

  isLoser(link: Link): boolean {
    return this.#losers.includes(link);
  }

  /** A new link is current where there was none that was ever answered, else it races. */
  add(link: Link): void {
    if (this.current?.isAnswered && !this.current.isClosed) {
      this.dropRacers((racer) => racer.number === link.number);
      this.#racers.push(link);
      const longLived = this.#racers
        .filter(({ number }) => number % LONG_LIVED_EVERY === 0)
        .slice(-MAX_RACERS);
      const mayContinue = (racer: Link, index: number) =>
        this.#racers.length - index <= MAX_RACERS || longLived.includes(racer) || iceIsUp(racer.pc);
      const kept = this.#racers.filter(mayContinue).slice(-MAX_CONNECTED_RACERS);
      this.dropRacers((racer) => !kept.includes(racer));
    } else {
      this.current?.close();
      this.promote(link);
    }
  }

  /** The link becomes the current one; the one before it, and older racers that were heard, become losers. */
  promote(link: Link): void {
    const { current } = this;
    this.current = link;
    this.dropRacers((racer) => racer.number < link.number && !racer.control.hasHeard);
    this.#losers.push(...this.#racers.filter((racer) => racer.number < link.number));
    this.#racers = this.#racers.filter((racer) => racer.number > link.number);
    if (current) recordSuccessor(current.pc, link.pc);
    if (current && !current.isClosed) this.#losers.push(current);
    while (this.#losers.length > MAX_LOSERS) this.#losers.shift()?.close();
    this.#closeLosersAtMs = null;
  }

  /** Closes racers that have no chance any more. */
  dropRacers(isHopeless: (racer: Link) => boolean): void {
    for (const racer of this.#racers.filter(isHopeless)) racer.close();
    this.#racers = this.#racers.filter((racer) => !racer.isClosed);
  }

  /** The other end has said on `link` that it sends there, too. */
  noteMoved(link: Link): void {
    if (link === this.current) this.#closeLosersAtMs ??= this.#now() + LOSER_LINGER_MS;
  }

  /** Called with each heartbeat: closes racers and losers whose time is up, and says that we moved until the other end has said so, too. */
  closeExpired(): void {
    const oldestAllowedMs = this.#now() - RACER_LIFETIME_MS;
    this.dropRacers((racer) => !racer.control.hasHeard && racer.createdAtMs < oldestAllowedMs);
    if (this.#losers.length === 0) return;
    if (this.#closeLosersAtMs === null) this.current?.control.send({ type: 'moved' });
    else if (this.#now() >= this.#closeLosersAtMs) for (const loser of this.#losers.splice(0)) loser.close();
  }

  /** Closes every connection. */
  close(): void {
    for (const link of this.all) link.close();
    this.#racers = [];
    this.#losers = [];
  }
}
