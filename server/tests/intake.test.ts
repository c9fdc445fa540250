import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../tests/support/eventually';
import { FairQueue } from '../src/fair-queue';
import { listen } from './fake-connection';

/** What was put off by a tick has been done. */
const tick = () => new Promise<void>((resolve) => process.nextTick(resolve));
const pings = (count: number) => Array.from({ length: count }, (_, n) => `2["holdfast_ping",${n}]`);

describe('an intake', () => {
  it('takes no poll apart with more packets than a page could send, and nothing after it', () => {
    const { conn, evicted } = listen();
    const payload = (packets: number) => Array.from({ length: packets }, () => '3').join('\x1e');
    for (const packets of [1, 8_000, 8_001, 1]) conn.transport.onData(payload(packets));
    expect(conn.unpacked).toEqual([payload(1), payload(8_000)]);
    expect(evicted).toEqual(['too many packets in one poll']);
  });

  it('takes none apart of whom the parser has sent away, which a poll has still to be told', () => {
    const { conn } = listen();
    conn.readyState = 'closing';
    conn.transport.onData('4x');
    expect(conn.unpacked).toEqual([]);
  });

  it('hands on at once what comes now and then', () => {
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

  it('hands on a burst in its order, a little now and the rest in turns', async () => {
    const { conn } = listen();
    const burst = pings(150);
    conn.say(...burst);
    expect(conn.parsed.length).toBeLessThan(10);
    while (conn.parsed.length < 150) await turn();
    expect(conn.parsed).toEqual(burst);
  });

  it('lets nothing overtake what waits, though it comes alone', async () => {
    const { conn } = listen();
    // More bytes than a turn of the queue takes, however quick the machine.
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
    'hands on what comes by a WebSocket beside the polls, unless who opened it was thrown out: %s',
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

  it('throws away what waits of who is gone', async () => {
    const { conn } = listen();
    conn.say(...pings(150));
    const before = conn.parsed.length;
    conn.emit('close');
    await turn();
    await turn();
    expect(conn.parsed).toHaveLength(before);
  });

  it('serves who sends little before who floods, however much of it waits', async () => {
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

  it('refuses by rate before anything is parsed, and says so to who asks', () => {
    const { conn, refused } = listen({ other: { perSecond: 0.001, burst: 1 } });
    conn.say('2["holdfast_ping"]', '27["holdfast_ping"]', '2["holdfast_ping"]');
    expect(conn.parsed).toEqual(['2["holdfast_ping"]']);
    expect(conn.written).toEqual([
      '37[{"ok":false,"error":{"code":"rate-limited","message":"too many messages"}}]',
    ]);
    expect(refused).toEqual(Array(2).fill('holdfast_ping rate-limited'));
  });

  it.each([
    ['larger than its event may be', `2["join_game",{"game_id":"${'x'.repeat(5_000)}"}]`],
    [
      'deeper than anything that is encoded again',
      `2["game_data",${'['.repeat(20_000)}${']'.repeat(20_000)}]`,
    ],
    ['of more members than its size is worth', `2["webrtc_signal",[${'0,'.repeat(100_000)}0]]`],
  ])('refuses unparsed what is %s', async (_, message) => {
    const { conn, refused } = listen();
    conn.say(message);
    while (refused.length === 0) await turn();
    expect(conn.parsed).toEqual([]);
    expect(refused[0]).toMatch(/bad-payload$/);
  });

  it('lets text pass that is full of brackets, and as large as a signal may be', async () => {
    const { conn } = listen();
    const message = `2["webrtc_signal",{"payload":"${'[{\\"'.repeat(40_000)}"}]`;
    conn.say(message);
    while (conn.parsed.length === 0) await turn();
    expect(conn.parsed).toEqual([message]);
  });

  it('reads nothing of a player’s from who sits nowhere', async () => {
    const { conn, intake, refused } = listen();
    intake.isSeated = false;
    const events = ['webrtc_signal', 'game_data', 'p2p_health_report'];
    conn.say(...events.map((event) => `2["${event}",{}]`), '2["join_game",{}]');
    await turn();
    await turn();
    expect(conn.parsed).toEqual(['2["join_game",{}]']);
    expect(refused).toEqual(events.map((event) => `${event} not-joined`));
  });

  it('reads what comes right behind a join, whose fate Socket.IO tells a tick later', async () => {
    const { conn, intake, refused } = listen();
    intake.isSeated = false;
    conn.say('2["join_game",{}]', '2["webrtc_signal",{}]');
    expect([conn.parsed.length, refused]).toEqual([2, []]);
    await turn();
    await turn();
    conn.say('2["webrtc_signal",{}]');
    expect([conn.parsed.length, refused]).toEqual([2, ['webrtc_signal not-joined']]);
  });

  it('lets a goodbye wait for what came right before it, which Socket.IO keeps from a socket that has left', async () => {
    const { conn } = listen();
    conn.say('2["p2p_episode_summary",{}]', '1');
    expect(conn.parsed).toEqual(['2["p2p_episode_summary",{}]']);
    await turn();
    await turn();
    expect(conn.parsed).toEqual(['2["p2p_episode_summary",{}]', '1']);
  });

  it('lets a goodbye wait for nobody else: the connection may end before those have had their turns', async () => {
    const fairQueue = new FairQueue();
    const [others, { conn }] = [listen({}, fairQueue), listen({}, fairQueue)];
    others.conn.say(...pings(150));
    conn.say('1');
    await tick();
    expect(conn.parsed).toEqual(['1']);
  });

  it('hears no goodbye of whom it has thrown out', async () => {
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

  it('throws the attachments of a refused event away with it', () => {
    const { conn } = listen({ game_data: { perSecond: 0.001, burst: 1 } });
    const header = '51-["game_data",{"_placeholder":true,"num":0}]';
    conn.say(header, Buffer.alloc(1));
    conn.say(header, Buffer.alloc(2), '2["holdfast_ping"]');
    return eventually(() => expect(conn.parsed).toEqual([header, Buffer.alloc(1), '2["holdfast_ping"]']));
  });

  it('hands an event on when all of it is here', () => {
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
  ])('refuses as a whole %s that its attachments make too large, and goes on', (_, type) => {
    const { conn, refused } = listen();
    conn.say(`${type}3-7["join_game",{}]`, Buffer.alloc(4_000), Buffer.alloc(100));
    expect(conn.written).toEqual([
      '37[{"ok":false,"error":{"code":"bad-payload","message":"payload: expected at most 4096 bytes"}}]',
    ]);
    conn.say(Buffer.alloc(1), '2["holdfast_ping"]');
    expect(refused).toEqual(['join_game bad-payload']);
    return eventually(() => expect(conn.parsed).toEqual(['2["holdfast_ping"]']));
  });

  it('takes an event with its attachments that is as large as it may be', () => {
    const { conn } = listen();
    const event = '51-["join_game",{"_placeholder":true,"num":0}]';
    conn.say(event, Buffer.alloc(4_096 - event.length));
    expect(conn.parsed).toHaveLength(2);
  });

  it.each([
    [10, []],
    [11, ['game_data bad-payload']],
  ])(
    'answers where more attachments are announced than the parser takes, which is ten: %i',
    (count, expected) => {
      const { conn, refused, evicted } = listen();
      conn.say(`5${count}-["game_data",{}]`);
      expect([refused, evicted, conn.parsed]).toEqual([expected, [], []]);
    },
  );

  it('evicts who breaks off an event to say something else', () => {
    const { conn, evicted } = listen();
    conn.say('51-["game_data",{"_placeholder":true,"num":0}]', '2["holdfast_ping"]');
    expect([evicted, conn.parsed]).toEqual([['event without its attachments'], []]);
  });

  it('leaves attachments that nobody announced to the parser', () => {
    const { conn } = listen();
    conn.say(Buffer.alloc(1));
    expect(conn.parsed).toEqual([Buffer.alloc(1)]);
  });

  it('knows the attachments of an event whose name it cannot read, too', () => {
    const { conn } = listen();
    conn.say(
      `51-["${'x'.repeat(5_000)}",{"_placeholder":true,"num":0}]`,
      Buffer.alloc(1),
      '2["holdfast_ping"]',
    );
    return eventually(() => expect(conn.parsed).toEqual(['2["holdfast_ping"]']));
  });

  it('evicts who sends too many bytes, and hears nothing from it any more', () => {
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
    'evicts who sends %s at once than may wait, and not who lets them be served',
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

  it('evicts who goes on being refused, and says so once', () => {
    const { conn, intake, evicted } = listen({
      other: { perSecond: 0.001, burst: 1 },
      refusals: { perSecond: 0.001, burst: 1 },
    });
    conn.say('2["a"]', '2["a"]', '2["a"]');
    intake.countRefusal();
    expect(evicted).toEqual(['too many refused messages']);
  });

  it('counts who is refused again and again as hostile, for ten seconds', async () => {
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

  it('counts who sends more than two hundred at once, or twenty a second, as busy, for five seconds', async () => {
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

  it('lets nobody earn while it waits: a flood that is served slowly is refused in the end', async () => {
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

  it('closes the connection of who has not even said CONNECT', () => {
    const { conn, intake } = listen({ bytes: { perSecond: 1, burst: 10 } });
    intake.listener = null;
    conn.transport.onData('4'.repeat(100));
    expect(conn.readyState).toBe('closed');
  });
});
