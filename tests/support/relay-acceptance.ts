import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEADLINE_MS, eventually, settled } from './eventually';

type Id = string | number;
type Listener = (...args: unknown[]) => void;

/** What a game uses of a Socket.IO client socket, real or fake. */
interface GameSocket {
  readonly connected: boolean;
  on(event: string, listener: Listener): unknown;
  once(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
  timeout(ms: number): { emitWithAck(event: string, ...args: unknown[]): Promise<unknown> };
  connect(): unknown;
  disconnect(): unknown;
}

/** A relay under test without games: each game has two seats, held for two minutes. */
export interface RelayWorld {
  /** The connected socket of another page. */
  connect(): Promise<GameSocket>;
  /** The relay ends its connections and forgets everything. */
  restart(): Promise<void>;
  /** Advances only the relay's clock. */
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

const SEAT_HOLD_MS = 120_000;
const TOKENS = ['a secret of the first', 'a secret of the second'] as const;

class Page {
  readonly heard: [event: string, message: unknown][] = [];
  readonly socket: GameSocket;

  constructor(socket: GameSocket) {
    this.socket = socket;
    for (const event of ['webrtc_signal', 'game_data', 'pyodide_game_ready', 'p2p_pause', 'p2p_resume'])
      socket.on(event, (message) => this.heard.push([event, message]));
    socket.on('disconnect', (reason) => this.heard.push(['disconnect', reason]));
  }

  ask(event: string, message: unknown = {}): Promise<unknown> {
    return settled(this.socket.emitWithAck(event, message));
  }

  join(player: unknown, token?: unknown, game: unknown = 'duel'): Promise<unknown> {
    return this.ask('join_game', { game_id: game, player_id: player, resume_token: token });
  }

  /** Resolves once everything that was on its way to this page has arrived. */
  async settle(): Promise<void> {
    await this.ask('holdfast_ping');
  }

