import { describe, expect, it, vi } from 'vitest';
import {
  connectLinks,
  countOf,
  createLinkPair,
  give,
  type LinkEnd,
  namesOf,
  pass,
  typesOf,
  UPSTREAM,
  ufragOf,
} from './link-pair';

const HEARTBEAT = { capabilities: ['heartbeat'] };

describe('a restart', () => {
  it('creates a new generation on the same connection, with the current servers and the former policy', async () => {
    const configuration = { iceServers: [{ urls: 'stun:old' }], bundlePolicy: 'max-bundle' as const };
    const { a, b } = await connectLinks({ ...HEARTBEAT, configuration });
    const before = ufragOf(a.pc.localDescription);
    a.link.negotiation.configure([{ urls: 'stun:new' }]);
    a.link.negotiation.restart();
    await pass(500);
    expect(ufragOf(a.pc.localDescription)).not.toBe(before);
    expect(a.pc.getConfiguration()).toEqual({ ...configuration, iceServers: [{ urls: 'stun:new' }] });
    expect([countOf(a, 'negotiated'), countOf(b, 'negotiated')]).toEqual([1, 1]);
    expect([countOf(a, 'offerArrived'), countOf(b, 'offerArrived')]).toEqual([1, 0]);
    expect([a.link.negotiation.remote?.ufrag, b.link.negotiation.remote?.ufrag]).toEqual([
      ufragOf(b.pc.localDescription),
      ufragOf(a.pc.localDescription),
    ]);
  });

  it('keeps the servers if none are passed', async () => {
    const { a } = await connectLinks();
    const set = vi.spyOn(a.pc, 'setConfiguration');
    a.link.negotiation.restart();
    await pass(500);
    expect(set).not.toHaveBeenCalled();
    expect(countOf(a, 'negotiated')).toBe(1);
  });

  it.each(['alive', 'in doubt'])(
    'of a link %s is up at both ends when something is heard, but not as the old path',
    async (was) => {
      const { world, a, b } = await connectLinks();
      const ups = () => [a, b].map(({ told }) => told.filter(([name]) => name === 'up'));
      world.network.cut();
      if (was === 'in doubt') for (const { link } of [a, b]) link.suspect();
      a.link.negotiation.restart();
      await pass(500);
      expect([countOf(a, 'negotiated'), countOf(b, 'negotiated'), ups()]).toEqual([1, 1, [[], []]]);
      world.network.heal();
      await pass(500);
      a.link.control.ping();
      await pass(10);
      expect(ups()).toEqual([[['up', false]], [['up', false]]]);
    },
  );

  it('that nobody answers is rolled back after 5 s, so that the other end can offer', async () => {
    const pair = await connectLinks();
    pair.lose = () => true;
    pair.a.link.negotiation.restart();
    await pass(4_990);
    expect(pair.a.pc.signalingState).toBe('have-local-offer');
    await pass(20);
    expect([pair.a.pc.signalingState, pair.a.refusals]).toEqual(['stable', []]);
  });

  it('is not rolled back for the previous one, whose 5 s end while it is created', async () => {
    const pair = await connectLinks();
    pair.lose = () => true;
    const { pc, link } = pair.a;
    link.negotiation.restart();
    await pass(4_990);
    const set = pc.setLocalDescription.bind(pc);
    vi.spyOn(pc, 'setLocalDescription').mockImplementationOnce(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await set();
    });
    link.negotiation.restart();
    await pass(1_000);
    expect(pc.signalingState).toBe('have-local-offer');
  });

  it('that was answered is not rolled back after 5 s', async () => {
    const { a } = await connectLinks();
    const set = vi.spyOn(a.pc, 'setLocalDescription');
    a.link.negotiation.restart();
    await pass(20_000);
    expect(set.mock.calls).toEqual([[]]);
  });

  const setupIn = ({ sent }: LinkEnd) => {
    const offer = sent.find(({ type }) => type === 'offer');
    return /a=setup:(\w+)/.exec(String(offer?.payload.sdp))?.[1];
  };
  const rolesOnRestart = async (profile: 'chromium' | 'firefox') => {
    const { a, b } = await connectLinks({ profile });
    a.link.negotiation.restart();
    b.link.negotiation.restart();
    await pass(10);
    return [a, b].map(setupIn);
  };

  it('names the negotiated DTLS role towards a Firefox; a first offer leaves it open', async () => {
    const first = createLinkPair({ profile: 'firefox' });
    first.a.link.offer();
    await pass(10);
    expect(setupIn(first.a)).toBe('actpass');
    expect(await rolesOnRestart('firefox')).toEqual(['passive', 'active']);
  });

  it('leaves the DTLS role open towards all others: aiortc rejects an offer that names one', async () => {
    expect(await rolesOnRestart('chromium')).toEqual(['actpass', 'actpass']);
  });
});

