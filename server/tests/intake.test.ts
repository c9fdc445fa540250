import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../tests/support/eventually';
import { FairQueue } from '../src/fair-queue';
import { listen } from './fake-connection';

/** Waits until what was postponed by a tick has been done. */
const tick = () => new Promise<void>((resolve) => process.nextTick(resolve));
const pings = (count: number) => Array.from({ length: count }, (_, n) => `2["holdfast_ping",${n}]`);

describe('an intake', () => {
  it('parses no poll with more packets than a page could send, and nothing after it', () => {
    const { conn, evicted } = listen();
    const payload = (packets: number) => Array.from({ length: packets }, () => '3').join('\x1e');
    for (const packets of [1, 8_000, 8_001, 1]) conn.transport.onData(payload(packets));
    expect(conn.unpacked).toEqual([payload(1), payload(8_000)]);
    expect(evicted).toEqual(['too many packets in one poll']);
  });

  it('parses no poll of a client that is being closed and has yet to learn so from a poll', () => {
    const { conn } = listen();
    conn.readyState = 'closing';
    conn.transport.onData('4x');
    expect(conn.unpacked).toEqual([]);
  });

  it('hands on at once what comes occasionally', () => {
    const { conn } = listen();
    conn.say('0', '2["holdfast_ping"]');
    expect(conn.parsed).toEqual(['0', '2["holdfast_ping"]']);
  });

  it('hands on at once however much has come, as long as it comes little by little', async () => {
    const { conn } = listen();
    for (const [index, message] of pings(20).entries()) {
      conn.say(message);
      expect(conn.parsed).toHaveLength(index + 1);
      await turn();
    }
  });

  it('hands on a burst in order, a little at once and the rest in turns', async () => {
    const { conn } = listen();
    const burst = pings(150);
    conn.say(...burst);
    expect(conn.parsed.length).toBeLessThan(10);
    while (conn.parsed.length < 150) await turn();
    expect(conn.parsed).toEqual(burst);
  });

  it('lets nothing overtake what waits, even if it comes alone', async () => {
    const { conn } = listen();
    // More bytes than the queue takes in a turn, however fast the machine.
    conn.say(...Array(150).fill(`2["holdfast_ping","${'x'.repeat(1_000)}"]`));
    await turn();
    conn.say('2["last"]');
    expect(conn.parsed.length).toBeLessThan(150);
    while (conn.parsed.length < 151) await turn();
    expect(conn.parsed.at(-1)).toBe('2["last"]');
  });

  it.each<[isThrownOut: boolean, expected: string[]]>([
    [false, ['2probe']],
    [true, []],
  ])(
    'hands on what a WebSocket beside the polls brings, unless its client was evicted: %s',
    (isThrownOut, expected) => {
      const { intake } = listen();
      const tcp = new PassThrough();
      const heard: string[] = [];
      tcp.on('data', (chunk) => heard.push(String(chunk)));
      if (isThrownOut) intake.evict('was told so');
      intake.watch(tcp);
      tcp.emit('data', Buffer.from('2probe'));
      expect(heard).toEqual(expected);
    },
  );

  it('discards what waits from a client that is gone', async () => {
    const { conn } = listen();
    conn.say(...pings(150));
    const before = conn.parsed.length;
    conn.emit('close');
    await turn();
    await turn();
    expect(conn.parsed).toHaveLength(before);
  });

  it('serves a client that sends little before one that floods, however much of that waits', async () => {
    const fairQueue = new FairQueue();
    const flooder = listen({ other: { perSecond: 1e6, burst: 1e6 } }, fairQueue);
    flooder.conn.say(...pings(5_000));
    const honest = listen({}, fairQueue);
    honest.conn.say('2["holdfast_ping"]');
    expect(honest.conn.parsed).toHaveLength(1);
    const burst = listen({}, fairQueue);
    burst.conn.say(...pings(50));
    while (burst.conn.parsed.length < 50) await turn();
    expect(flooder.conn.parsed.length).toBeLessThan(4_000);
    while (flooder.conn.parsed.length < 5_000) await turn();
  });

  it('refuses by rate before anything is parsed, and answers if an acknowledgement is asked for', () => {
    const { conn, refused } = listen({ other: { perSecond: 0.001, burst: 1 } });
    conn.say('2["holdfast_ping"]', '27["holdfast_ping"]', '2["holdfast_ping"]');
    expect(conn.parsed).toEqual(['2["holdfast_ping"]']);
    expect(conn.written).toEqual([
      '37[{"ok":false,"error":{"code":"rate-limited","message":"too many messages"}}]',
    ]);
    expect(refused).toEqual(Array(2).fill('holdfast_ping rate-limited'));
  });

  it.each([
    ['is larger than its event may be', `2["join_game",{"game_id":"${'x'.repeat(5_000)}"}]`],
    [
      'is nested deeper than anything that is encoded again',
      `2["game_data",${'['.repeat(20_000)}${']'.repeat(20_000)}]`,
    ],
    ['has more members than its size allows', `2["webrtc_signal",[${'0,'.repeat(100_000)}0]]`],
  ])('refuses unparsed a message that %s', async (_, message) => {
    const { conn, refused } = listen();
    conn.say(message);
    while (refused.length === 0) await turn();
    expect(conn.parsed).toEqual([]);
    expect(refused[0]).toMatch(/bad-payload$/);
  });

  it('accepts text that is full of brackets, and as large as a signal may be', async () => {
    const { conn } = listen();
    const message = `2["webrtc_signal",{"payload":"${'[{\\"'.repeat(40_000)}"}]`;
    conn.say(message);
    while (conn.parsed.length === 0) await turn();
    expect(conn.parsed).toEqual([message]);
  });

  it('reads no player’s event from a client without a seat', async () => {
    const { conn, intake, refused } = listen();
    intake.isSeated = false;
    const events = ['webrtc_signal', 'game_data', 'p2p_health_report'];
    conn.say(...events.map((event) => `2["${event}",{}]`), '2["join_game",{}]');
    await turn();
    await turn();
    expect(conn.parsed).toEqual(['2["join_game",{}]']);
    expect(refused).toEqual(events.map((event) => `${event} not-joined`));
  });

  it('reads what comes right after a join, whose outcome Socket.IO reports a tick later', async () => {
    const { conn, intake, refused } = listen();
    intake.isSeated = false;
    conn.say('2["join_game",{}]', '2["webrtc_signal",{}]');
    expect([conn.parsed.length, refused]).toEqual([2, []]);
    await turn();
    await turn();
    conn.say('2["webrtc_signal",{}]');
    expect([conn.parsed.length, refused]).toEqual([2, ['webrtc_signal not-joined']]);
  });

  it('delays a goodbye behind what came right before it, which Socket.IO withholds from a socket that has left', async () => {
    const { conn } = listen();
    conn.say('2["p2p_episode_summary",{}]', '1');
    expect(conn.parsed).toEqual(['2["p2p_episode_summary",{}]']);
    await turn();
    await turn();
    expect(conn.parsed).toEqual(['2["p2p_episode_summary",{}]', '1']);
  });

  it('delays a goodbye for no other client: the connection may end before those have had their turns', async () => {
    const fairQueue = new FairQueue();
    const [others, { conn }] = [listen({}, fairQueue), listen({}, fairQueue)];
    others.conn.say(...pings(150));
    conn.say('1');
    await tick();
    expect(conn.parsed).toEqual(['1']);
  });

  it('ignores a goodbye from a client that it has evicted', async () => {
    const { conn, intake, evicted } = listen();
    conn.say('1');
    intake.evict('was told so');
    await tick();
    expect([conn.parsed, evicted]).toEqual([[], ['was told so']]);
  });

  it('counts an event whose name is written unusually as unknown', () => {
    const { conn, refused } = listen({ other: { perSecond: 0.001, burst: 1 } });
    conn.say('2["game\\u005fdata",1]', '2["game\\u005fdata",2]');
    expect([conn.parsed.length, refused]).toEqual([1, ['unknown rate-limited']]);
  });

  it('discards the attachments of a refused event with it', () => {
    const { conn } = listen({ game_data: { perSecond: 0.001, burst: 1 } });
    const header = '51-["game_data",{"_placeholder":true,"num":0}]';
    conn.say(header, Buffer.alloc(1));
    conn.say(header, Buffer.alloc(2), '2["holdfast_ping"]');
    return eventually(() => expect(conn.parsed).toEqual([header, Buffer.alloc(1), '2["holdfast_ping"]']));
  });

  it('hands on an event once all of it has arrived', () => {
    const { conn } = listen();
    const event = [
      '52-["game_data",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
      Buffer.alloc(1),
    ];
    conn.say(...event);
    expect(conn.parsed).toEqual([]);
    conn.say(Buffer.alloc(2));
    expect(conn.parsed).toEqual([...event, Buffer.alloc(2)]);
  });

  it.each([
    ['an event', 5],
    ['an acknowledgement', 6],
  ])('refuses the whole of %s that its attachments make too large, and goes on', (_, type) => {
    const { conn, refused } = listen();
    conn.say(`${type}3-7["join_game",{}]`, Buffer.alloc(4_000), Buffer.alloc(100));
    expect(conn.written).toEqual([
      '37[{"ok":false,"error":{"code":"bad-payload","message":"payload: expected at most 4096 bytes"}}]',
    ]);
    conn.say(Buffer.alloc(1), '2["holdfast_ping"]');
    expect(refused).toEqual(['join_game bad-payload']);
    return eventually(() => expect(conn.parsed).toEqual(['2["holdfast_ping"]']));
  });

  it('accepts an event that is, with its attachments, as large as it may be', () => {
    const { conn } = listen();
    const event = '51-["join_game",{"_placeholder":true,"num":0}]';
    conn.say(event, Buffer.alloc(4_096 - event.length));
    expect(conn.parsed).toHaveLength(2);
  });

  it.each([
    [10, []],
    [11, ['game_data bad-payload']],
  ])(
    'refuses an event that announces more attachments than the parser takes, which is ten: %i',
    (count, expected) => {
      const { conn, refused, evicted } = listen();
      conn.say(`5${count}-["game_data",{}]`);
      expect([refused, evicted, conn.parsed]).toEqual([expected, [], []]);
    },
  );

  it('evicts a client that breaks off an event to send something else', () => {
    const { conn, evicted } = listen();
    conn.say('51-["game_data",{"_placeholder":true,"num":0}]', '2["holdfast_ping"]');
    expect([evicted, conn.parsed]).toEqual([['event without its attachments'], []]);
  });

  it('leaves unannounced attachments to the parser', () => {
    const { conn } = listen();
    conn.say(Buffer.alloc(1));
    expect(conn.parsed).toEqual([Buffer.alloc(1)]);
  });

  it('also discards the attachments of an event whose name it cannot read', () => {
    const { conn } = listen();
    conn.say(
      `51-["${'x'.repeat(5_000)}",{"_placeholder":true,"num":0}]`,
      Buffer.alloc(1),
      '2["holdfast_ping"]',
    );
    return eventually(() => expect(conn.parsed).toEqual(['2["holdfast_ping"]']));
  });

  it('evicts a client that sends too many bytes, and reads nothing more from it', () => {
    const { conn, evicted } = listen({ bytes: { perSecond: 1, burst: 1_000 } });
    for (const length of [600, 400, 1, 1]) conn.transport.onData('x'.repeat(length));
    conn.say('2["c"]');
    expect(conn.unpacked.map(({ length }) => length)).toEqual([600, 400]);
    expect([conn.parsed, evicted]).toEqual([[], ['data rate exceeded']]);
  });

  it.each([
    ['more messages', '0', 15_001],
    ['more bytes', `2["game_data","${'x'.repeat(60_000)}"]`, 17],
  ])(
    'evicts a client that sends %s at once than may wait, but not one that lets them be served',
    async (_, message, half) => {
      const rates = { bytes: { perSecond: 1, burst: 1e9 }, other: { perSecond: 1, burst: 1e9 } };
      const { conn, evicted } = listen(rates);
      const messages = Array(half).fill(message);
      conn.say(...messages);
      while (conn.parsed.length < half) await turn();
      conn.say(...messages);
      while (conn.parsed.length < 2 * half) await turn();
      expect(evicted).toEqual([]);
      conn.say(...messages, ...messages);
      expect(evicted).toEqual(['too much data waiting']);
    },
  );

  it('evicts a client that keeps being refused, and reports it once', () => {
    const { conn, intake, evicted } = listen({
      other: { perSecond: 0.001, burst: 1 },
      refusals: { perSecond: 0.001, burst: 1 },
    });
    conn.say('2["a"]', '2["a"]', '2["a"]');
    intake.countRefusal();
    expect(evicted).toEqual(['too many refused messages']);
  });

  it('ranks a client that is refused again and again as hostile, for ten seconds', async () => {
    const { conn, clock, intake } = listen({ other: { perSecond: 0.001, burst: 1 } });
    conn.say(...pings(51));
    await eventually(() => expect(intake.rank).toBe('burst'));
    conn.say('2["holdfast_ping"]');
    await eventually(() => expect(intake.rank).toBe('hostile'));
    clock.nowMs += 9_999;
    expect(intake.rank).toBe('hostile');
    clock.nowMs += 1;
    expect(intake.rank).toBe('burst');
  });

  it('ranks a client that sends more than 200 at once, or 20 a second, as busy, for five seconds', async () => {
    const { conn, clock, intake } = listen({ other: { perSecond: 60, burst: 1_000 } });
    const afterServing = async (count: number) => {
      conn.say(...pings(count));
      while (intake.isWaiting) await turn();
      return intake.rank;
    };
    expect(await afterServing(200)).toBe('burst');
    clock.nowMs += 1_000;
    expect([await afterServing(20), await afterServing(1)]).toEqual(['burst', 'busy']);
    conn.say('2["in turns"]');
    expect(conn.parsed).toHaveLength(221);
    clock.nowMs += 4_999;
    expect(intake.rank).toBe('busy');
    clock.nowMs += 1;
    expect(intake.rank).toBe('burst');
  });

  it('earns a waiting client no rate: a flood that is served slowly is refused in the end', async () => {
    const { conn, intake, clock, refused } = listen({ other: { perSecond: 1_000, burst: 100 } });
    conn.say(...pings(150));
    clock.nowMs += 60_000;
    await eventually(() => expect(refused.length).toBe(50));
    await eventually(() => expect(intake.isWaiting).toBe(false));
    conn.say('2["holdfast_ping"]');
    expect(refused).toHaveLength(51);
    clock.nowMs += 1;
    conn.say('2["holdfast_ping"]');
    expect(refused).toHaveLength(51);
  });

  it('closes the connection of a client that has not even sent CONNECT', () => {
    const { conn, intake } = listen({ bytes: { perSecond: 1, burst: 10 } });
    intake.listener = null;
    conn.transport.onData('4'.repeat(100));
    expect(conn.readyState).toBe('closed');
  });
});
