import type { Hello } from './packet';

/** A peer that reloads over and over is forgotten in the order it came: the list stays short. */
const RETIRED_SESSIONS = 16;

/** What both sides agreed on before the first frame. */
export interface Agreement {
  readonly match: number;
  readonly wins: readonly [number, number];
}

/**
 * Both sides name their session and say which one of the other they have heard of; a match is agreed once the
 * other has heard of ours. A reload is a new session, so it begins a new match, with the score both remember.
 */
export class Greeting {
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

  /** Begins anew on this side, for example after the two games have drifted apart. */
  restart(wins: readonly [number, number]): void {
    this.#session = this.#newSession();
    this.#wins = wins;
  }

  /** `renewed`: the other page is a new one. `agreed`: the match that may start now. */
  receive(hello: Hello, wins: readonly [number, number]): { renewed: boolean; agreed: Agreement | null } {
    if (hello.session === this.#session || this.#retired.includes(hello.session)) {
      return { renewed: false, agreed: null };
    }
    const renewed = hello.session !== this.#peer;
    if (renewed) this.#meet(hello.session, wins);
    const agreed = hello.peer === this.#session ? this.#agree(hello) : null;
    return { renewed, agreed };
  }

  #meet(session: number, wins: readonly [number, number]): void {
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

  /** Never 0, which on the wire means that no session is known. */
  #newSession(): number {
    return Math.floor(this.#random() * 0xffff_ffff) + 1;
  }
}