describe('a repeated offer', () => {
  it('is the pending one, of the same generation', async () => {
    const pair = await connectLinks();
    pair.lose = () => true;
    pair.a.link.negotiation.restart();
    await pass(100);
    pair.a.link.negotiation.resendOffer();
    await pass(10);
    const [first, second] = pair.a.sent
      .filter(({ type }) => type === 'offer')
      .map(({ payload }) => String(payload.sdp));
    expect(ufragOf({ sdp: second ?? '' })).toBe(ufragOf({ sdp: first ?? 'none' }));
  });

  it('is not sent when nothing is pending', async () => {
    const { a } = await connectLinks();
    a.link.negotiation.resendOffer();
    await pass(100);
    expect(a.sent).toEqual([]);
  });

  it('that was answered already gets the same answer, without involving the browser', async () => {
    const pair = await connectLinks();
    pair.lose = (from, { type }) => from === 'b' && type === 'answer';
    pair.a.link.negotiation.restart();
    await pass(10);
    const set = vi.spyOn(pair.b.pc, 'setRemoteDescription');
    pair.lose = () => false;
    pair.a.link.negotiation.resendOffer();
    await pass(10);
    expect(set).not.toHaveBeenCalled();
    const answers = pair.b.sent.filter(({ type }) => type === 'answer').map(({ payload }) => payload);
    expect(answers).toHaveLength(2);
    expect(Object(answers[1]?.holdfast).answers).toBe(ufragOf(pair.a.pc.localDescription));
    expect(pair.a.pc.signalingState).toBe('stable');
  });

  it('that was answered already still wins if we have offered since', async () => {
    const pair = await connectLinks();
    pair.lose = (from) => from === 'b';
    pair.a.link.negotiation.restart();
    await pass(10);
    pair.b.link.negotiation.restart();
    await pass(10);
    pair.lose = () => false;
    pair.a.link.negotiation.resendOffer();
    await pass(500);
    const ends = [pair.a, pair.b];
    expect(ends.map(({ pc, refusals }) => [pc.signalingState, refusals])).toEqual([
      ['stable', []],
      ['stable', []],
    ]);
    expect(pair.a.link.negotiation.remote?.ufrag).toBe(ufragOf(pair.b.pc.localDescription));
  });
});

describe('a rollback', () => {
  it('takes a pending offer back, and does nothing when none is pending', async () => {
    const pair = await connectLinks();
    pair.lose = () => true;
    pair.a.link.negotiation.restart();
    await pass(10);
    pair.a.link.negotiation.rollback();
    await pass(10);
    expect(pair.a.pc.signalingState).toBe('stable');
    pair.a.link.negotiation.rollback();
    await pass(10);
    expect(pair.a.refusals).toEqual([]);
  });
});

