import { iceIsUp } from './ice-state';
import { recordSuccessor } from './lineage';
import type { Link } from './link';

/** How many racers run at a time. Recovery is fastest if one goes on while the next one starts (docs/discoveries/recovery-after-a-udp-cut.md). */
const MAX_RACERS = 2;
/**
 * With two racers and a new one each second, each has two seconds, which is too short on a slow path. So every fifth, the same at both ends, runs until the
 * second-next fifth starts. Not the next: a busy page starts a racer in each turn of its event loop and needs six turns for a handshake
 * (docs/discoveries/slow-machines.md).
 */
const LONG_LIVED_EVERY = 5;
/** A racer whose ICE is up may also finish its handshake, while there are at most this many racers in total. */
const MAX_CONNECTED_RACERS = 6;

/** How long a racer may stay silent. Browsers give a connection up after this time, but never one whose offer is unanswered. */
const RACER_LIFETIME_MS = 15_000;
/** How long a loser stays open after the other end has moved. If data arrives on it, the outage healed by itself. */
const LOSER_LINGER_MS = 1_000;
/** How many losers stay open, the newest ones: a peer that never says that it moved would otherwise cause more and more. */
const MAX_LOSERS = 3;

/**
 * The connections of one pair of players: the current one, *racers* (new connections that may replace it) and *losers* (connections that it replaced).
 *
 * Both ends pick the same winner: the highest connection number on which an echo arrived. A loser is closed, without an event for the game, once the other
 * end has said on the winner that it moved. A racer on which no data ever arrived may be closed at any time, because the other end had no echo on it either.
 */
export class Race {
  current: Link | null = null;
  /** The highest connection number used by either end. */
  highest = 0;
  #racers: Link[] = [];
  #losers: Link[] = [];
  /** When to close the losers, in ms; null until the other end has said that it moved. */
  #closeLosersAtMs: number | null = null;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** All connections that are not closed. */
  get all(): Link[] {
    return [this.current ?? [], this.#racers, this.#losers].flat().filter((link) => !link.isClosed);
  }

  hasLost(link: Link): boolean {
    return this.#losers.includes(link);
  }

  /** Adds a new link. It races if the current link is open and was answered; otherwise it replaces that at once. */
  add(link: Link): void {
    if (this.current?.isAnswered && !this.current.isClosed) {
      this.drop((racer) => racer.number === link.number);
      this.#racers.push(link);
      const longLived = this.#racers
        .filter(({ number }) => number % LONG_LIVED_EVERY === 0)
        .slice(-MAX_RACERS);
      const mayContinue = (racer: Link, index: number) =>
        this.#racers.length - index <= MAX_RACERS || longLived.includes(racer) || iceIsUp(racer.pc);
      const kept = this.#racers.filter(mayContinue).slice(-MAX_CONNECTED_RACERS);
      this.drop((racer) => !kept.includes(racer));
    } else {
      this.current?.close();
      this.win(link);
    }
  }

  /** Makes the link the current one. The previous one, and older racers on which data arrived, become losers. */
  win(link: Link): void {
    const { current } = this;
    this.current = link;
    this.drop((racer) => racer.number < link.number && !racer.control.hasHeard);
    this.#losers.push(...this.#racers.filter((racer) => racer.number < link.number));
    this.#racers = this.#racers.filter((racer) => racer.number > link.number);
    if (current) recordSuccessor(current.pc, link.pc);
    if (current && !current.isClosed) this.#losers.push(current);
    while (this.#losers.length > MAX_LOSERS) this.#losers.shift()?.close();
    this.#closeLosersAtMs = null;
  }

  /** Closes the racers that match. */
  drop(isHopeless: (racer: Link) => boolean): void {
    for (const racer of this.#racers.filter(isHopeless)) racer.close();
    this.#racers = this.#racers.filter((racer) => !racer.isClosed);
  }

  /** The other end has said on `link` that it sends there now. */
  moved(link: Link): void {
    if (link === this.current) this.#closeLosersAtMs ??= this.#now() + LOSER_LINGER_MS;
  }

  /** Call it with each heartbeat. Closes racers and losers whose time is up, and sends `moved` until the other end has said so, too. */
  prune(): void {
    const oldestAllowedMs = this.#now() - RACER_LIFETIME_MS;
    this.drop((racer) => !racer.control.hasHeard && racer.bornAtMs < oldestAllowedMs);
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
