import { describe, expect, it, vi } from 'vitest';
import { connectLinks, countOf, type LinkEnd, namesOf, pass, UPSTREAM } from './link-pair';

const framesOf = ({ frames }: LinkEnd, letter: string) => frames.filter((frame) => frame.startsWith(letter));

describe('a browser that doubts ICE', () => {
  /** What the browser reports about a link that still carries data. */
  const say = ({ pc }: LinkEnd, iceConnectionState: string, connectionState = 'connected') => {
    Object.defineProperty(pc, 'iceConnectionState', { configurable: true, get: () => iceConnectionState });
    Object.defineProperty(pc, 'connectionState', { configurable: true, get: () => connectionState });
    pc.oniceconnectionstatechange?.(new Event('iceconnectionstatechange'));
  };

  it('is not believed if an echo comes', async () => {
    const { a } = await connectLinks();
    say(a, 'disconnected');
    expect(framesOf(a, 'p')).toHaveLength(1);
    await pass(10_000);
    expect(namesOf(a)).toEqual([]);
  });

  it('is believed after 2 s without an echo', async () => {
    const { world, a } = await connectLinks();
    world.network.setLoss(1);
    say(a, 'disconnected');
    await pass(1_999);
    expect(namesOf(a)).toEqual([]);
    await pass(1);
    expect(namesOf(a)).toEqual(['ice.disconnected']);
  });

  it('is believed only once, however often it says so meanwhile', async () => {
    const { world, a } = await connectLinks();
    world.network.setLoss(1);
    say(a, 'disconnected');
    await pass(1_000);
    say(a, 'disconnected');
    await pass(1_500);
    expect(namesOf(a)).toEqual([]);
    await pass(5_000);
    expect(namesOf(a)).toEqual(['ice.disconnected']);
  });

  it('is not believed if it takes that back in time', async () => {
    const { world, a } = await connectLinks();
    world.network.setLoss(1);
    say(a, 'disconnected');
    await pass(1_000);
    say(a, 'connected');
    await pass(5_000);
    expect(namesOf(a)).not.toContain('ice.disconnected');
  });

  it('is not believed about an upstream peer to recover after a refused answer, until it accepts another', async () => {
    const { a } = await connectLinks(UPSTREAM);
    const refusing = vi
      .spyOn(a.pc, 'setRemoteDescription')
      .mockRejectedValueOnce(new DOMException('no', 'InvalidAccessError'));
    say(a, 'disconnected');
    a.link.negotiation.restart();
    await pass(10);
    say(a, 'connected');
    expect([countOf(a, 'answerRefused'), countOf(a, 'up'), a.link.isUp]).toEqual([1, 0, false]);
    refusing.mockRestore();
    a.link.negotiation.rollback();
    a.link.negotiation.restart();
    await pass(10);
    expect([countOf(a, 'up'), a.link.isUp]).toEqual([1, true]);
  });

  it('is believed to recover after a refused answer once something is heard, because the link may live on', async () => {
    const { a } = await connectLinks(UPSTREAM);
    const hear = () => a.link.game?.onmessage?.(new MessageEvent('message', { data: 'frame' }));
    hear();
    vi.spyOn(a.pc, 'setRemoteDescription').mockRejectedValueOnce(
      new DOMException('no', 'InvalidAccessError'),
    );
    a.link.negotiation.restart();
    await pass(10);
    say(a, 'disconnected');
    say(a, 'connected');
    expect([countOf(a, 'answerRefused'), countOf(a, 'up'), a.link.isUp]).toEqual([1, 0, false]);
    hear();
    expect([countOf(a, 'up'), a.link.isUp]).toEqual([1, true]);
  });

  it('is believed if it closes the connection by itself, which ends the link', async () => {
    const { a, b } = await connectLinks();
    b.link.suspend();
    for (const end of [a, b]) {
      say(end, 'closed', 'closed');
      expect([end.link.isClosed, end.link.isOpen]).toEqual([true, false]);
    }
    expect([a, b].map(namesOf)).toEqual([['channel.closed'], ['ice.failed']]);
  });

  it('is believed at once about an upstream peer, which echoes nothing', async () => {
    const { a } = await connectLinks(UPSTREAM);
    say(a, 'disconnected');
    expect(namesOf(a)).toEqual(['ice.disconnected']);
  });

  it.each([
    ['failed', 'failed'],
    ['disconnected', 'failed'],
  ])('is believed at once when it reports failure: %s, %s', async (ice, connection) => {
    const { a } = await connectLinks();
    say(a, ice, connection);
    expect([namesOf(a), a.link.isUsable, a.link.isUp]).toEqual([['ice.failed'], false, false]);
  });

  it('is reported as up again once it finds a path', async () => {
    const { a } = await connectLinks(UPSTREAM);
    say(a, 'disconnected', 'disconnected');
    say(a, 'connected');
    say(a, 'completed');
    expect(namesOf(a)).toEqual(['ice.disconnected', 'up']);
  });
});