describe('stirring ICE', () => {
  it('leaves the connection stable, and sends the other end neither an offer nor candidates', async () => {
    const { a, b } = await connectLinks();
    const set = vi.spyOn(a.pc, 'setLocalDescription');
    a.link.negotiation.keepAlive();
    await pass(500);
    expect(set.mock.calls).toEqual([[], [{ type: 'rollback' }]]);
    expect([a.pc.signalingState, a.sent, b.told]).toEqual(['stable', [], []]);
    expect(a.refusals).toEqual([]);
  });

  it('does not touch a pending offer', async () => {
    const pair = await connectLinks();
    pair.lose = () => true;
    pair.a.link.negotiation.restart();
    pair.a.link.negotiation.keepAlive();
    await pass(10);
    expect(pair.a.pc.signalingState).toBe('have-local-offer');
  });
});

describe('stirring ICE towards a Firefox', () => {
  it('is not done: it answers checks of what was rolled back, and accepts no data there', async () => {
    const { a } = await connectLinks({ profile: 'firefox' });
    const set = vi.spyOn(a.pc, 'setLocalDescription');
    a.link.negotiation.keepAlive();
    await pass(500);
    expect(set).not.toHaveBeenCalled();
  });
});

describe('offers that cross', () => {
  it('are settled by politeness: the polite end yields, the other one refuses', async () => {
    const { a, b } = await connectLinks();
    a.link.negotiation.restart();
    b.link.negotiation.restart();
    await pass(500);
    expect([a.refusals, b.refusals]).toEqual([['unexpected'], []]);
    expect([a.pc.signalingState, b.pc.signalingState]).toEqual(['stable', 'stable']);
    expect(a.link.negotiation.remote?.ufrag).toBe(ufragOf(b.pc.localDescription));
  });

  it('with upstream, which has no polite end, are settled by ours', async () => {
    const { a, b } = await connectLinks(UPSTREAM);
    b.link.negotiation.restart();
    a.link.negotiation.restart();
    await pass(1);
    expect(b.refusals).toContain('unexpected');
  });
});

describe('an answer', () => {
  it('that nobody waits for is refused', async () => {
    const { a, b } = await connectLinks();
    const sdp = b.pc.localDescription?.sdp;
    give(a, { type: 'answer', payload: { type: 'answer', sdp } });
    await pass(10);
    expect([a.refusals, countOf(a, 'negotiated')]).toEqual([['unexpected'], 0]);
  });

  it.each([
    ['to another offer is refused', 'other', ['stale']],
    ['that names no offer is accepted', undefined, []],
  ])('%s', async (_, answers, refusals) => {
    const pair = await connectLinks();
    pair.lose = () => true;
    pair.a.link.negotiation.restart();
    await pass(10);
    const holdfast = { version: 1, session: 'b', connection: 1, capabilities: ['heartbeat'], answers };
    const sdp = pair.b.pc.localDescription?.sdp;
    give(pair.a, { type: 'answer', payload: { type: 'answer', sdp, holdfast } });
    await pass(10);
    expect(pair.a.refusals).toEqual(refusals);
    expect(pair.a.pc.signalingState).toBe(refusals.length > 0 ? 'have-local-offer' : 'stable');
  });

  it('that the browser rejects is reported, and leaves the offer pending', async () => {
    const { a } = await connectLinks();
    vi.spyOn(a.pc, 'setRemoteDescription').mockRejectedValueOnce(
      new DOMException('192.0.2.1', 'OperationError'),
    );
    a.link.negotiation.restart();
    await pass(100);
    expect([countOf(a, 'answerRefused'), countOf(a, 'negotiated')]).toEqual([1, 0]);
    expect(new Set(a.refusals)).toEqual(new Set(['rejected-by-browser']));
    expect(a.link.hasPendingOffer).toBe(true);
  });

  it('that the browser rejects because it was closed meanwhile is not reported', async () => {
    const { a } = await connectLinks();
    vi.spyOn(a.pc, 'setRemoteDescription').mockImplementationOnce(async () => {
      a.link.close();
      throw new DOMException('closed', 'InvalidStateError');
    });
    a.link.negotiation.restart();
    await pass(100);
    expect([a.told, a.refusals]).toEqual([[['offerArrived']], []]);
  });

  it('ends the heartbeat if it no longer lists that capability', async () => {
    const pair = await connectLinks();
    pair.lose = (from) => from === 'b';
    pair.a.link.negotiation.restart();
    await pass(10);
    const sdp = pair.b.pc.localDescription?.sdp;
    give(pair.a, { type: 'answer', payload: { type: 'answer', sdp } });
    await pass(10);
    expect([pair.a.link.control.hasHeartbeat, pair.a.link.control.ping()]).toEqual([false, null]);
  });
});

