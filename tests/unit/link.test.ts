import { describe, expect, it, vi } from 'vitest';
import {
  connectLinks,
  countOf,
  createLinkPair,
  type LinkEnd,
  type LinkPair,
  namesOf,
  pass,
  typesOf,
  UPSTREAM,
} from './link-pair';

const channelsOf = ({ pc }: LinkEnd) => vi.spyOn(pc, 'createDataChannel');

describe('a first connect', () => {
  it('opens, is up once, and has heard from the other end', async () => {
    const { a, b } = createLinkPair();
    a.link.offer();
    await pass(500);
    for (const end of [a, b]) {
      expect([namesOf(end).includes('channel.opened'), countOf(end, 'negotiated')]).toEqual([true, 1]);
      expect(end.told.filter(([name]) => name === 'up').every(([, isBack]) => isBack === false)).toBe(true);
      const { isOpen, isUsable, isUp, isProven, isAnswered, isUnanswered } = end.link;
      const { hasHeard, hasHeartbeat } = end.link.control;
      expect({ isOpen, isUsable, isUp, isProven, hasHeard, isAnswered, isUnanswered, hasHeartbeat }).toEqual({
        isOpen: true,
        isUsable: true,
        isUp: true,
        isProven: true,
        hasHeard: true,
        isAnswered: true,
        isUnanswered: false,
        hasHeartbeat: true,
      });
    }
    expect([a, b].map((end) => new Set(typesOf(end)))).toEqual([
      new Set(['offer', 'ice-candidate']),
      new Set(['answer', 'ice-candidate']),
    ]);
  });

  it('with an upstream peer is up without a control channel, and needs no other proof', async () => {
    const { a, b } = createLinkPair(UPSTREAM);
    const made = channelsOf(a);
    a.link.offer();
    await pass(500);
    expect(made.mock.calls.map(([label]) => label)).toEqual(['game']);
    for (const { link, frames } of [a, b]) {
      expect([link.isUp, link.control.hasHeartbeat, link.isProven, link.control.ping(), frames]).toEqual([
        true,
        false,
        true,
        null,
        [],
      ]);
    }
  });

  it('that nobody answers is offered, unanswered, and neither open nor up', async () => {
    const pair = createLinkPair();
    pair.lose = () => true;
    const { link } = pair.a;
    expect([link.negotiation.hasSent, link.hasPendingOffer]).toEqual([false, false]);
    link.offer();
    await pass(60_000);
    const { hasPendingOffer, isUnanswered, isAnswered, isOpen, isUp } = link;
    const { hasSent } = link.negotiation;
    expect({ hasSent, hasPendingOffer, isUnanswered, isAnswered, isOpen, isUp }).toEqual({
      hasSent: true,
      hasPendingOffer: true,
      isUnanswered: true,
      isAnswered: false,
      isOpen: false,
      isUp: false,
    });
  });

  it('creates one game channel and one control channel, even if it is offered twice', async () => {
    const { a } = createLinkPair();
    const made = channelsOf(a);
    a.link.offer();
    a.link.offer();
    await pass(500);
    expect(made.mock.calls).toEqual([
      ['game', { ordered: false, maxRetransmits: 0 }],
      ['holdfast', { negotiated: true, id: 200, ordered: false, maxPacketLifeTime: 250 }],
    ]);
  });

  /** The connection states of the browsers when the control channels were created. */
  const noteMaking = ({ a, b }: LinkPair) =>
    [a, b].map(({ pc }) => {
      const made = vi.spyOn(pc, 'createDataChannel');
      const states: string[] = [];
      const create = made.getMockImplementation() ?? Object.getPrototypeOf(pc).createDataChannel;
      made.mockImplementation((label, init) => {
        if (label === 'holdfast') states.push(pc.connectionState);
        return create.call(pc, label, init);
      });
      return states;
    });

  it('creates its control channel when DTLS is up, not while there is more to negotiate', async () => {
    const pair = createLinkPair();
    const states = noteMaking(pair);
    pair.a.link.offer();
    await pass(500);
    expect(states).toEqual([['connected'], ['connected']]);
  });

  it('creates it before the other end can ping, in unknown browsers: some stacks close a late one', async () => {
    const pair = createLinkPair({ browser: 'other' });
    const states = noteMaking(pair);
    pair.a.link.offer();
    await pass(500);
    expect(states).toEqual([['new'], ['new']]);
    expect([pair.a.link.isProven, pair.b.link.isProven]).toEqual([true, true]);
  });

  it('creates its control channel with the game’s if the browser does not report its state', async () => {
    const { a, b } = createLinkPair();
    for (const { pc } of [a, b]) vi.spyOn(pc, 'connectionState', 'get').mockReturnValue('connecting');
    a.link.offer();
    await pass(500);
    expect([a.link.isProven, b.link.isProven]).toEqual([true, true]);
  });

  it('is proven only by an echo: what is heard may come from an end that hears nothing', async () => {
    const { a, b } = createLinkPair();
    b.link.suspend();
    a.link.offer();
    await pass(500);
    b.link.game?.send('are you there');
    await pass(10);
    expect([a.link.isUp, a.link.isProven]).toEqual([true, false]);
    b.link.resume();
    a.link.control.ping();
    await pass(10);
    expect(a.link.isProven).toBe(true);
  });

  it('reports no further `up` for later echoes', async () => {
    const { a, b } = await connectLinks();
    for (const { link } of [a, b, a]) link.control.ping();
    await pass(10);
    expect([namesOf(a), namesOf(b)]).toEqual([[], []]);
  });

  it('starts its answer before it reports the offer, because the browser works meanwhile', async () => {
    const { a, b } = createLinkPair();
    const begun = vi.spyOn(b.pc, 'setLocalDescription');
    const told: string[][] = [];
    begun.mockImplementation(function (this: RTCPeerConnection, ...args) {
      told.push(namesOf(b));
      return Object.getPrototypeOf(b.pc).setLocalDescription.apply(b.pc, args);
    });
    a.link.offer();
    await pass(500);
    expect([told, countOf(b, 'negotiated')]).toEqual([[[]], 1]);
  });

  it('does not take a second channel of the other end for the game’s', async () => {
    const { a, b } = await connectLinks();
    const { game } = b.link;
    a.pc.createDataChannel('chat');
    a.pc.createDataChannel('game');
    await pass(100);
    expect(b.link.game).toBe(game);
    expect(countOf(b, 'channel.opened')).toBe(0);
  });

  it('does not take a channel with another label for the game’s, even if it comes first', async () => {
    const { a, b } = createLinkPair();
    a.pc.createDataChannel('chat');
    a.link.offer();
    await pass(500);
    expect(b.link.game?.label).toBe('game');
  });

  it('asks for ArrayBuffers when the browser would give Blobs', async () => {
    const { a } = createLinkPair();
    const create = a.pc.createDataChannel.bind(a.pc);
    a.pc.createDataChannel = (label, init) => Object.assign(create(label, init), { binaryType: 'blob' });
    a.link.offer();
    expect(a.link.game?.binaryType).toBe('arraybuffer');
  });

  it('asks for ArrayBuffers, and delivers what comes on the game channel', async () => {
    const { a, b } = await connectLinks();
    expect([a.link.game?.binaryType, b.link.game?.binaryType]).toEqual(['arraybuffer', 'arraybuffer']);
    a.link.send('frame 7');
    await pass(10);
    expect(b.told).toEqual([['message', 'frame 7']]);
  });

  it('delivers bytes as a separate ArrayBuffer, even if the runtime gives a view into a pool', async () => {
    const { b } = await connectLinks();
    const view = new Uint8Array(new ArrayBuffer(64), 16, 3);
    view.set([7, 8, 9]);
    b.link.game?.onmessage?.(new MessageEvent('message', { data: view }));
    // Strictly: otherwise two buffers are equal, whatever they contain.
    expect(b.told).toStrictEqual([['message', new Uint8Array([7, 8, 9]).buffer]]);
  });
});

