import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeRelay } from '../../src/testing/fake-relay';
import { Timers } from '../../src/testing/timers';

let relay: FakeRelay;
let dice: number[];

beforeEach(() => {
  vi.useFakeTimers();
  dice = [];
  relay = new FakeRelay(new Timers(), () => dice.shift() ?? 0.5);
  // Never full, so that nobody is notified that the game is ready.
  relay.playersPerGame = 9;
});
afterEach(() => void vi.useRealTimers());

/** Fake timers run an immediate timer a millisecond later. */
const pass = (ms = 5) => vi.advanceTimersByTime(ms);

/** A connected socket that records what it receives. */
function connect() {
  const heard: unknown[] = [];
  const client = {
    connected: true,
    receive: (event: string, message: unknown) => void heard.push([event, message]),
    drop: (reason: string) => void heard.push(['drop', reason]),
  };
  relay.connect(client);
  const told = (event: string) => heard.filter((each) => Array.isArray(each) && each[0] === event);
  const answers: unknown[] = [];
  const ask = (event: string, message?: unknown) => {
    const before = answers.length;
    relay.handle(client, event, message, (answer) => void answers.push(answer));
    pass(relay.delayMs + 5);
    return answers.slice(before);
  };
  return { client, heard, told, ask };
}

function join(player: string | number, game: string | number = 'duel') {
  const end = connect();
  end.ask('join_game', { game_id: game, player_id: player });
  return end;
}

const signal = (target: unknown, more: object = {}) => ({
  type: 'offer',
  target_player_id: target,
  game_id: 'duel',
  payload: { sdp: 'v=0' },
  ...more,
});
const refused = (code: string) => [{ ok: false, error: { code, message: code } }];

// What it has in common with the project's own relay is in tests/support/relay-acceptance.ts.
describe('joining a game at the fake relay', () => {
  it('returns a seat, a token, and the players who are there', () => {
    join('guest', 'another game');
    expect(connect().ask('join_game', { game_id: 7, player_id: 1 })).toEqual([
      { ok: true, resume_token: 'token-of-the-seat-2', players: [1], resumed: false },
    ]);
    const named = { resume_token: 'a secret of number two' };
    expect(connect().ask('join_game', { game_id: '7', player_id: 'two', ...named })).toEqual([
      { ok: true, ...named, players: [1, 'two'], resumed: false },
    ]);
  });

  it('is answered even by a relay that acknowledges nothing else', () => {
    relay.acknowledges = false;
    const end = connect();
    expect(end.ask('join_game', { game_id: 'duel', player_id: 1 })).toHaveLength(1);
    expect(end.ask('webrtc_signal', signal(2))).toEqual([]);
    expect(end.ask('holdfast_ping')).toEqual([]);
  });

  it('seats `playersPerGame` players, and notifies them all when the last one joins', () => {
    relay.playersPerGame = 3;
    const ends = [join(1), join(2)];
    pass();
    expect(ends.map(({ told }) => told('pyodide_game_ready').length)).toEqual([0, 0]);
    ends.push(join(3));
    pass();
    expect(ends.map(({ told }) => told('pyodide_game_ready').length)).toEqual([1, 1, 1]);
    expect(connect().ask('join_game', { game_id: 'duel', player_id: 4 })).toEqual(refused('game-full'));
  });

  it('is announced after its acknowledgement, half a trip later, without loss, and to each in a separate copy', () => {
    Object.assign(relay, { playersPerGame: 2, delayMs: 100, loss: 1, duplication: 1 });
    const first = join(1);
    const last = connect();
    const order: unknown[] = [];
    first.client.receive = (_, message) => Object(message).players.pop();
    last.client.receive = (event, message) => void order.push([event, Object(message).players]);
    relay.handle(last.client, 'join_game', { game_id: 'duel', player_id: 2 }, () => order.push('answer'));
    pass(110);
    expect(order).toEqual(['answer', ['pyodide_game_ready', [1, 2]]]);
  });

  it('waits for a player who dropped out before the game was ready', () => {
    relay.playersPerGame = 2;
    const first = connect();
    const seat = { game_id: 'duel', player_id: 1, resume_token: 'a secret of the first' };
    first.ask('join_game', seat);
    relay.disconnect(first.client);
    const second = join(2);
    expect(second.told('pyodide_game_ready')).toEqual([]);
    connect().ask('join_game', seat);
    pass();
    expect(second.told('pyodide_game_ready')).toHaveLength(1);
  });
});

