import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRelayServer, type RelayServerOptions } from '@holdfast/server';
import { io, type ManagerOptions } from 'socket.io-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../../tests/support/eventually';
import { Session } from '../src/session';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const undo: (() => unknown)[] = [];
// Newer versions of Node have a storage, which all pages here would share.
beforeEach(() => {
  vi.stubGlobal('sessionStorage', undefined);
  vi.stubGlobal('localStorage', undefined);
});
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
  vi.unstubAllGlobals();
});

/** `firstSeat` resolves before the join is acknowledged, so that a test can act before the answer is read. */
async function openRelay(options: RelayServerOptions = {}) {
  let taken = () => {};
  const firstSeat = new Promise<void>((resolve) => {
    taken = resolve;
  });
  const info = (message: string) => message === 'player joined' && taken();
  const server = createRelayServer({ logger: { ...silent, info }, ...options });
  const { port } = await server.listen(0, '127.0.0.1');
  undo.push(() => server.close());
  return { url: `http://127.0.0.1:${port}`, firstSeat };
}

/** Joins a game; `seat` is the seat that it had when the game was ready. */
function openPage(url: string, options: Partial<ManagerOptions> = {}) {
  const socket = io(url, { forceNew: true, reconnectionDelay: 1, ...options });
  undo.push(() => socket.disconnect());
  let isReady = (_seat: string | null) => {};
  const seat = new Promise<string | null>((resolve) => {
    isReady = resolve;
  });
  const heard: unknown[] = [];
  const phases: string[] = [];
  const session: Session = new Session({
    socket,
    gameId: 'game',
    wanted: null,
    onPhase: (phase) => phases.push(phase),
    onReady: () => isReady(session.playerId),
    onData: (data) => heard.push(data),
  });
  return { session, seat, heard, phases, cut: () => socket.io.engine.close() };
}

function storage() {
  const items = new Map<string, string>();
  const getItem = (key: string) => items.get(key) ?? null;
  return { getItem, setItem: items.set.bind(items) };
}

/** A browser, whose tabs all share a storage. */
const openBrowser = () => void vi.stubGlobal('localStorage', storage());

/** A new tab, whose storage outlives a reload and is not shared. */
const openTab = () => enter(storage());

function enter(tab: ReturnType<typeof storage>) {
  vi.stubGlobal('sessionStorage', tab);
  return tab;
}

