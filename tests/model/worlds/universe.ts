import type { WebRTCManagerOptions } from '../../../src';
import { FakeNetwork, type Page } from '../../../src/testing/fake-network';
import { FakeRelay } from '../../../src/testing/fake-relay';
import { seededRandom } from '../../../src/testing/random';
import { Timers } from '../../../src/testing/timers';
import type { Census } from './census';
import { Faults } from './faults';
import { HoldfastPlayer } from './holdfast-player';
import { ALWAYS, demand, nothingIsAliveAfterClose, type Promises, Violation } from './invariants';
import type { Note } from './notes';
import { restoredCarriesData } from './probe';
import { Seat } from './seat';
import type { Setting } from './setting';
import { UpstreamPlayer } from './upstream-player';
import { VirtualTime } from './virtual-time';

export type Player = HoldfastPlayer | UpstreamPlayer;

/** Where a player is. `away`: its page is being reloaded. */
export type Presence = 'expected' | 'here' | 'away' | 'left' | 'crashed';

const GAME = 'worlds';
const TURN = 'turn:relay.invalid:3478';
const IDS = { numbers: [1, 2], words: ['amber', 'birch'] } as const;

export const otherOf = (page: Page): Page => (page === 0 ? 1 : 0);

/** Two players, each on a page of its own, and all that may happen to them. */
export class Universe {
  readonly time = new VirtualTime();
  readonly faults: Faults;
  readonly network: FakeNetwork;
  readonly relay: FakeRelay;
  readonly seats: readonly [Seat, Seat];
  readonly players: [Player | null, Player | null] = [null, null];
  readonly presence: [Presence, Presence] = ['expected', 'expected'];
  readonly setting: Setting;
  readonly random: () => number;
  /** What happened, for the report of a failure. */
  readonly trace: string[] = [];
  readonly #census: Census;
  readonly #promises: Promises;
  #broken: Violation | null = null;

  /** `promises` are checked besides those that always are. */
  constructor(setting: Setting, census: Census, promises: Promises = {}) {
    this.#promises = { ...ALWAYS, ...promises };
    this.setting = setting;
    this.random = seededRandom(setting.luck);
    this.#census = census;
    const { random } = this;
    const timers = new Timers(this.time.after);
    this.network = new FakeNetwork(timers, random);
    this.relay = new FakeRelay(timers, random);
    this.relay.acknowledges = setting.relayAcknowledges;
    const { time, network, relay } = this;
    const ground = {
      ...{ gameId: GAME, time, timers, network, relay, random, associations: new Map() },
      candidateTaken: (of: string | null, to: string | null) => this.#candidateTaken(of, to),
      tell: (line: string) => void this.trace.push(`${time.nowMs} ${line}`),
      glared: (isAtBirth: boolean) => {
        census.see('a glare');
        if (isAtBirth) census.see('a glare at birth');
      },
    };
    const [first, second] = setting.players;
    const ids = IDS[setting.ids];
    this.seats = [new Seat(ground, 0, ids[0], first.profile), new Seat(ground, 1, ids[1], second.profile)];
    this.faults = new Faults(time, network, relay, this.seats);
    for (const page of [0, 1] as const) {
      const { atMs } = setting.players[page].arrival;
      time.after(atMs, () => this.arrive(page));
    }
  }

  /** @throws Violation of the first promise that was broken meanwhile. */
  async pass(ms: number): Promise<void> {
    await this.time.pass(ms);
    this.check();
  }