describe('leaving the fake relay', () => {
  it('takes half a trip, and a player who returns sooner stays connected, but without a seat', () => {
    relay.delayMs = 100;
    const end = join(1);
    end.client.connected = false;
    relay.leave(end.client);
    end.client.connected = true;
    relay.connect(end.client);
    pass(60);
    expect(end.ask('webrtc_signal', signal(2))).toEqual(refused('not-joined'));
  });
});

describe('a signal at the fake relay', () => {
  it('reaches its player, from the one whose socket sent it, with its payload untouched', () => {
    const [a, b, c] = [join(1), join(2), join(3)];
    const message = signal(2, { from_player_id: 'a lie', type: 'a type of tomorrow' });
    expect(a.ask('webrtc_signal', message)).toEqual([{ ok: true }]);
    pass();
    expect([a.heard, c.heard]).toEqual([[], []]);
    expect(b.heard).toEqual([
      [
        'webrtc_signal',
        { type: 'a type of tomorrow', from_player_id: 1, game_id: 'duel', payload: { sdp: 'v=0' } },
      ],
    ]);
    expect(relay.signals).toEqual([{ from: 1, message }]);
  });

  it('is a copy: what the sender or a receiver does to it changes nothing', () => {
    const [a, b] = [join(1), join(2)];
    const payload = { sdp: 'v=0' };
    relay.handle(a.client, 'webrtc_signal', signal(2, { payload }), null);
    payload.sdp = 'changed';
    pass();
    expect(b.heard).toMatchObject([['webrtc_signal', { payload: { sdp: 'v=0' } }]]);
    expect(relay.signals).toMatchObject([{ message: { payload: { sdp: 'v=0' } } }]);
  });

  it.each([
    { players: ['2'], target: 2, found: 0 },
    { players: [2], target: '2', found: 0 },
    { players: [2, '02'], target: '02', found: 1 },
    { players: [2, 'two'], target: '02', found: 0 },
  ])('to $target finds its player among $players as given, then as number', ({ players, target, found }) => {
    const sender = join('sender');
    const ends = players.map((player) => join(player));
    expect(sender.ask('webrtc_signal', signal(target))).toEqual([{ ok: true }]);
    pass();
    expect(ends.map(({ heard }) => heard.length)).toEqual(ends.map((_, index) => (index === found ? 1 : 0)));
  });

  it('accepts the id of a game as text or as number', () => {
    const a = join(1, 7);
    const b = join(2, '7');
    expect(a.ask('webrtc_signal', signal(2, { game_id: '7' }))).toEqual([{ ok: true }]);
    pass();
    expect(b.heard).toMatchObject([['webrtc_signal', { game_id: 7 }]]);
  });

  it.each([
    { what: 'to an absent player', message: signal(9), code: 'no-such-player', kept: 1 },
    { what: 'to oneself', message: signal(1), code: 'no-such-player', kept: 1 },
    { what: 'to a player of another game', message: signal(3), code: 'no-such-player', kept: 1 },
    { what: 'of another game', message: signal(2, { game_id: 'chess' }), code: 'not-yours', kept: 0 },
    { what: 'that is malformed', message: null, code: 'bad-payload', kept: 0 },
  ])('$what is refused', ({ message, code, kept }) => {
    const a = join(1);
    const others = [join(2), join(3, 'chess')];
    expect(a.ask('webrtc_signal', message)).toEqual(refused(code));
    pass();
    expect(others.flatMap(({ heard }) => heard)).toEqual([]);
    expect(relay.signals).toHaveLength(kept);
  });
});

describe('game data at the fake relay', () => {
  it('reaches all other players of the game, and no other game', () => {
    const [a, b, c, stranger] = [join(1), join(2), join(3, 'duel'), join(4, 'chess')];
    expect(a.ask('game_data', { game_id: 'duel', data: { x: 1 } })).toEqual([{ ok: true }]);
    pass();
    const told = [['game_data', { game_id: 'duel', from_player_id: 1, data: { x: 1 } }]];
    expect([a.heard, b.heard, c.heard, stranger.heard]).toEqual([[], told, told, []]);
  });

  it('is a copy for each: what one player does to it changes nothing for another', () => {
    const a = join(1);
    const got: unknown[] = [];
    for (const player of [2, 3]) {
      const { client } = join(player);
      client.receive = (_, message) => {
        got.push(structuredClone(message));
        Object.assign(Object(Reflect.get(Object(message), 'data')), { x: 'spoilt' });
      };
    }
    a.ask('game_data', { game_id: 'duel', data: { x: 1 } });
    pass();
    const told = { game_id: 'duel', from_player_id: 1, data: { x: 1 } };
    expect(got).toEqual([told, told]);
  });

  it.each([
    ['from a stranger', () => connect(), { game_id: 'duel', data: 1 }, 'not-joined'],
    ['that is malformed', () => join(1), 'text', 'bad-payload'],
    ['of another game', () => join(1), { game_id: 'chess', data: 1 }, 'not-yours'],
  ])('%s is refused', (_, createEnd, message, code) => {
    const other = join(2);
    expect(createEnd().ask('game_data', message)).toEqual(refused(code));
    pass();
    expect(other.heard).toEqual([]);
  });
});