describe('a failed link', () => {
  it('echoes and sends nothing, but says goodbye', async () => {
    const { a, b } = await connectLinks();
    b.link.suspend();
    a.link.control.ping();
    await pass(10);
    expect([b.frames, b.link.isOpen, b.link.send('late')]).toEqual([[], false, false]);
    b.link.control.ping();
    b.link.control.send({ type: 'bye' });
    await pass(10);
    expect(b.frames).toEqual(['b']);
    expect(namesOf(a)).toEqual(['bye']);
  });

  it('delivers nothing until it is woken, because its game received `failed`', async () => {
    const { a, b } = await connectLinks();
    b.link.suspend();
    a.link.send('late');
    await pass(10);
    b.link.resume();
    a.link.send('in time');
    await pass(10);
    expect(b.told).toEqual([['message', 'in time']]);
  });

  it('works as before once it is woken', async () => {
    const { a, b } = await connectLinks();
    b.link.suspend();
    b.link.resume();
    const seq = a.link.control.ping();
    await pass(10);
    expect([b.frames, b.link.isOpen, b.link.send('again')]).toEqual([[`q${seq}`], true, true]);
  });

  it('is neither open nor answers without its channel: an answer would pass for a sign of life', async () => {
    const { a, b } = await connectLinks();
    b.link.suspend();
    b.link.game?.close();
    await pass(100);
    b.link.resume();
    a.link.control.ping();
    await pass(10);
    expect([b.link.isOpen, b.frames]).toEqual([false, []]);
  });

  it('sends nothing before it has a channel, and returns false', () => {
    const { b } = createLinkPair();
    b.link.resume();
    expect(b.link.send('into nothing')).toBe(false);
  });

  it('does not open when its channel opens meanwhile', async () => {
    const { a, b } = createLinkPair();
    b.link.suspend();
    a.link.offer();
    await pass(500);
    expect(b.link.game?.readyState).toBe('open');
    expect([b.link.isOpen, b.link.isUp, countOf(b, 'up'), b.frames]).toEqual([false, false, 0, []]);
    a.link.suspend();
    b.link.resume();
    await pass(1);
    expect([b.link.isOpen, b.frames]).toEqual([true, ['p1']]);
  });
});