  told(event: string): unknown[] {
    return this.heard.filter(([name]) => name === event).map(([, message]) => message);
  }
}

const refusal = (code: string) => ({ ok: false, error: { code, message: expect.any(String) } });
const signal = (target: unknown, members: object = {}) => ({
  game_id: 'duel',
  target_player_id: target,
  type: 'offer',
  payload: { sdp: 'v=0' },
  ...members,
});
const readyWith = (players: readonly Id[], game: Id = 'duel') => ({
  game_id: game,
  players,
  player_subjects: Object.fromEntries(players.map((id) => [id, String(id)])),
  turn_config: null,
  scene_metadata: {},
});

/** What a game may rely on with any relay. */
export function describeRelay(name: string, createWorld: () => Promise<RelayWorld>): void {
  let world: RelayWorld;
  const connect = async () => new Page(await world.connect());
  /** Two players seated in a ready game, who have forgotten what they heard before. */
  const startPair = async (ids: readonly [Id, Id] = [0, 'one']): Promise<[Page, Page]> => {
    const [first, second] = [await connect(), await connect()];
    await first.join(ids[0], TOKENS[0]);
    await second.join(ids[1], TOKENS[1]);
    for (const page of [first, second]) {
      await page.settle();
      page.heard.length = 0;
    }
    return [first, second];
  };

  beforeEach(async () => {
    world = await createWorld();
  });
  afterEach(() => world.dispose());

  describe(`joining a game at ${name}`, () => {
    it('gives a seat and a token, and announces the game to both once both seats are taken', async () => {
      const [first, second] = [await connect(), await connect()];
      const token = expect.stringMatching(/^.{16,128}$/);
      expect(await first.join(0)).toEqual({ ok: true, resume_token: token, players: [0], resumed: false });
      await first.settle();
      expect(first.heard).toEqual([]);
      expect(await second.join('one')).toEqual({
        ...{ ok: true, resume_token: token, players: [0, 'one'], resumed: false },
      });
      for (const page of [first, second]) {
        await page.settle();
        expect(page.heard).toEqual([['pyodide_game_ready', readyWith([0, 'one'])]]);
      }
    });

    it.each([
      { length: 15, isTaken: false },
      { length: 16, isTaken: true },
      { length: 128, isTaken: true },
    ])('accepts a token of $length characters that the page chose: $isTaken', async ({ length, isTaken }) => {
      const named = 'x'.repeat(length);
      const answer = Object(await (await connect()).join(0, named));
      expect(answer).toMatchObject({ ok: true, resumed: false });
      expect(answer.resume_token === named).toBe(isTaken);
    });

    it('is refused for a seat that is taken or held, without its token', async () => {
      const [first] = await startPair([1, 2]);
      const thief = await connect();
      for (const [player, token] of [[1], ['1'], [1, 'too short'], [1, TOKENS[1]], [1, null]])
        expect(await thief.join(player, token)).toEqual(refusal('seat-taken'));
      first.socket.disconnect();
      await thief.settle();
      await world.pass(SEAT_HOLD_MS - 1_000);
      expect(await thief.join(1)).toEqual(refusal('seat-taken'));
      expect(await thief.ask('game_data', { game_id: 'duel', data: 1 })).toEqual(refusal('not-joined'));
    });

    it('is refused when the game is full', async () => {
      await startPair();
      expect(await (await connect()).join(2)).toEqual(refusal('game-full'));
    });

    it.each([
      ['null', null],
      ['a string', 'duel'],
      ['no game id', { player_id: 1 }],
      ['no player id', { game_id: 'duel' }],
      ['a game id that is an object', { game_id: {}, player_id: 1 }],
      ['a player id that is null', { game_id: 'duel', player_id: null }],
      ['an empty player id', { game_id: 'duel', player_id: '' }],
      ['a player id of 129 characters', { game_id: 'duel', player_id: 'x'.repeat(129) }],
      ['a fractional player id', { game_id: 'duel', player_id: 0.5 }],
      ['a token that is not a string', { game_id: 'duel', player_id: 1, resume_token: 7 }],
      ['a token of 129 characters', { game_id: 'duel', player_id: 1, resume_token: 'x'.repeat(129) }],
    ])('is refused with %s', async (_, message) => {
      const page = await connect();
      expect(await page.ask('join_game', message)).toEqual(refusal('bad-payload'));
      expect(await page.ask('webrtc_signal', signal(1))).toEqual(refusal('not-joined'));
    });

    it('leaves the seat in the previous game, which stays held', async () => {
      const [first, second] = await startPair();
      expect(await first.join(0, undefined, 'another')).toMatchObject({ ok: true, players: [0] });
      expect(await second.ask('webrtc_signal', signal(0))).toEqual(refusal('player-away'));
      expect(await first.ask('webrtc_signal', signal('one'))).toEqual(refusal('not-yours'));
    });
  });

  describe(`resuming a seat at ${name}`, () => {
    it('needs no token on the same socket, and announces the game to that player only', async () => {
      const [first, second] = await startPair();
      expect(await first.join(0)).toEqual({
        ...{ ok: true, resume_token: TOKENS[0], players: [0, 'one'], resumed: true },
      });
      for (const page of [first, second]) await page.settle();
      expect(first.heard).toEqual([['pyodide_game_ready', readyWith([0, 'one'])]]);
      expect(second.heard).toEqual([]);
    });

    it('works with the token, and ends the connection that still holds the seat', async () => {
      const [old, other] = await startPair();
      const reloaded = await connect();
      expect(await reloaded.join('0', TOKENS[0])).toEqual({
        ...{ ok: true, resume_token: TOKENS[0], players: [0, 'one'], resumed: true },
      });
      await eventually(() => expect(old.heard).toEqual([['disconnect', 'io server disconnect']]));
      await other.ask('webrtc_signal', signal(0));
      await reloaded.settle();
      expect(reloaded.told('webrtc_signal')).toMatchObject([{ from_player_id: 'one' }]);
      expect([old.socket.connected, other.heard]).toEqual([false, []]);
    });

    it('works after the connection was lost, until the seat is released', async () => {
      const [first, second] = await startPair();
      await second.ask('p2p_connection_lost', { game_id: 'duel', player_id: 'one' });
      first.socket.disconnect();
      const back = await connect();
      await world.pass(SEAT_HOLD_MS - 1_000);
      expect(await back.join(0, TOKENS[0])).toMatchObject({ ok: true, resumed: true });
      back.socket.disconnect();
      const next = await connect();
      await world.pass(SEAT_HOLD_MS);
      second.heard.length = 0;
      expect(await next.join(0)).toMatchObject({ ok: true, resumed: false });
      await second.ask('p2p_connection_lost', { game_id: 'duel', player_id: 'one' });
      for (const page of [next, second]) {
        await page.settle();
        expect(page.heard.map(([event]) => event)).toEqual(['pyodide_game_ready', 'p2p_pause']);
      }
    });

    it('is a fresh join, with the same token, after the relay restarted', async () => {
      const pages = await startPair();
      await world.restart();
      await eventually(() => {
        for (const { heard } of pages) expect(heard).toEqual([['disconnect', 'transport close']]);
      });
      await eventually(() => expect(pages.map(({ socket }) => socket.connected)).toEqual([true, true]));
      expect(await pages[0].ask('webrtc_signal', signal('one'))).toEqual(refusal('not-joined'));
      for (const [index, page] of pages.entries())
        expect(await page.join(index === 0 ? 0 : 'one', TOKENS[index])).toMatchObject({
          ...{ ok: true, resume_token: TOKENS[index], resumed: false },
        });
      for (const page of pages) {
        await page.settle();
        expect(page.told('pyodide_game_ready')).toHaveLength(1);
      }
    });
  });

  describe(`a message at ${name}`, () => {
    it.each([
      { ids: [0, 'one'], target: '0' },
      { ids: ['0', 'one'], target: 0 },
      { ids: [1, 'one'], target: '01' },
      { ids: ['agent', 'one'], target: 'agent' },
    ] as const)(
      'is delivered as a signal to $ids.0 when addressed to $target, with its sender',
      async ({ ids, target }) => {
        const [first, second] = await startPair(ids);
        const message = signal(target, { from_player_id: 'a lie', type: 'a type of tomorrow' });
        expect(await second.ask('webrtc_signal', message)).toEqual({ ok: true });
        await first.settle();
        const payload = { sdp: 'v=0' };
        expect(first.heard).toEqual([
          ['webrtc_signal', { type: 'a type of tomorrow', from_player_id: 'one', game_id: 'duel', payload }],
        ]);
        expect(second.heard).toEqual([]);
      },
    );

    it.each([
      ['to a player who is not in the game', signal(9), 'no-such-player'],
      ['to oneself', signal(0), 'no-such-player'],
      ['in another game', signal('one', { game_id: 'chess' }), 'not-yours'],
      ['without a target', signal(undefined), 'bad-payload'],
      ['without a type', signal('one', { type: undefined }), 'bad-payload'],
      ['with an empty type', signal('one', { type: '' }), 'bad-payload'],
      ['that is null', null, 'bad-payload'],
    ])('is refused as a signal %s', async (_, message, code) => {
      const [first, second] = await startPair();
      expect(await first.ask('webrtc_signal', message)).toEqual(refusal(code));
      await second.settle();
      expect([first.heard, second.heard]).toEqual([[], []]);
    });

    it('is delivered as a signal right after the join, before the join is acknowledged', async () => {
      const [first] = await startPair();
      const again = await connect();
      const joined = again.join('one', TOKENS[1]);
      expect(await again.ask('webrtc_signal', signal(0))).toEqual({ ok: true });
      expect(await joined).toMatchObject({ ok: true });
      await first.settle();
      expect(first.told('webrtc_signal')).toHaveLength(1);
    });

    it('is delivered as a signal when its sender disconnects right after it', async () => {
      const [first, second] = await startPair();
      second.socket.emit('webrtc_signal', signal(0));
      second.socket.disconnect();
      await vi.waitFor(async () => {
        await first.settle();
        expect(first.told('webrtc_signal')).toHaveLength(1);
      }, DEADLINE_MS);
    });

    it('is refused from a page that disconnects and connects in one turn, until it joins again', async () => {
      const [first] = await startPair();
      first.socket.disconnect();
      first.socket.connect();
      await eventually(() => expect(first.socket.connected).toBe(true));
      expect(await first.ask('webrtc_signal', signal('one'))).toEqual(refusal('not-joined'));
      expect(await first.join(0, TOKENS[0])).toMatchObject({ resumed: true });
      expect(await first.ask('webrtc_signal', signal('one'))).toEqual({ ok: true });
    });

    it('is refused as a signal to a player who is away', async () => {
      const [first, second] = await startPair();
      second.socket.disconnect();
      await eventually(() => expect(second.socket.connected).toBe(false));
      await vi.waitFor(
        async () => expect(await first.ask('webrtc_signal', signal('one'))).toEqual(refusal('player-away')),
        DEADLINE_MS,
      );
    });

    it('is delivered as game data to the other player, and refused in another game', async () => {
      const [first, second] = await startPair();
      expect(await first.ask('game_data', { game_id: 'duel', data: [1, { x: 2 }] })).toEqual({ ok: true });
      expect(await first.ask('game_data', { game_id: 'chess', data: 3 })).toEqual(refusal('not-yours'));
      expect(await first.ask('game_data', { data: 4 })).toEqual(refusal('bad-payload'));
      await second.settle();
      expect(second.heard).toEqual([
        ['game_data', { game_id: 'duel', from_player_id: 0, data: [1, { x: 2 }] }],
      ]);
      expect(first.heard).toEqual([]);
    });

    it('pauses both pages once and resumes both once when reports are repeated', async () => {
      const [first, second] = await startPair();
      const own = { game_id: 'duel', player_id: 0 };
      for (const frame_number of [70, 71])
        expect(await first.ask('p2p_connection_lost', { ...own, frame_number, timestamp: 5 })).toEqual({
          ok: true,
        });
      for (const duration_ms of [900, 901])
        expect(await first.ask('p2p_reconnection_success', { ...own, duration_ms })).toEqual({ ok: true });
      for (const page of [first, second]) {
        await page.settle();
        expect(page.heard).toEqual([
          ['p2p_pause', { game_id: 'duel', pause_frame: 70, detecting_player: 0 }],
          ['p2p_resume', { game_id: 'duel' }],
        ]);
      }
    });

    it('pauses both pages at the next loss after both reloaded during a pause', async () => {
      const pages = await startPair();
      const own = { game_id: 'duel', player_id: 0 };
      await pages[0].ask('p2p_connection_lost', { ...own, frame_number: 70 });
      for (const { socket } of pages) socket.disconnect();
      const reloaded = [await connect(), await connect()] as const;
      for (const [at, page] of reloaded.entries())
        expect(await page.join([0, 'one'][at], TOKENS[at])).toMatchObject({ ok: true, resumed: true });
      for (const frame_number of [7, 8])
        await reloaded[0].ask('p2p_connection_lost', { ...own, frame_number });
      for (const page of reloaded) {
        await page.settle();
        expect(page.told('p2p_pause')).toEqual([{ game_id: 'duel', pause_frame: 7, detecting_player: 0 }]);
      }
    });

    it('resumes both pages after both reconnected during a pause', async () => {
      const pages = await startPair();
      const own = { game_id: 'duel', player_id: 0 };
      await pages[0].ask('p2p_connection_lost', own);
      for (const [at, page] of pages.entries()) {
        page.socket.disconnect();
        page.socket.connect();
        await eventually(() => expect(page.socket.connected).toBe(true));
        expect(await page.join([0, 'one'][at], TOKENS[at])).toMatchObject({ ok: true, resumed: true });
      }
      await pages[0].ask('p2p_reconnection_success', own);
      for (const page of pages) {
        await page.settle();
        expect([page.told('p2p_pause'), page.told('p2p_resume')]).toMatchObject([[{}], [{}]]);
      }
    });

    it('repeats the pause to a page that reconnected during it, at the next loss', async () => {
      const pages = await startPair();
      const own = { game_id: 'duel', player_id: 0 };
      await pages[0].ask('p2p_connection_lost', { ...own, frame_number: 70 });
      pages[1].socket.disconnect();
      pages[1].socket.connect();
      await eventually(() => expect(pages[1].socket.connected).toBe(true));
      expect(await pages[1].join('one', TOKENS[1])).toMatchObject({ ok: true, resumed: true });
      await pages[0].ask('p2p_connection_lost', { ...own, frame_number: 7 });
      for (const page of pages) await page.settle();
      expect(pages.map((page) => page.told('p2p_pause').length)).toEqual([1, 2]);
    });

    it('pauses a game again that was paused before it was complete', async () => {
      const [first, second] = [await connect(), await connect()];
      const report = { game_id: 'duel', player_id: 0, frame_number: 1 };
      await first.join(0);
      await first.ask('p2p_connection_lost', report);
      await second.join('one');
      await first.ask('p2p_connection_lost', report);
      await second.settle();
      expect(second.heard.map(([event]) => event)).toEqual(['pyodide_game_ready', 'p2p_pause']);
    });

    it('is accepted as a report only from the player who has the seat', async () => {
      const [first, second] = await startPair();
      const own = { game_id: 'duel', player_id: '0' };
      const reports = {
        p2p_connection_type: { connection_type: 'direct' },
        p2p_health_report: { connection_type: 'direct', status: 'healthy', latency_ms: 9, episode: 1 },
        p2p_episode_summary: { summary: {} },
        p2p_connection_lost: {},
        p2p_reconnection_success: {},
      };
      for (const [event, report] of Object.entries(reports)) {
        expect(await second.ask(event, { ...own, ...report })).toEqual(refusal('not-yours'));
        expect(await first.ask(event, { ...own, ...report })).toEqual({ ok: true });
        expect(await (await connect()).ask(event, { ...own, ...report })).toEqual(refusal('not-joined'));
      }
    });

    it('is answered when it asks for a sign of life or for credentials', async () => {
      const page = await connect();
      expect(await page.ask('holdfast_ping')).toEqual({ ok: true });
      expect(await page.ask('holdfast_turn_config')).toEqual(refusal('not-joined'));
      await page.join(0);
      expect(await page.ask('holdfast_turn_config')).toEqual({ ok: true, turn_config: null });
    });

    it('is never acknowledged when the relay does not know the event', async () => {
      const [first] = await startPair();
      await expect(settled(first.socket.timeout(50).emitWithAck('a wish', {}))).rejects.toThrow(/timed out/);
    });
  });

  describe(`a socket at ${name}`, () => {
    it('delivers an event to a listener once, or until it is removed', async () => {
      const [first, second] = await startPair();
      const heard: unknown[] = [];
      const often = (message: unknown) => heard.push(['often', Object(message).data]);
      second.socket.on('game_data', often);
      second.socket.once('game_data', (message) => heard.push(['once', Object(message).data]));
      for (const data of [1, 2]) await first.ask('game_data', { game_id: 'duel', data });
      await second.settle();
      second.socket.off('game_data', often);
      await first.ask('game_data', { game_id: 'duel', data: 3 });
      await second.settle();
      expect(heard).toEqual([
        ['often', 1],
        ['once', 1],
        ['often', 2],
      ]);
    });

    it('stays disconnected after either end closed it, until connect() is called', async () => {
      const [first] = await startPair();
      const again = await connect();
      await again.join(0, TOKENS[0]);
      again.heard.length = 0;
      again.socket.disconnect();
      expect([again.socket.connected, again.heard]).toEqual([
        false,
        [['disconnect', 'io client disconnect']],
      ]);
      await eventually(() => expect(first.socket.connected).toBe(false));
      await world.pass(10_000);
      expect([first, again].map(({ socket }) => socket.connected)).toEqual([false, false]);
      for (const { socket } of [first, again]) socket.connect();
      await eventually(() =>
        expect([first, again].map(({ socket }) => socket.connected)).toEqual([true, true]),
      );
    });

    it('keeps messages for later while it is down, and rejects requests that were pending before', async () => {
      const page = await connect();
      const said = page.socket.emitWithAck('holdfast_ping', {});
      page.socket.disconnect();
      await expect(settled(said)).rejects.toThrow('socket has been disconnected');
      const hasty = page.socket.timeout(50).emitWithAck('holdfast_ping', {});
      await expect(settled(hasty)).rejects.toThrow('operation has timed out');
      const patient = page.socket.emitWithAck('holdfast_ping', {});
      page.socket.connect();
      expect(await settled(patient)).toEqual({ ok: true });
    });
  });
}