describe('the fake relay', () => {
  it('answers a ping, and no unknown event', () => {
    expect(connect().ask('holdfast_ping', { at: 'all' })).toEqual([{ ok: true }]);
    expect(connect().ask('anything', { at: 'all' })).toEqual([]);
  });

  it('takes half of its delay to receive, and half to answer and to deliver', () => {
    const [a, b] = [join(1), join(2)];
    relay.delayMs = 100;
    const answers: unknown[] = [];
    relay.handle(a.client, 'webrtc_signal', signal(2), (answer) => answers.push(answer));
    pass(49);
    expect(relay.signals).toHaveLength(0);
    pass(1);
    expect(relay.signals).toHaveLength(1);
    pass(49);
    expect([answers, b.heard]).toEqual([[], []]);
    pass(1);
    expect([answers.length, b.heard.length]).toEqual([1, 1]);
  });

  it('lets signals overtake each other by as much as its jitter', () => {
    const [a, b] = [join(1), join(2)];
    [relay.delayMs, relay.jitterMs] = [20, 100];
    dice = [0.5, 0.5, 0.9, 0.5, 0.5, 0.1];
    for (const type of ['first', 'second'])
      relay.handle(a.client, 'webrtc_signal', signal(2, { type }), null);
    const types = () => b.heard.map((told) => Reflect.get(Object(Reflect.get(Object(told), 1)), 'type'));
    pass(29);
    expect(types()).toEqual([]);
    pass(1);
    expect(types()).toEqual(['second']);
    pass(79);
    expect(types()).toEqual(['second']);
    pass(1);
    expect(types()).toEqual(['second', 'first']);
  });

  it.each([
    { what: 'loses its share of signals', loss: 0.3, duplication: 0, rolls: [0.29], copies: 0 },
    { what: 'loses no more than its share', loss: 0.3, duplication: 0, rolls: [0.3], copies: 1 },
    { what: 'duplicates its share of signals', loss: 0, duplication: 0.3, rolls: [0.5, 0.29], copies: 2 },
    { what: 'duplicates no more than its share', loss: 0, duplication: 0.3, rolls: [0.5, 0.3], copies: 1 },
    { what: 'loses and duplicates nothing by default', loss: 0, duplication: 0, rolls: [0, 0], copies: 1 },
  ])('$what', ({ loss, duplication, rolls, copies }) => {
    const [a, b] = [join(1), join(2)];
    Object.assign(relay, { loss, duplication });
    dice = rolls;
    expect(a.ask('webrtc_signal', signal(2))).toEqual([{ ok: true }]);
    pass();
    expect(b.heard).toHaveLength(copies);
  });

  it('neither handles nor answers a message of a player who is gone meanwhile', () => {
    relay.delayMs = 100;
    const a = join(1);
    const answers: unknown[] = [];
    relay.handle(a.client, 'webrtc_signal', signal(2), (answer) => answers.push(answer));
    pass(10);
    relay.disconnect(a.client);
    pass(100);
    expect([relay.signals, answers]).toEqual([[], []]);

    relay.connect(a.client);
    relay.handle(a.client, 'holdfast_ping', null, (answer) => answers.push(answer));
    pass(60);
    relay.disconnect(a.client);
    pass(100);
    expect(answers).toEqual([]);
  });

  it('holds the seat of a player who is gone', () => {
    const [a, b] = [join(1), join(2)];
    relay.disconnect(b.client);
    expect(a.ask('webrtc_signal', signal(2))).toEqual(refused('player-away'));
    relay.connect(b.client);
    expect(b.ask('webrtc_signal', signal(1))).toEqual(refused('not-joined'));
  });

  it('drops everybody and forgets every seat when it restarts', () => {
    const [a, b] = [join(1), connect()];
    relay.restart();
    expect([a.heard, b.heard]).toEqual([[['drop', 'transport close']], [['drop', 'transport close']]]);
    expect(connect().ask('join_game', { game_id: 'duel', player_id: 1 })).toMatchObject([{ ok: true }]);
  });
});