describe('a session', () => {
  // Over long polling, the acknowledgement of the join and the start of the game come in one response.
  it.each(['polling', 'websocket'] as const)(
    'is ready only once it has its seat, over %s',
    async (transport) => {
      const { url } = await openRelay();
      const transports = [transport];
      const seats = await Promise.all([
        openPage(url, { transports }).seat,
        openPage(url, { transports }).seat,
      ]);
      expect([...seats].sort()).toEqual(['1', '2']);
    },
  );

  it('has its seat when it returns, even if the connection ended before the relay answered', async () => {
    const { url, firstSeat } = await openRelay();
    const page = openPage(url);
    await firstSeat;
    page.cut();
    const other = openPage(url);
    expect([await page.seat, await other.seat]).toEqual(['1', '2']);
  });

  it('has its seat after a reload, even if the former page never got its answer', async () => {
    const { url, firstSeat } = await openRelay();
    openTab();
    const before = openPage(url, { reconnection: false });
    await firstSeat;
    before.cut();
    const page = openPage(url);
    openTab();
    const other = openPage(url);
    expect([await page.seat, await other.seat]).toEqual(['1', '2']);
  });

  it('takes the seat of a closed tab, once: the next tab finds the game full', async () => {
    const { url, firstSeat } = await openRelay();
    openBrowser();
    const tab = openTab();
    const closed = openPage(url, { reconnection: false });
    await firstSeat;
    openTab();
    expect(await openPage(url).seat).toBe('2');
    await closed.seat;
    enter(tab);
    closed.session.releaseSeat();
    openTab();
    const reopened = openPage(url);
    openTab();
    const next = openPage(url);
    expect(await reopened.seat).toBe('1');
    await eventually(() => expect(next.phases.at(-1)).toBe('game-full'));
  });

  it('keeps its seat when the browser restores the page from its cache: the next tab has the other', async () => {
    const { url, firstSeat } = await openRelay();
    openBrowser();
    openTab();
    const page = openPage(url);
    await firstSeat;
    await eventually(() => expect(page.phases).toEqual(['connecting', 'waiting']));
    page.session.releaseSeat();
    page.cut();
    await eventually(() => expect(page.phases.slice(2)).toEqual(['unreachable', 'connecting', 'waiting']));
    openTab();
    expect([await openPage(url).seat, await page.seat]).toEqual(['2', '1']);
    expect(page.phases.at(-1)).toBe('ready');
  });

  it('has its seat after a reload even if another tab was closed', async () => {
    const { url, firstSeat } = await openRelay();
    openBrowser();
    const ended = openTab();
    const closed = openPage(url, { reconnection: false });
    await firstSeat;
    const tab = openTab();
    const reloaded = openPage(url, { reconnection: false });
    expect([await reloaded.seat, await closed.seat]).toEqual(['2', '1']);
    reloaded.session.releaseSeat();
    enter(ended);
    closed.session.releaseSeat();
    enter(tab);
    const second = openPage(url);
    openTab();
    expect([await openPage(url).seat, await second.seat]).toEqual(['1', '2']);
  });

  it('leaves the seat to the tab that took it over: the next one has the other', async () => {
    const { url, firstSeat } = await openRelay();
    openBrowser();
    openTab();
    const first = openPage(url);
    await firstSeat;
    // A duplicated tab, with the storage of the first.
    const copy = openPage(url);
    await eventually(() => expect(first.phases.at(-1)).toBe('replaced'));
    first.session.releaseSeat();
    openTab();
    const next = openPage(url);
    expect([await next.seat, await copy.seat]).toEqual(['2', '1']);
  });

  it('has the other seat when its tab returns after the next tab took its seat', async () => {
    const { url, firstSeat } = await openRelay();
    openBrowser();
    const tab = openTab();
    const gone = openPage(url);
    await firstSeat;
    await eventually(() => expect(gone.session.playerId).toBe('1'));
    gone.session.releaseSeat();
    gone.session.leave();
    openTab();
    const next = openPage(url);
    enter(tab);
    const back = openPage(url);
    expect([await next.seat, await back.seat].sort()).toEqual(['1', '2']);
  });

  it('asks first for the seat that it had before a reload, even if the other is free', async () => {
    const { url, firstSeat } = await openRelay();
    openPage(url);
    await firstSeat;
    openTab();
    expect(await openPage(url).seat).toBe('2');
    const empty = await openRelay();
    const reloaded = openPage(empty.url);
    await empty.firstSeat;
    openTab();
    const newcomer = openPage(empty.url);
    expect([await reloaded.seat, await newcomer.seat]).toEqual(['2', '1']);
  });

  it('keeps text that cannot be sent at once, and drops a packet, which is repeated anyway', async () => {
    const { url } = await openRelay();
    const [page, other] = [openPage(url, { transports: ['polling'] }), openPage(url)];
    await Promise.all([page.seat, other.seat]);
    await eventually(() => expect(page.session.socket.io.engine.transport.writable).toBe(true));
    for (const data of ['hello', new Uint8Array(1), 'relink']) page.session.sendData(data);
    await eventually(() => expect(other.heard).toEqual(['hello', 'relink']));
  });

  it('gets new TURN credentials from the relay as often as it asks', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    undo.push(() => vi.useRealTimers());
    const turn = { secret: 'a secret', ttlS: 60, urls: ['turn:turn.example.org:3478'] };
    const { url } = await openRelay({ turn });
    const [page, other] = [openPage(url), openPage(url)];
    await Promise.all([page.seat, other.seat]);
    const expiry = async () => (await page.session.askTurnConfig())?.username.split(':')[0];
    expect(await expiry()).toBe('60');
    vi.setSystemTime(5_000);
    expect(await expiry()).toBe('65');
  });

  it('reports an outage to the relay, even one of the relay itself, once it has its seat again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'duel-session-'));
    undo.push(() => rm(dataDir, { recursive: true }));
    const { url, firstSeat } = await openRelay({ dataDir });
    const { session, cut } = openPage(url);
    await firstSeat;
    await eventually(() => expect(session.playerId).toBe('1'));
    const about = { game_id: 'game', player_id: '1' };
    cut();
    session.report('p2p_connection_lost', about);
    session.report('p2p_reconnection_success', about);
    const told = async () => {
      const [file = ''] = await readdir(dataDir);
      const lines = (await readFile(join(dataDir, file), 'utf8')).trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line).event);
    };
    await eventually(async () =>
      expect(await told()).toEqual(['p2p_connection_lost', 'p2p_reconnection_success']),
    );
  });
});