describe('a link in doubt', () => {
  it('is up again once something is heard, as the old path, and only once', async () => {
    const { a, b } = await connectLinks();
    a.link.suspect();
    expect(a.link.isUp).toBe(false);
    b.link.control.ping();
    await pass(10);
    b.link.control.ping();
    await pass(10);
    expect(a.told.filter(([name]) => name === 'up')).toEqual([['up', true]]);
    expect(a.link.isUp).toBe(true);
  });

  it('is up as the old path even if ICE went down meanwhile', async () => {
    const { world, a } = await connectLinks();
    a.told.length = 0;
    a.link.suspect();
    world.network.cut();
    await pass(8_000);
    expect(a.pc.iceConnectionState).toBe('disconnected');
    world.network.heal();
    await pass(5_000);
    a.link.control.ping();
    await pass(10);
    expect(a.told.filter(([name]) => name === 'up')).toEqual([['up', true]]);
  });

  it('with an upstream peer is up when ICE is, but not as the old path: nothing heard can tell', async () => {
    const { world, a } = await connectLinks(UPSTREAM);
    a.told.length = 0;
    world.network.cut();
    await pass(8_000);
    a.link.suspect();
    world.network.heal();
    await pass(5_000);
    expect(a.told.filter(([name]) => name === 'up')).toEqual([['up', false]]);
  });

  it('delivers nothing that may be old: only what comes after the echo of its own ping', async () => {
    const { a, b } = await connectLinks();
    a.link.suspect();
    b.link.send('old');
    await pass(0);
    expect([a.link.control.hasHeard, namesOf(a)]).toEqual([true, []]);
    await pass(10);
    b.link.send('young');
    await pass(10);
    expect(a.told.filter(([name]) => name === 'message')).toEqual([['message', 'young']]);
  });

  it.each([
    ['with a reliable channel delivers all messages', { label: 'game' }, ['old']],
    ['with messages of limited lifetime drops the old ones', { label: 'game', maxPacketLifeTime: 250 }, []],
    ['without retransmission drops them, too', { label: 'game', maxRetransmits: 0 }, []],
  ])('%s', async (_, channel, messages) => {
    const { a, b } = await connectLinks({ channel });
    a.link.suspect();
    b.link.send('old');
    await pass(0);
    expect(a.told.filter(([name]) => name === 'message').map(([, data]) => data)).toEqual(messages);
  });

  it('with an upstream peer is up as long as ICE is, and delivers everything', async () => {
    const { a, b } = await connectLinks(UPSTREAM);
    a.link.suspect();
    expect(a.link.isUp).toBe(true);
    b.link.send('old');
    await pass(10);
    expect(a.told).toContainEqual(['message', 'old']);
  });

  it('counts an unanswered ping as lost, even if the game was heard meanwhile', async () => {
    const { a, b } = await connectLinks();
    await pass(10);
    b.link.suspend();
    a.link.control.ping();
    await pass(10);
    b.link.game?.send('not the answer');
    await pass(2_000);
    expect(a.link.control.roundTrips.report(performance.now()).loss).toBeGreaterThan(0);
  });

  it('does not count pings of the silence as lost', async () => {
    const { world, a, b } = await connectLinks();
    world.network.setLoss(1);
    await pass(10);
    for (let ping = 0; ping < 5; ping += 1) {
      a.link.control.ping();
      await pass(100);
    }
    a.link.suspect();
    world.network.setLoss(0);
    b.link.control.ping();
    await pass(5_000);
    expect(a.link.control.roundTrips.report(performance.now()).loss).toBe(0);
  });
});