  check(): void {
    if (this.#broken) throw this.#broken;
    for (const player of this.players) if (player?.kind === 'holdfast') demand(this.#promises, player);
  }

  broken(violation: Violation): void {
    this.#broken ??= violation;
  }

  isPresent(player: Player): boolean {
    const { page } = player.seat;
    return this.players[page] === player && this.presence[page] === 'here';
  }

  arrive(page: Page): void {
    if (this.presence[page] !== 'expected') return;
    const { connectsAfterMs } = this.setting.players[page].arrival;
    this.#load(page, connectsAfterMs);
  }

  connect(page: Page): void {
    if (this.presence[page] === 'here') this.players[page]?.connect(this.seats[otherOf(page)]);
  }

  /** The page is reloaded; the game then connects at once. */
  reload(page: Page, { awayMs, isCrash }: { awayMs: number; isCrash: boolean }): void {
    this.vanish(page, isCrash ? 'crashed' : 'away', isCrash);
    this.time.after(awayMs, () => this.#load(page, 0));
  }

  /** The page vanishes without a goodbye. */
  vanish(page: Page, to: Presence, isCrash: boolean): void {
    this.faults.note();
    this.presence[page] = to;
    this.seats[page].leave({ isCrash });
  }

  /** The player leaves properly. */
  async leave(page: Page): Promise<void> {
    await this.time.settle();
    const player = this.players[page];
    this.faults.note();
    this.presence[page] = 'left';
    player?.close();
    await this.time.settle();
    if (player?.kind === 'holdfast') demand({ nothingIsAliveAfterClose }, player);
    // Upstream's handlers outlive `close()`, but not the page.
    else this.seats[page].leave({ isCrash: true });
  }

  #load(page: Page, connectsAfterMs: number | null): void {
    const seat = this.seats[page];
    this.faults.note();
    this.presence[page] = 'here';
    seat.load(() => {
      const player = this.#createPlayer(page);
      this.players[page] = player;
      if (connectsAfterMs === 0) player.connect(this.seats[otherOf(page)]);
      else if (connectsAfterMs !== null) this.time.after(connectsAfterMs, () => this.connect(page));
    });
  }

  #createPlayer(page: Page): Player {
    const { setting, time } = this;
    const seat = this.seats[page];
    if (setting.upstream === page) return new UpstreamPlayer(seat, GAME);
    return new HoldfastPlayer(
      seat,
      { manager: this.#optionsOf(page), asksOnLost: setting.players[page].asksOnLost },
      { gameId: GAME, time, census: this.#census, noted: (player, note) => this.#noted(player, note) },
    );
  }

  #optionsOf(page: Page): WebRTCManagerOptions {
    const { hasTurn, credentialsLastMs, serversTakeMs, players } = this.setting;
    const { preset, maxIceRestarts, recoveryBudgetMs, relayOnly, isHasty } = players[page];
    const servers = () => {
      const expiresS = Math.floor((Date.now() + (credentialsLastMs ?? 0)) / 1_000);
      const username = credentialsLastMs === null ? 'player' : `${expiresS}:player`;
      return hasTurn ? [{ urls: TURN, username, credential: 'secret' }] : [];
    };
    const { tab } = this.seats[page];
    const later = (ms: number) =>
      new Promise<void>((resolve) => {
        this.time.after(ms, () => tab.run(resolve));
      });
    const hasty = { stableMs: 3_000, directRetryMs: 2_000, connectTimeoutMs: 6_000 };
    return {
      ...{ preset, maxIceRestarts, recoveryBudgetMs, forceRelay: relayOnly },
      ...(isHasty && hasty),
      iceServers:
        serversTakeMs === null && credentialsLastMs === null
          ? servers()
          : () => later(serversTakeMs ?? 0).then(servers),
    };
  }

  #noted(player: HoldfastPlayer, note: Note): void {
    this.trace.push(
      `${note.atMs} player ${player.seat.playerId}: ${JSON.stringify({ ...note, atMs: undefined })}`,
    );
    if (note.name === 'restored') restoredCarriesData(this, player.seat.page);
    if (note.name === 'state' && note.to === 'connected') this.#sawConnected(player, note.from);
  }

  #sawConnected(player: HoldfastPlayer, from: string): void {
    const other = this.players[otherOf(player.seat.page)];
    const pc = player.manager.peerConnection;
    const { lastUp } = player;
    if (!lastUp) this.#census.see('a first connect');
    else if (lastUp.other !== other) this.#census.see('a rejoin');
    else if (lastUp.pc !== pc) this.#census.see('a rebuild');
    if (!lastUp && other?.kind === 'upstream') this.#census.see('a mixed pair');
    if (player.notes.some(({ name }) => name === 'failed') && from !== 'disconnected')
      this.#census.see('a pair revived out of failed');
    player.lastUp = { pc, other };
  }

  /** A candidate may be applied only to its own generation. */
  #candidateTaken(of: string | null, to: string | null): void {
    if (of !== null && of !== to)
      this.broken(new Violation('candidatesStayInTheirGeneration', `one of ${of} was applied to ${to}`));
  }
}