describe('a game channel', () => {
  it('that closes is reported once, and the link is mute and sends nothing', async () => {
    const { a, b } = await connectLinks();
    a.link.game?.close();
    await pass(100);
    for (const end of [a, b]) {
      const asked = end.link.game && vi.spyOn(end.link.game, 'send');
      expect(namesOf(end)).toEqual(['channel.closed']);
      expect([end.link.isOpen, end.link.isUp, end.link.send('late')]).toEqual([false, false, false]);
      expect(asked?.mock.calls).toEqual([]);
    }
    b.link.control.ping();
    await pass(10);
    expect([a.frames, b.frames]).toEqual([[], []]);
  });

  it('that is closing is no longer open', async () => {
    const { a } = await connectLinks();
    a.link.game?.close();
    expect(a.link.isOpen).toBe(false);
  });

  it('refuses a message that is too large, with false and no exception', async () => {
    const { a } = await connectLinks();
    expect(a.link.send(new ArrayBuffer(300_000))).toBe(false);
    expect(a.link.send('small')).toBe(true);
  });
});

describe('close()', () => {
  it('closes the connection, and reports, sends and logs nothing afterwards, whatever the browser does', async () => {
    const { world, a } = await connectLinks();
    const { pc } = a;
    const { game } = a.link;
    const handlers = [pc.onicecandidate, pc.oniceconnectionstatechange, pc.ondatachannel];
    expect(handlers).not.toContain(null);
    const asked = game && vi.spyOn(game, 'send');
    a.link.negotiation.restart();
    a.link.close();
    a.link.close();
    expect([pc.signalingState, a.link.isClosed, a.link.isUp, a.link.isOpen, a.link.send('late')]).toEqual([
      'closed',
      true,
      false,
      false,
      false,
    ]);
    expect([
      pc.onicecandidate,
      pc.oniceconnectionstatechange,
      pc.onconnectionstatechange,
      pc.ondatachannel,
      pc.onicecandidateerror,
      game?.onopen,
      game?.onclose,
      game?.onmessage,
      game?.onerror,
    ]).toEqual(Array(9).fill(null));
    await pass(10_000);
    expect([a.told, a.sent, a.refusals, asked?.mock.calls]).toEqual([[], [], [], []]);
    expect(vi.getTimerCount() - world.runningTimers).toBe(0);
  });

  it('ends the pings of a fresh link and the wait for its answer', async () => {
    const { world, a, b } = createLinkPair();
    world.network.setLoss(1);
    a.link.offer();
    await pass(300);
    a.link.negotiation.restart();
    a.link.close();
    b.link.close();
    await pass(10);
    expect(vi.getTimerCount() - world.runningTimers).toBe(0);
  });

  it('ends the check whether ICE is right', async () => {
    const { world, a, b } = await connectLinks();
    world.network.cut();
    await pass(6_500);
    a.link.close();
    b.link.close();
    await pass(0);
    expect(vi.getTimerCount() - world.runningTimers).toBe(0);
  });
});
