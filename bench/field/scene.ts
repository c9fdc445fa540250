import { randomUUID } from 'node:crypto';
import type { Lab } from '../../tests/network/support/lab.js';
import type { LabBrowser, LabPage } from '../../tests/network/support/lab-page.js';
import type { Peer } from '../../tests/network/support/namespaces.js';
import type { Party } from './subject';

export const PEERS = ['a', 'b'] as const;

/** Two letters, c(hromium) or f(irefox), A's first. */
export type Browsers = 'cc' | 'cf' | 'ff';

/** The players and their library. */
export interface Cast {
  subject: string;
  browsers: Browsers;
  party: Omit<Party, 'me' | 'game'>;
  /** What a page needs before it can play. */
  scripts: readonly string[];
}

/** Two players, each in its own browser in the lab, with one library. */
export class Scene {
  readonly lab: Lab;
  readonly #cast: Cast;
  readonly #game = randomUUID();
  readonly #browsers = new Map<Peer, LabBrowser>();
  readonly #pages = new Map<Peer, LabPage>();

  constructor(lab: Lab, cast: Cast) {
    this.lab = lab;
    this.#cast = cast;
  }

  /** Opens the player's browser and page, which joins. @returns when it began to join, in ms of the wall clock. */
  async enter(peer: Peer): Promise<number> {
    const letter = this.#cast.browsers[peer === 'a' ? 0 : 1] === 'f' ? 'f' : 'c';
    const browser = await this.lab.launch(peer, letter);
    const page = await browser.newPage();
    this.#browsers.set(peer, browser);
    this.#pages.set(peer, page);
    await page.goto(`${this.lab.origin}/blank.html`);
    return this.#join(peer, page);
  }

  /** @returns when the page began to join again. */
  async reload(peer: Peer): Promise<number> {
    const page = this.#page(peer);
    await page.reload();
    return this.#join(peer, page);
  }

  /** Kills the player's browser; `enter` opens another. */
  async crash(peer: Peer): Promise<void> {
    await this.#browsers.get(peer)?.crash();
  }

  /** Runs in both pages. */
  ask<Result>(question: (sinceMs: number) => Result, sinceMs: number): Promise<Result[]> {
    return Promise.all(PEERS.map((peer) => this.#page(peer).evaluate(question, sinceMs)));
  }

  #page(peer: Peer): LabPage {
    const page = this.#pages.get(peer);
    if (!page) throw new Error(`player ${peer} has no page`);
    return page;
  }

  async #join(me: Peer, page: LabPage): Promise<number> {
    const { scripts, subject, party } = this.#cast;
    for (const script of scripts) await page.addScript(script);
    return page.evaluate(([name, given]) => window.field.start(name, given), [
      subject,
      { ...party, game: this.#game, me },
    ] as const);
  }
}