describe('candidates', () => {
  const found = ({ pc }: LinkEnd, candidate: object | null) =>
    Reflect.apply(pc.onicecandidate ?? (() => {}), pc, [{ candidate }]);
  const line = { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };

  it('of the other end are accepted up to 256 for one generation, and again for the next', async () => {
    const { a, b } = await connectLinks();
    const payload = { ...line, usernameFragment: ufragOf(a.pc.localDescription) };
    const giveAll = () => {
      for (let index = 0; index < 300; index += 1) {
        try {
          give(b, { type: 'ice-candidate', payload });
        } catch (error) {
          b.refusals.push(String(Reflect.get(Object(error), 'reason')));
        }
      }
    };
    giveAll();
    await pass(10);
    // One has arrived with the handshake.
    expect(b.refusals).toEqual(Array(300 - 255).fill('too-many'));
    b.refusals.length = 0;
    a.link.negotiation.resendOffer();
    a.link.negotiation.restart();
    await pass(100);
    payload.usernameFragment = ufragOf(a.pc.localDescription);
    giveAll();
    expect(b.refusals).toEqual(Array(300 - 255).fill('too-many'));
  });

  it('of an offer go to the browser while its answer is being created', async () => {
    const { a, b } = await connectLinks();
    let answer = () => {};
    vi.spyOn(b.pc, 'setLocalDescription').mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const added = vi.spyOn(b.pc, 'addIceCandidate');
    a.link.negotiation.restart();
    await pass(100);
    expect([added.mock.calls.length > 0, typesOf(b)]).toEqual([true, []]);
    answer();
    await pass(10);
    expect(typesOf(b)).toContain('answer');
  });

  it('that name no generation wait until the description before them is applied', async () => {
    const pair = createLinkPair();
    const { a, b } = pair;
    pair.lose = () => true;
    a.link.offer();
    await pass(0);
    const added = vi.spyOn(b.pc, 'addIceCandidate');
    b.link.negotiation.configure([]);
    for (const signal of a.sent.filter(({ type }) => type === 'offer')) give(b, signal);
    give(b, { type: 'ice-candidate', payload: line });
    await pass(10);
    expect([added.mock.calls.length, b.refusals]).toEqual([1, []]);
  });

  it('of our own are reported and sent, but not their end', async () => {
    const { a } = await connectLinks();
    found(a, { ...line, usernameFragment: ufragOf(a.pc.localDescription) });
    found(a, { ...line, candidate: '' });
    found(a, null);
    expect(namesOf(a)).toEqual(['gathered']);
    expect(a.sent).toEqual([
      { type: 'ice-candidate', payload: { ...line, usernameFragment: ufragOf(a.pc.localDescription) } },
    ]);
  });

  it('of our own are sent before they are reported, because the other end waits for them', async () => {
    const pair = await connectLinks();
    const { a } = pair;
    const told: string[][] = [];
    pair.lose = () => told.push(namesOf(a)) > 0;
    found(a, { ...line, usernameFragment: ufragOf(a.pc.localDescription) });
    expect([told, namesOf(a)]).toEqual([[[]], ['gathered']]);
  });

  it.each([
    ['of a generation that was never offered are not sent', 'other', 0],
    ['that name no generation are sent, because old browsers name none', null, 1],
  ])('%s', async (_, usernameFragment, count) => {
    const { a } = await connectLinks();
    found(a, { ...line, usernameFragment });
    expect([namesOf(a), a.sent.length]).toEqual([['gathered'], count]);
  });

  it('that are found before an offer was sent are sent before it', () => {
    const { a } = createLinkPair();
    found(a, { ...line, usernameFragment: 'early' });
    expect(typesOf(a)).toEqual(['ice-candidate']);
  });

  it('are reported missing only when gathering has ended without one', async () => {
    const { a } = createLinkPair({ configuration: { iceTransportPolicy: 'relay', iceServers: [] } });
    a.link.offer();
    expect(countOf(a, 'gathering.empty')).toBe(0);
    await pass(10);
    expect([countOf(a, 'gathering.empty'), countOf(a, 'gathered')]).toEqual([1, 0]);
  });

  it('are not reported missing if there are some', async () => {
    const { a } = createLinkPair();
    a.link.offer();
    await pass(500);
    expect([countOf(a, 'gathering.empty'), countOf(a, 'gathered')]).toEqual([0, 1]);
  });

  it('are not reported missing if another generation has started: the browser does not say which has ended', async () => {
    const { a } = createLinkPair();
    a.link.offer();
    a.link.negotiation.restart();
    await pass(0);
    found(a, null);
    expect(countOf(a, 'gathering.empty')).toBe(0);
  });

  it.each([
    [401, 1],
    [403, 1],
    [701, 0],
    [400, 0],
  ])('that TURN refuses with %i are reported: %i', (errorCode, count) => {
    const { a } = createLinkPair();
    Reflect.apply(a.pc.onicecandidateerror ?? (() => {}), a.pc, [{ errorCode }]);
    expect(countOf(a, 'turnRefused')).toBe(count);
  });

  it('are reported as a relay or not, and one relay outweighs servers that refuse us', async () => {
    const { a } = createLinkPair({
      configuration: { iceServers: [{ urls: 'turn:relay.example', username: 'name', credential: 'secret' }] },
    });
    a.link.offer();
    await pass(1_000);
    expect(a.told.filter(([name]) => name === 'gathered')).toEqual([
      ['gathered', false],
      ['gathered', true],
    ]);
    Reflect.apply(a.pc.onicecandidateerror ?? (() => {}), a.pc, [{ errorCode: 401 }]);
    expect(countOf(a, 'turnRefused')).toBe(0);
  });
});

