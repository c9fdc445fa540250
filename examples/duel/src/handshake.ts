import type { Hello } from './packet';

/** How many earlier sessions of a peer that reloads are remembered; the oldest are forgotten. */
const RETIRED_SESSIONS = 16;

/** What both sides have agreed on before the first frame. */
export interface Agreement {
  readonly match: number;
  readonly wins: readonly [number, number];
}

/**
 * Each side sends its own session id and the last one received from the other side. A match is agreed once the other side has
 * received ours. A reload creates a new session, and so starts a new match with the score that both remember.
 */
export class Handshake {
  readonly #random: () => number;
  readonly #seat: 0 | 1;
  readonly #retired: number[] = [];
  #session: number;
  #peer = 0;
  #wins: readonly [number, number] = [0, 0];

  constructor(seat: 0 | 1, random: () => number) {
    this.#seat = seat;
    this.#random = random;
    this.#session = this.#newSession();
  }

  get hello(): Hello {
    return { kind: 'hello', session: this.#session, peer: this.#peer, wins: this.#wins };
  }

  /** Starts again on this side, for example after a desync. */
  restart(wins: readonly [number, number]): void {
    this.#session = this.#newSession();
    this.#wins = wins;
  }

  /** `renewed`: the other side has a new session. `agreed`: the match that can start now. */
  receive(hello: Hello, wins: readonly [number, number]): { renewed: boolean; agreed: Agreement | null } {
    if (hello.session === this.#session || this.#retired.includes(hello.session)) {
      return { renewed: false, agreed: null };
    }
    const renewed = hello.session !== this.#peer;
    if (renewed) this.#meetPeer(hello.session, wins);
    const agreed = hello.peer === this.#session ? this.#agree(hello) : null;
    return { renewed, agreed };
  }

  #meetPeer(session: number, wins: readonly [number, number]): void {
    this.#retired.push(this.#peer);
    if (this.#retired.length > RETIRED_SESSIONS) this.#retired.shift();
    this.#peer = session;
    this.#wins = wins;
  }

  #agree(hello: Hello): Agreement {
    const [first, second] =
      this.#seat === 0 ? [this.#session, hello.session] : [hello.session, this.#session];
    const match = (Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b)) >>> 0;
    return {
      match,
      wins: [Math.max(this.#wins[0], hello.wins[0]), Math.max(this.#wins[1], hello.wins[1])],
    };
  }

  /** Never 0, which means "no session" on the wire. */
  #newSession(): number {
    return Math.floor(this.#random() * 0xffff_ffff) + 1;
  }
}
