import { describe, expect, it } from 'vitest';
import { type ClientEvent, explain, schemas } from '../src/schemas';

const KIBIBYTE = 1024;
const sender = { game_id: 'duel', player_id: 0 };
const takes = (event: ClientEvent, message: unknown) => schemas[event].safeParse(message).success;

/** The largest count that is still accepted, by bisection; below `bytes`, because each item is a byte at least. */
function most(isTaken: (count: number) => boolean, bytes: number): number {
  let [taken, refused] = [0, bytes + 1];
  while (refused - taken > 1) {
    const middle = (taken + refused) >> 1;
    if (isTaken(middle)) taken = middle;
    else refused = middle;
  }
  return taken;
}

const text = (length: number) => 'x'.repeat(length);
const members = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`member ${n}`, 'value']));
const list = (count: number) => Array<string>(count).fill('value');
const record = (content: unknown) => ({ kind: 'mark', content });

describe('the content of a message', () => {
  const cases: [ClientEvent, string, (content: unknown) => Record<string, unknown>, number][] = [
    [
      'webrtc_signal',
      'payload',
      (payload) => ({ game_id: 'd', target_player_id: 1, type: 'x', payload }),
      256,
    ],
    ['game_data', 'data', (data) => ({ game_id: 'duel', data }), 64],
    ['p2p_episode_summary', 'summary', (content) => ({ ...sender, summary: { content } }), 16],
    [
      'holdfast_inspect',
      'message',
      (content) => ({
        game_id: 'duel',
        message: { holdfast: 1, type: 'records', records: [record(content)] },
      }),
      128,
    ],
  ];

  it.each(cases)(
    'in %s is accepted up to its limit, whatever its %s consists of',
    (event, member, of, kibibytes) => {
      for (const make of [text, members, list]) {
        const count = most((length) => takes(event, of(make(length))), kibibytes * KIBIBYTE);
        const bytes = JSON.stringify(Reflect.get(of(make(count)), member)).length;
        expect(bytes).toBeLessThanOrEqual(kibibytes * KIBIBYTE);
        expect(bytes).toBeGreaterThan(0.95 * kibibytes * KIBIBYTE);
      }
    },
  );

  it('is counted to the byte, as UTF-8 with its quotes, if it is text', () => {
    const data = (letter: string, count: number) =>
      takes('game_data', { game_id: 'd', data: letter.repeat(count) });
    expect([data('x', 64 * KIBIBYTE - 2), data('x', 64 * KIBIBYTE - 1)]).toEqual([true, false]);
    expect([data('é', 32 * KIBIBYTE - 1), data('é', 32 * KIBIBYTE)]).toEqual([true, false]);
    const bytes = (count: number) => takes('game_data', { game_id: 'd', data: new Uint8Array(count) });
    expect([bytes(64 * KIBIBYTE), bytes(64 * KIBIBYTE + 1)]).toEqual([true, false]);
  });

  it.each([
    ['lists', (inner: unknown): unknown => [inner]],
    ['objects', (inner: unknown): unknown => ({ inner })],
  ])('may be %s nested thirty-two deep', (_, wrap) => {
    let nested: unknown = wrap(0);
    for (let depth = 1; depth < 32; depth += 1) nested = wrap(nested);
    expect(takes('game_data', { game_id: 'd', data: nested })).toBe(true);
    expect(takes('game_data', { game_id: 'd', data: wrap(nested) })).toBe(false);
  });

  it.each([
    ['an id', 128, (id: string) => takes('game_data', { game_id: id, data: 0 })],
    ['a token', 128, (token: string) => takes('join_game', { ...sender, resume_token: token })],
    [
      'the type of a signal',
      64,
      (type: string) => takes('webrtc_signal', { game_id: 1, target_player_id: 1, type }),
    ],
  ])('is limited for %s to %i characters', (_, count, isTaken) => {
    expect([isTaken(text(count)), isTaken(text(count + 1))]).toEqual([true, false]);
  });

  it('is limited to a hundred records', () => {
    const records = (count: number) =>
      takes('holdfast_inspect', {
        game_id: 'duel',
        message: { holdfast: 1, type: 'records', records: Array(count).fill(record(0)) },
      });
    expect([records(100), records(101)]).toEqual([true, false]);
  });

  it.each([
    ...['host', 'srflx', 'prflx', 'relay', 'unknown'].map((type) => ['localCandidateType', type]),
    ...['udp', 'tcp', 'tls', 'unknown'].map((protocol) => ['relayProtocol', protocol]),
  ])('may have the %s %s', (member = '', value) => {
    const report = { ...sender, connection_type: 'relay', details: { [member]: value } };
    expect(takes('p2p_connection_type', report)).toBe(true);
  });
});

describe('a refused message', () => {
  it.each<[ClientEvent, unknown, string | RegExp]>([
    ['game_data', null, /^payload: /],
    ['game_data', { game_id: {}, data: 0 }, 'game_id: expected a string or an integer'],
    ['game_data', { game_id: 'd', data: text(70_000) }, 'data: expected at most 65536 bytes'],
    [
      'p2p_connection_type',
      { ...sender, connection_type: 'relay', details: { protocol: 7 } },
      /^details\.protocol: /,
    ],
  ])('is answered with the member that is wrong: of %s', (event, message, told) => {
    const { error } = schemas[event].safeParse(message);
    expect(error && explain(error)).toEqual(typeof told === 'string' ? told : expect.stringMatching(told));
  });
});