describe('the queue of descriptions', () => {
  it('starts at once when nothing is under way: the browser works while the page continues', () => {
    const { a } = createLinkPair();
    const asked = vi.spyOn(a.pc, 'setLocalDescription');
    a.link.offer();
    a.link.negotiation.restart();
    expect(asked).toHaveBeenCalledOnce();
  });

  it('runs one after the other, and continues after one that fails', async () => {
    const { a } = await connectLinks();
    vi.spyOn(a.pc, 'setLocalDescription').mockRejectedValueOnce(
      new DOMException('192.0.2.1', 'OperationError'),
    );
    a.link.negotiation.restart();
    a.link.negotiation.restart();
    await pass(500);
    expect(a.refusals).toEqual(['rejected-by-browser']);
    expect(countOf(a, 'negotiated')).toBe(1);
  });

  it('stops when the connection is closed meanwhile, and leaves no timer', async () => {
    const { a, b } = await connectLinks();
    a.link.negotiation.restart();
    a.link.negotiation.restart();
    for (const { link } of [a, b]) link.close();
    await pass(10);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('holds at most 32 descriptions, and has room again when they are done', async () => {
    const { a, b } = await connectLinks();
    const sdp = b.pc.localDescription?.sdp;
    const answer = { type: 'answer', payload: { type: 'answer', sdp } };
    for (let index = 0; index < 32; index += 1) give(a, answer);
    expect(() => give(a, answer)).toThrow(
      expect.objectContaining({ name: 'SignalError', reason: 'too-many' }),
    );
    await pass(10);
    expect(() => give(a, answer)).not.toThrow();
    await pass(10);
    expect(a.refusals).toEqual(Array(33).fill('unexpected'));
  });
});
