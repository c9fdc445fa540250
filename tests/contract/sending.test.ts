import { describe, expect, it } from 'vitest';
import { connectPlayers, createPlayers, HANDSHAKE_MS, type Player, pass } from './players';

const messagesOf = (heard: readonly unknown[][]) =>
  heard.filter(([name]) => name === 'onDataChannelMessage').map(([, data]) => data);

const bytes = (...values: number[]) => new Uint8Array(values);

describe('send()', () => {
  it.each([
    ['a string', 'frame 7', 'frame 7'],
    ['an empty string', '', ''],
    ['an ArrayBuffer', bytes(1, 2).buffer, bytes(1, 2).buffer],
    ['a view of part of a buffer', bytes(0, 1, 2, 3).subarray(1, 3), bytes(1, 2).buffer],
    ['a DataView', new DataView(bytes(9).buffer), bytes(9).buffer],
    ['a Blob', new Blob([bytes(4, 5)]), bytes(4, 5).buffer],
  ])('delivers %s', async (_, data, arrived) => {
    const { a, b } = await connectPlayers();
    expect(a.manager.send(data)).toBe(true);
    await pass(100);
    await blobIsRead();
    expect(messagesOf(b.heard)).toEqual([arrived]);
  });

  it('returns false and does not throw while there is no open channel', async () => {
    const { a } = createPlayers();
    expect(a.manager.send('new')).toBe(false);
    void a.manager.connectToPeer(2);
    expect(a.manager.send('checking')).toBe(false);
    a.manager.close();
    expect(a.manager.send('closed')).toBe(false);
  });

  it('returns false and does not throw when a message is too large or the buffer is full', async () => {
    const { world, a } = await connectPlayers();
    expect(a.manager.send(new ArrayBuffer(300_000))).toBe(false);
    world.network.cut();
    const sent = Array.from({ length: 100 }, () => a.manager.send(new ArrayBuffer(262_144)));
    expect(sent).toContain(false);
    expect(a.manager.state).toBe('connected');
  });

  it('drops messages in an outage and returns false when sendWhileLost is drop', async () => {
    const { world, a } = await connectPlayers({ sendWhileLost: 'drop' });
    world.network.cut();
    await pass(3_000);
    expect([a.manager.state, a.manager.send('stale')]).toEqual(['disconnected', false]);
    await pass(5_000);
    expect([a.manager.state, a.manager.isReady(), a.manager.send('stale')]).toEqual([
      'restarting',
      true,
      false,
    ]);
  });

  it('hands messages over in an outage without that option, as upstream does', async () => {
    const { world, a } = await connectPlayers();
    world.network.cut();
    await pass(3_000);
    expect([a.manager.state, a.manager.send('stale')]).toEqual(['disconnected', true]);
  });
});

describe('messages', () => {
  it('never include the library’s own control traffic', async () => {
    const { a, b } = await connectPlayers();
    await pass(30_000);
    expect([...messagesOf(a.heard), ...messagesOf(b.heard)]).toEqual([]);
  });

  it('arrive over a link with loss and delay, except those that the network drops, without a lost', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.setDelay(100);
    world.network.setLoss(0.3);
    for (let frame = 0; frame < 600; frame += 1) {
      a.manager.send(`a${frame}`);
      b.manager.send(`b${frame}`);
      await pass(16);
    }
    await pass(1_000);
    for (const { heard } of [a, b]) {
      const arrived = messagesOf(heard).length;
      expect(arrived).toBeGreaterThan(350);
      expect(arrived).toBeLessThan(500);
      expect(heard.filter(([name]) => name === 'onConnectionLost')).toEqual([]);
    }
  });
});

describe('isReady() and isConnectionUsable()', () => {
  it('follow the channel, and the channel together with ICE', async () => {
    const { world, a } = createPlayers();
    void a.manager.connectToPeer(2);
    expect([a.manager.isReady(), a.manager.isConnectionUsable()]).toEqual([false, false]);
    await pass(HANDSHAKE_MS);
    expect([a.manager.isReady(), a.manager.isConnectionUsable()]).toEqual([true, true]);
    world.network.cut();
    await pass(6_500);
    expect(a.manager.peerConnection?.iceConnectionState).toBe('disconnected');
    expect([a.manager.isReady(), a.manager.isConnectionUsable()]).toEqual([true, false]);
    expect(a.manager.getConnectionState()).toBe('disconnected');
  });

  it('are false out of failed, as send() is, until open is announced, even if the channel says open', async () => {
    const { world, a, b } = await connectPlayers();
    world.network.cut();
    await pass(150_000);
    expect([a.manager.state, b.manager.state]).toEqual(['failed', 'failed']);
    const answersOf = ({ manager }: Player) => [
      manager.isReady(),
      manager.isConnectionUsable(),
      manager.send('lost'),
    ];
    const atOpen: unknown[] = [];
    a.manager.onDataChannelOpen = () => atOpen.push(answersOf(a));
    await a.manager.attemptIceRestart();
    await pass(2_000);
    for (const { manager } of [a, b])
      expect([manager.state, manager.dataChannel?.readyState]).toEqual(['restarting', 'open']);
    const [yes, no] = [Array(3).fill(true), Array(3).fill(false)];
    expect([answersOf(a), answersOf(b), atOpen]).toEqual([no, no, []]);
    world.network.heal();
    await pass(2_000);
    expect([answersOf(a), answersOf(b), atOpen]).toEqual([yes, yes, [yes]]);
  });

  it.each(['drop', 'hand-over'] as const)(
    'are false from onDataChannelClose on when a link fails, as send() is: %s',
    async (sendWhileLost) => {
      const { world, a } = await connectPlayers({ sendWhileLost });
      let atClose: unknown;
      a.manager.onDataChannelClose = () => {
        atClose = [a.manager.isReady(), a.manager.isConnectionUsable(), a.manager.send('lost')];
      };
      world.cutOff();
      await pass(150_000);
      expect(atClose).toEqual([false, false, false]);
    },
  );
});

/** Reading a Blob does not depend on timers. */
const blobIsRead = () => new Blob(['x']).arrayBuffer();
