import { randomUUID } from 'node:crypto';
import { eventually, type TestBrowser, type TestPage } from '../support/browser-page';
import { drive } from '../support/drive';
import type { Driver, DriverRecord } from '../support/page-driver';
import { type PageServer, startPageServer } from '../support/page-server';
import { type RunningRelay, startRelay } from '../support/relay';

type ManagerOptions = NonNullable<Parameters<Driver['create']>[2]>;

/** Where players meet: the real relay, and a server of their pages. */
export interface Venue {
  readonly relay: RunningRelay;
  readonly pages: PageServer;
  close(): Promise<void>;
}

export async function openVenue(): Promise<Venue> {
  const [relay, pages] = await Promise.all([startRelay(), startPageServer()]);
  return { relay, pages, close: async () => void (await Promise.all([relay.stop(), pages.close()])) };
}

/** One player in a separate window. */
export interface Player {
  readonly id: number;
  readonly page: TestPage;
  drive<K extends keyof Driver>(
    name: K,
    ...args: Parameters<Driver[K]>
  ): Promise<Awaited<ReturnType<Driver[K]>>>;
  untilState(state: string): Promise<unknown>;
  /** Waits for the nth record of that name and source, and returns it. */
  untilTold(source: DriverRecord['source'], name: string, count?: number): Promise<DriverRecord>;
  /**
   * Names of the callbacks so far, in order; without `onQualityDegraded`, which a busy machine may cause, and with the first of
   * several `onConnectionTypeDetected` only, because browsers may switch to a better pair of addresses.
   */
  callbacks(): Promise<string[]>;
  signals(): Promise<string[]>;
}

function playerOf(id: number, page: TestPage): Player {
  const namesOf = async (source: DriverRecord['source']) =>
    (await drive(page, 'records')).filter((record) => record.source === source).map(({ name }) => name);
  return {
    id,
    page,
    drive: (name, ...args) => drive(page, name, ...args),
    untilState: (state) =>
      eventually(
        async () => (await drive(page, 'look')).state,
        (seen) => seen === state,
        { what: `state ${state} of player ${id}` },
      ),
    untilTold: async (source, name, count = 1) => {
      const records = await eventually(
        async () =>
          (await drive(page, 'records')).filter((record) => record.source === source && record.name === name),
        (seen) => seen.length >= count,
        { what: `${name} told to player ${id}` },
      );
      const record = records[count - 1];
      if (record === undefined) throw new Error('counted above');
      return record;
    },
    callbacks: async () =>
      (await namesOf('callback')).filter(
        (name, index, all) =>
          name !== 'onQualityDegraded' &&
          (name !== 'onConnectionTypeDetected' || all.indexOf(name) === index),
      ),
    signals: () => namesOf('signal'),
  };
}

export interface Seating {
  readonly game?: string;
  /** For both managers. */
  readonly options?: ManagerOptions;
}

/** Opens a window, joins the game and creates the manager; nobody connects yet. */
export async function seat(
  venue: Venue,
  browser: TestBrowser,
  id: number,
  { game = 'game', options = {} }: Seating = {},
): Promise<Player> {
  const page = await browser.newPage();
  await page.goto(venue.pages.driverUrl);
  await drive(page, 'openSocket', venue.relay.url);
  await drive(page, 'join', game, id);
  await drive(page, 'create', game, id, { iceServers: [], logger: 'silent', ...options });
  return playerOf(id, page);
}

/** Two players who have not connected yet; the first has the lower id, so it offers. */
export async function seatTwo(
  venue: Venue,
  browsers: readonly [TestBrowser, TestBrowser],
  seating: Seating = {},
): Promise<[Player, Player]> {
  const game = randomUUID();
  return Promise.all([
    seat(venue, browsers[0], 1, { game, ...seating }),
    seat(venue, browsers[1], 2, { game, ...seating }),
  ]);
}

export async function connect(pair: readonly [Player, Player]): Promise<void> {
  const [one, two] = pair;
  await Promise.all([one.drive('connect', two.id), two.drive('connect', one.id)]);
}

/** Connected, and sending 60 messages a second each way. */
export async function playing(
  venue: Venue,
  browsers: readonly [TestBrowser, TestBrowser],
  seating: Seating = {},
): Promise<[Player, Player]> {
  const pair = await seatTwo(venue, browsers, seating);
  await connect(pair);
  await Promise.all(pair.map((player) => player.untilState('connected')));
  await Promise.all(pair.map((player) => player.drive('startSending', 60)));
  return pair;
}

/** Waits until the player has received that many messages more than now. */
export async function untilReceived(player: Player, more: number): Promise<void> {
  const { received } = await player.drive('look');
  await eventually(
    async () => (await player.drive('look')).received,
    (count) => count >= received + more,
    { what: `${more} messages at player ${player.id}` },
  );
}

export async function leave(pair: readonly Player[]): Promise<void> {
  await Promise.all(pair.map(({ page }) => page.close()));
}
