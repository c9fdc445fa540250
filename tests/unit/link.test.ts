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
  ufragOf,
} from './link-pair';

const HEARTBEAT = { capabilities: ['heartbeat'] };
const UPSTREAM = { capabilities: null };

const channelsOf = ({ pc }: LinkEnd) => vi.spyOn(pc, 'createDataChannel');
/** Keeps back what the browser says of one kind, as a busy page does. @returns what lets the page hear it. */
function slow(pc: RTCPeerConnection, handler: 'ondatachannel' | 'onconnectionstatechange'): () => void {
  const kept: (() => void)[] = [];
  const hear = pc[handler] as (this: RTCPeerConnection, event: Event) => unknown;
  Object.assign(pc, { [handler]: (event: Event) => kept.push(() => hear.call(pc, event)) });
  return () => {
    for (const comes of kept.splice(0)) comes();
  };
}

const framesOf = ({ frames }: LinkEnd, letter: string) => frames.filter((frame) => frame.startsWith(letter));

describe('a first connect', () => {
  it('opens, is up once, and has heard from the other end', async () => {
    const { a, b } = createLinkPair();
    a.link.offer();
    await pass(500);
    for (const end of [a, b]) {
      expect([namesOf(end).includes('channel.opened'), countOf(end, 'negotiated')]).toEqual([true, 1]);
      expect(end.told.filter(([name]) => name === 'up').every(([, isBack]) => isBack === false)).toBe(true);
      const { isOpen, isUsable, isUp, isProven, isHeard, isAnswered, isUnanswered, hasHeartbeat } = end.link;
      expect({ isOpen, isUsable, isUp, isProven, isHeard, isAnswered, isUnanswered, hasHeartbeat }).toEqual({
        isOpen: true,
        isUsable: true,
        isUp: true,
        isProven: true,
        isHeard: true,
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

  it('with an upstream peer is up without a control channel, and proven by nothing', async () => {
    const { a, b } = createLinkPair(UPSTREAM);
    const made = channelsOf(a);
    a.link.offer();
    await pass(500);
    expect(made.mock.calls.map(([label]) => label)).toEqual(['game']);
    for (const { link, frames } of [a, b]) {
      expect([link.isUp, link.hasHeartbeat, link.isProven, link.ping(), frames]).toEqual([
        true,
        false,
        false,
        null,
        [],
      ]);
    }
  });

  it('that nobody answers is offered, unanswered, and neither open nor up', async () => {
    const pair = createLinkPair();
    pair.lose = () => true;
    const { link } = pair.a;
    expect([link.hasSentOffer, link.hasPendingOffer]).toEqual([false, false]);
    link.offer();
    await pass(60_000);
    const { hasSentOffer, hasPendingOffer, isUnanswered, isAnswered, isOpen, isUp } = link;
    expect({ hasSentOffer, hasPendingOffer, isUnanswered, isAnswered, isOpen, isUp }).toEqual({
      hasSentOffer: true,
      hasPendingOffer: true,
      isUnanswered: true,
      isAnswered: false,
      isOpen: false,
      isUp: false,
    });
  });

  it('makes one game channel and one control channel, though it is offered twice', async () => {
    const { a } = createLinkPair();
    const made = channelsOf(a);
    a.link.offer();
    a.link.offer();
    await pass(500);
    expect(made.mock.calls).toEqual([
      ['game', { ordered: false, maxRetransmits: 0 }],
      ['holdfast', { negotiated: true, id: 1_000, ordered: false, maxPacketLifeTime: 250 }],
    ]);
  });

  it('makes its control channel when DTLS is up, and not while there is more to negotiate', async () => {
    const { a, b } = createLinkPair();
    const states = [a, b].map(({ pc }) => {
      const made = vi.spyOn(pc, 'createDataChannel');
      const states: string[] = [];
      const create = made.getMockImplementation() ?? Object.getPrototypeOf(pc).createDataChannel;
      made.mockImplementation((label, init) => {
        if (label === 'holdfast') states.push(pc.connectionState);
        return create.call(pc, label, init);
      });
      return states;
    });
    a.link.offer();
    await pass(500);
    expect(states).toEqual([['connected'], ['connected']]);
  });

  it('makes its control channel with the game’s where the browser says nothing of its state', async () => {
    const { a, b } = createLinkPair();
    for (const { pc } of [a, b]) vi.spyOn(pc, 'connectionState', 'get').mockReturnValue('connecting');
    a.link.offer();
    await pass(500);
    expect([a.link.isProven, b.link.isProven]).toEqual([true, true]);
  });

  it('begins its answer before it notes what it answers: the browser works meanwhile', async () => {
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

  it('takes no second channel of the other end for the game’s', async () => {
    const { a, b } = await connectLinks();
    const { game } = b.link;
    a.pc.createDataChannel('chat');
    a.pc.createDataChannel('game');
    await pass(100);
    expect(b.link.game).toBe(game);
    expect(countOf(b, 'channel.opened')).toBe(0);
  });

  it('takes no channel of another label for the game’s, also where it comes first', async () => {
    const { a, b } = createLinkPair();
    a.pc.createDataChannel('chat');
    a.link.offer();
    await pass(500);
    expect(b.link.game?.label).toBe('game');
  });

  it('asks for ArrayBuffers where the browser would give Blobs', async () => {
    const { a } = createLinkPair();
    const create = a.pc.createDataChannel.bind(a.pc);
    a.pc.createDataChannel = (label, init) => Object.assign(create(label, init), { binaryType: 'blob' });
    a.link.offer();
    expect(a.link.game?.binaryType).toBe('arraybuffer');
  });

  it('asks for ArrayBuffers, and hands on what comes on the game channel', async () => {
    const { a, b } = await connectLinks();
    expect([a.link.game?.binaryType, b.link.game?.binaryType]).toEqual(['arraybuffer', 'arraybuffer']);
    a.link.send('frame 7');
    await pass(10);
    expect(b.told).toEqual([['message', 'frame 7']]);
  });
});

describe('the pings of a fresh link', () => {
  it('follow each other every 100 ms until an echo comes, and then end', async () => {
    const { world, a } = createLinkPair();
    world.network.setLoss(1, 1);
    a.link.offer();
    await pass(500);
    const before = framesOf(a, 'p').length;
    await pass(1_000);
    expect(framesOf(a, 'p').length - before).toBe(10);
    world.network.setLoss(0, 1);
    await pass(300);
    const after = framesOf(a, 'p').length;
    await pass(5_000);
    expect(framesOf(a, 'p').length).toBe(after);
  });

  it('wait for the game to be told that it may play, not only for their channel', async () => {
    const { a, b } = createLinkPair();
    const open = slow(b.pc, 'ondatachannel');
    a.link.rest();
    a.link.offer();
    await pass(500);
    expect([b.link.hasHeartbeat, framesOf(b, 'p')]).toEqual([true, []]);
    open();
    expect([namesOf(b).includes('channel.opened'), framesOf(b, 'p')]).toEqual([true, []]);
    await pass(1);
    expect(framesOf(b, 'p')).toEqual(['p1']);
  });

  it('that a slow page missed are said again as soon as it is heard', async () => {
    const { a, b } = createLinkPair();
    const late = [slow(b.pc, 'onconnectionstatechange'), slow(b.pc, 'ondatachannel')];
    a.link.offer();
    await pass(10);
    while (framesOf(a, 'p').length === 0) await pass(1);
    await pass(1);
    for (const comes of late) comes();
    await pass(20);
    expect([a.link.isProven, b.link.isProven]).toEqual([true, true]);
  });

  it('are not said again to whoever asks and asks, and never answers', async () => {
    const { a, b } = createLinkPair();
    const made = channelsOf(b);
    a.link.rest();
    a.link.offer();
    await pass(500);
    const control = made.mock.results.at(-1)?.value as RTCDataChannel;
    const before = framesOf(b, 'p').length;
    for (let asked = 1; asked <= 20; asked += 1)
      control.onmessage?.(new MessageEvent('message', { data: `p${asked}` }));
    expect([framesOf(b, 'q').length, framesOf(b, 'p').length - before]).toEqual([20, 1]);
  });

  it('are echoed by their number', async () => {
    const { a, b } = await connectLinks();
    const seq = a.link.ping();
    await pass(10);
    expect(a.frames).toEqual([`p${seq}`]);
    expect(b.frames).toEqual([`q${seq}`]);
  });
});

describe('frames of the other end', () => {
  it('that it moved are told, and answered by as much', async () => {
    const { a, b } = await connectLinks();
    a.link.sendFrame({ type: 'moved' });
    await pass(10);
    expect([a.frames, b.frames]).toEqual([['m'], ['n']]);
    expect([namesOf(a), namesOf(b)]).toEqual([['moved'], ['moved']]);
  });

  it('that it leaves are told, and taken for no sign of life', async () => {
    const { a, b } = await connectLinks();
    const { lastHeardAtMs } = b.link;
    await pass(1_000);
    a.link.sendFrame({ type: 'bye' });
    await pass(10);
    expect([b.told, b.link.lastHeardAtMs, b.frames]).toEqual([[['bye']], lastHeardAtMs, []]);
  });

  it('are signs of life, of whatever kind', async () => {
    const { a, b } = await connectLinks();
    await pass(1_000);
    a.link.ping();
    await pass(10);
    const atMs = performance.now();
    expect([atMs - a.link.lastHeardAtMs, atMs - b.link.lastHeardAtMs].every((ms) => ms <= 10)).toBe(true);
  });
});

describe('a link that was given up', () => {
  it('echoes and sends nothing, but says goodbye', async () => {
    const { a, b } = await connectLinks();
    b.link.rest();
    a.link.ping();
    await pass(10);
    expect([b.frames, b.link.isOpen, b.link.send('late')]).toEqual([[], false, false]);
    b.link.ping();
    b.link.sendFrame({ type: 'bye' });
    await pass(10);
    expect(b.frames).toEqual(['b']);
    expect(namesOf(a)).toEqual(['bye']);
  });

  it('is as before when there is hope again', async () => {
    const { a, b } = await connectLinks();
    b.link.rest();
    b.link.wake();
    const seq = a.link.ping();
    await pass(10);
    expect([b.frames, b.link.isOpen, b.link.send('again')]).toEqual([[`q${seq}`], true, true]);
  });

  it('is not open again without its channel, and mute: what answers on it would pass for life', async () => {
    const { a, b } = await connectLinks();
    b.link.rest();
    b.link.game?.close();
    await pass(100);
    b.link.wake();
    a.link.ping();
    await pass(10);
    expect([b.link.isOpen, b.frames]).toEqual([false, []]);
  });

  it('does not open by a channel that opens meanwhile', async () => {
    const { a, b } = createLinkPair();
    b.link.rest();
    a.link.offer();
    await pass(500);
    expect(b.link.game?.readyState).toBe('open');
    expect([b.link.isOpen, b.link.isUp, countOf(b, 'up'), b.frames]).toEqual([false, false, 0, []]);
    a.link.rest();
    b.link.wake();
    await pass(1);
    expect([b.link.isOpen, b.frames]).toEqual([true, ['p1']]);
  });
});

describe('a restart', () => {
  it('makes a new generation on the same connection, with the servers of now and the policy of before', async () => {
    const configuration = { iceServers: [{ urls: 'stun:old' }], bundlePolicy: 'max-bundle' as const };
    const { a, b } = await connectLinks({ ...HEARTBEAT, configuration });
    const before = ufragOf(a.pc.localDescription);
    a.link.restart([{ urls: 'stun:new' }]);
    await pass(500);
    expect(ufragOf(a.pc.localDescription)).not.toBe(before);
    expect(a.pc.getConfiguration()).toEqual({ ...configuration, iceServers: [{ urls: 'stun:new' }] });
    expect([countOf(a, 'negotiated'), countOf(b, 'negotiated')]).toEqual([1, 1]);
    expect([a.link.remote?.ufrag, b.link.remote?.ufrag]).toEqual([
      ufragOf(b.pc.localDescription),
      ufragOf(a.pc.localDescription),
    ]);
  });

  it('leaves the servers as they are where none are handed in', async () => {
    const { a } = await connectLinks();
    const set = vi.spyOn(a.pc, 'setConfiguration');
    a.link.restart();
    await pass(500);
    expect(set).not.toHaveBeenCalled();
    expect(countOf(a, 'negotiated')).toBe(1);
  });

  it('is up again, and not as the old path come back', async () => {
    const { a, b } = await connectLinks();
    a.link.doubt();
    a.link.restart();
    await pass(500);
    b.link.ping();
    await pass(10);
    expect(a.told.filter(([name]) => name === 'up').map(([, isBack]) => isBack)).toEqual([false]);
  });

  it('that nobody answers is rolled back after 5 s, so that the other end can offer', async () => {
    const pair = await connectLinks();
    pair.lose = () => true;
    pair.a.link.restart();
    await pass(4_990);
    expect(pair.a.pc.signalingState).toBe('have-local-offer');
    await pass(20);
    expect([pair.a.pc.signalingState, pair.a.refusals]).toEqual(['stable', []]);
  });

  it('that was answered is left in peace after 5 s', async () => {
    const { a } = await connectLinks();
    const set = vi.spyOn(a.pc, 'setLocalDescription');
    a.link.restart();
    await pass(20_000);
    expect(set.mock.calls).toEqual([[]]);
  });

  it('names in its offer the DTLS role that was negotiated', async () => {
    const { a, b } = await connectLinks();
    a.link.restart();
    b.link.restart();
    await pass(10);
    const setups = [a, b].map(({ sent }) => {
      const offer = sent.find(({ type }) => type === 'offer');
      return /a=setup:(\w+)/.exec(String(offer?.payload.sdp))?.[1];
    });
    expect(setups).toEqual(['passive', 'active']);
  });
});

describe('an offer said again', () => {
  it('is the pending one, of the same generation', async () => {
    const pair = await connectLinks();
    pair.lose = () => true;
    pair.a.link.restart();
    await pass(100);
    pair.a.link.resendOffer();
    await pass(10);
    const [first, second] = pair.a.sent
      .filter(({ type }) => type === 'offer')
      .map(({ payload }) => String(payload.sdp));
    expect(ufragOf({ sdp: second ?? '' })).toBe(ufragOf({ sdp: first ?? 'none' }));
  });

  it('is none where nothing is pending', async () => {
    const { a } = await connectLinks();
    a.link.resendOffer();
    await pass(100);
    expect(a.sent).toEqual([]);
  });

  it('that was answered already is answered alike, without troubling the browser', async () => {
    const pair = await connectLinks();
    pair.lose = (from, { type }) => from === 'b' && type === 'answer';
    pair.a.link.restart();
    await pass(10);
    const set = vi.spyOn(pair.b.pc, 'setRemoteDescription');
    pair.lose = () => false;
    pair.a.link.resendOffer();
    await pass(10);
    expect(set).not.toHaveBeenCalled();
    const answers = pair.b.sent.filter(({ type }) => type === 'answer').map(({ payload }) => payload);
    expect(answers).toHaveLength(2);
    expect(Object(answers[1]?.holdfast).answers).toBe(ufragOf(pair.a.pc.localDescription));
    expect(pair.a.pc.signalingState).toBe('stable');
  });
});

describe('a rollback', () => {
  it('takes a pending offer back, and is nothing where none is pending', async () => {
    const pair = await connectLinks();
    pair.lose = () => true;
    pair.a.link.restart();
    await pass(10);
    pair.a.link.rollback();
    await pass(10);
    expect(pair.a.pc.signalingState).toBe('stable');
    pair.a.link.rollback();
    await pass(10);
    expect(pair.a.refusals).toEqual([]);
  });
});

describe('stirring ICE', () => {
  it('leaves the connection stable, and tells the other end nothing: neither an offer nor candidates', async () => {
    const { a, b } = await connectLinks();
    const set = vi.spyOn(a.pc, 'setLocalDescription');
    a.link.hold();
    await pass(500);
    expect(set.mock.calls).toEqual([[], [{ type: 'rollback' }]]);
    expect([a.pc.signalingState, a.sent, b.told]).toEqual(['stable', [], []]);
    expect(a.refusals).toEqual([]);
  });

  it('leaves an offer alone that is pending', async () => {
    const pair = await connectLinks();
    pair.lose = () => true;
    pair.a.link.restart();
    pair.a.link.hold();
    await pass(10);
    expect(pair.a.pc.signalingState).toBe('have-local-offer');
  });
});

describe('offers that cross', () => {
  it('are settled by manners: the polite end yields, the other one refuses', async () => {
    const { a, b } = await connectLinks();
    a.link.restart();
    b.link.restart();
    await pass(500);
    expect([a.refusals, b.refusals]).toEqual([['unexpected'], []]);
    expect([a.pc.signalingState, b.pc.signalingState]).toEqual(['stable', 'stable']);
    expect(a.link.remote?.ufrag).toBe(ufragOf(b.pc.localDescription));
  });

  it('with upstream, which knows no manners, are settled by ours', async () => {
    const { a, b } = await connectLinks(UPSTREAM);
    b.link.restart();
    a.link.restart();
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
    ['to another offer', 'other', ['stale']],
    ['that does not say to which', undefined, []],
  ])('%s', async (_, answers, refusals) => {
    const pair = await connectLinks();
    pair.lose = () => true;
    pair.a.link.restart();
    await pass(10);
    const holdfast = { version: 1, session: 'b', connection: 1, capabilities: ['heartbeat'], answers };
    const sdp = pair.b.pc.localDescription?.sdp;
    give(pair.a, { type: 'answer', payload: { type: 'answer', sdp, holdfast } });
    await pass(10);
    expect(pair.a.refusals).toEqual(refusals);
    expect(pair.a.pc.signalingState).toBe(refusals.length > 0 ? 'have-local-offer' : 'stable');
  });

  it('that the browser does not take is told, and leaves the offer pending', async () => {
    const { a } = await connectLinks();
    vi.spyOn(a.pc, 'setRemoteDescription').mockRejectedValueOnce(
      new DOMException('192.0.2.1', 'OperationError'),
    );
    a.link.restart();
    await pass(100);
    expect([countOf(a, 'answerRefused'), countOf(a, 'negotiated')]).toEqual([1, 0]);
    expect(new Set(a.refusals)).toEqual(new Set(['rejected-by-browser']));
    expect(a.link.hasPendingOffer).toBe(true);
  });

  it('that the browser does not take because it was closed meanwhile is not', async () => {
    const { a } = await connectLinks();
    vi.spyOn(a.pc, 'setRemoteDescription').mockImplementationOnce(async () => {
      a.link.close();
      throw new DOMException('closed', 'InvalidStateError');
    });
    a.link.restart();
    await pass(100);
    expect([a.told, a.refusals]).toEqual([[['offerArrived']], []]);
  });

  it('ends the heartbeat where it says no more that it knows them', async () => {
    const pair = await connectLinks();
    pair.lose = (from) => from === 'b';
    pair.a.link.restart();
    await pass(10);
    const sdp = pair.b.pc.localDescription?.sdp;
    give(pair.a, { type: 'answer', payload: { type: 'answer', sdp } });
    await pass(10);
    expect([pair.a.link.hasHeartbeat, pair.a.link.ping()]).toEqual([false, null]);
  });
});

describe('candidates', () => {
  const found = ({ pc }: LinkEnd, candidate: object | null) =>
    Reflect.apply(pc.onicecandidate ?? (() => {}), pc, [{ candidate }]);
  const line = { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 };

  it('of the other end are taken up to 256 for one generation, and again for the next', async () => {
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
    // One has come with the handshake.
    expect(b.refusals).toEqual(Array(300 - 255).fill('too-many'));
    b.refusals.length = 0;
    a.link.resendOffer();
    a.link.restart();
    await pass(100);
    payload.usernameFragment = ufragOf(a.pc.localDescription);
    giveAll();
    expect(b.refusals).toEqual(Array(300 - 255).fill('too-many'));
  });

  it('of an offer go to the browser while its answer is still made', async () => {
    const { a, b } = await connectLinks();
    let answer = () => {};
    vi.spyOn(b.pc, 'setLocalDescription').mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
    const added = vi.spyOn(b.pc, 'addIceCandidate');
    a.link.restart();
    await pass(100);
    expect([added.mock.calls.length > 0, typesOf(b)]).toEqual([true, []]);
    answer();
    await pass(10);
    expect(typesOf(b)).toContain('answer');
  });

  it('of our own are told and sent; the end of them is neither', async () => {
    const { a } = await connectLinks();
    found(a, { ...line, usernameFragment: ufragOf(a.pc.localDescription) });
    found(a, { ...line, candidate: '' });
    found(a, null);
    expect(namesOf(a)).toEqual(['gathered']);
    expect(a.sent).toEqual([
      { type: 'ice-candidate', payload: { ...line, usernameFragment: ufragOf(a.pc.localDescription) } },
    ]);
  });

  it('of our own are sent before they are told: the other end waits for them', async () => {
    const pair = await connectLinks();
    const { a } = pair;
    const told: string[][] = [];
    pair.lose = () => told.push(namesOf(a)) > 0;
    found(a, { ...line, usernameFragment: ufragOf(a.pc.localDescription) });
    expect([told, namesOf(a)]).toEqual([[[]], ['gathered']]);
  });

  it.each([
    ['of a generation that was never offered are not sent', 'other', 0],
    ['that name no generation are sent: old browsers do not', null, 1],
  ])('%s', async (_, usernameFragment, count) => {
    const { a } = await connectLinks();
    found(a, { ...line, usernameFragment });
    expect([namesOf(a), a.sent.length]).toEqual([['gathered'], count]);
  });

  it('that are found before an offer was sent go ahead of it', () => {
    const { a } = createLinkPair();
    found(a, { ...line, usernameFragment: 'early' });
    expect(typesOf(a)).toEqual(['ice-candidate']);
  });

  it('are missed only when gathering has ended without one', async () => {
    const { a } = createLinkPair({ configuration: { iceTransportPolicy: 'relay', iceServers: [] } });
    a.link.offer();
    expect(countOf(a, 'gathering.empty')).toBe(0);
    await pass(10);
    expect([countOf(a, 'gathering.empty'), countOf(a, 'gathered')]).toEqual([1, 0]);
  });

  it('are not missed where there are some', async () => {
    const { a } = createLinkPair();
    a.link.offer();
    await pass(500);
    expect([countOf(a, 'gathering.empty'), countOf(a, 'gathered')]).toEqual([0, 1]);
  });

  it.each([
    [401, 1],
    [403, 1],
    [701, 0],
    [400, 0],
  ])('that TURN refuses with %i are told: %i', (errorCode, count) => {
    const { a } = createLinkPair();
    Reflect.apply(a.pc.onicecandidateerror ?? (() => {}), a.pc, [{ errorCode }]);
    expect(countOf(a, 'turnRefused')).toBe(count);
  });

  it('are said to be a relay or not, and one relay makes up for servers that refuse us', async () => {
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

describe('a browser that doubts ICE', () => {
  /** As the browser says it, of a link that carries all the same. */
  const say = ({ pc }: LinkEnd, iceConnectionState: string, connectionState = 'connected') => {
    Object.defineProperty(pc, 'iceConnectionState', { configurable: true, get: () => iceConnectionState });
    Object.defineProperty(pc, 'connectionState', { configurable: true, get: () => connectionState });
    pc.oniceconnectionstatechange?.(new Event('iceconnectionstatechange'));
  };

  it('is not believed where an echo comes', async () => {
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

  it('is believed once, however often it says so meanwhile', async () => {
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

  it('and takes it back is not believed', async () => {
    const { world, a } = await connectLinks();
    world.network.setLoss(1);
    say(a, 'disconnected');
    await pass(1_000);
    say(a, 'connected');
    await pass(5_000);
    expect(namesOf(a)).not.toContain('ice.disconnected');
  });

  it('is believed at once of an upstream peer, who echoes nothing', async () => {
    const { a } = await connectLinks(UPSTREAM);
    say(a, 'disconnected');
    expect(namesOf(a)).toEqual(['ice.disconnected']);
  });

  it.each([
    ['failed', 'failed'],
    ['disconnected', 'failed'],
  ])('is believed at once when it has given up: %s, %s', async (ice, connection) => {
    const { a } = await connectLinks();
    say(a, ice, connection);
    expect([namesOf(a), a.link.isUsable, a.link.isUp]).toEqual([['ice.failed'], false, false]);
  });

  it('and then finds a path again is told as up again', async () => {
    const { a } = await connectLinks(UPSTREAM);
    say(a, 'disconnected', 'disconnected');
    say(a, 'connected');
    say(a, 'completed');
    expect(namesOf(a)).toEqual(['ice.disconnected', 'up']);
  });
});

describe('a link in doubt', () => {
  it('is up again by what is heard, as the old path come back, once', async () => {
    const { a, b } = await connectLinks();
    a.link.doubt();
    expect(a.link.isUp).toBe(false);
    b.link.ping();
    await pass(10);
    b.link.ping();
    await pass(10);
    expect(a.told.filter(([name]) => name === 'up')).toEqual([['up', true]]);
    expect(a.link.isUp).toBe(true);
  });

  it('hands on nothing that may be old: only what comes after the echo of a ping of its own', async () => {
    const { a, b } = await connectLinks();
    a.link.doubt();
    b.link.send('old');
    await pass(0);
    expect([a.link.isHeard, namesOf(a)]).toEqual([true, []]);
    await pass(10);
    b.link.send('young');
    await pass(10);
    expect(a.told.filter(([name]) => name === 'message')).toEqual([['message', 'young']]);
  });

  it.each([
    ['that was promised every message hands on all of them', { label: 'game' }, ['old']],
    ['with a life of its own keeps the old ones to itself', { label: 'game', maxPacketLifeTime: 250 }, []],
    ['without retransmission, too', { label: 'game', maxRetransmits: 0 }, []],
  ])('%s', async (_, channel, messages) => {
    const { a, b } = await connectLinks({ channel });
    a.link.doubt();
    b.link.send('old');
    await pass(0);
    expect(a.told.filter(([name]) => name === 'message').map(([, data]) => data)).toEqual(messages);
  });

  it('with an upstream peer is up as long as ICE is, and hands on everything', async () => {
    const { a, b } = await connectLinks(UPSTREAM);
    a.link.doubt();
    expect(a.link.isUp).toBe(true);
    b.link.send('old');
    await pass(10);
    expect(a.told).toContainEqual(['message', 'old']);
  });

  it('counts no ping as lost that the silence swallowed', async () => {
    const { world, a, b } = await connectLinks();
    world.network.setLoss(1);
    await pass(10);
    for (let ping = 0; ping < 5; ping += 1) {
      a.link.ping();
      await pass(100);
    }
    a.link.doubt();
    world.network.setLoss(0);
    b.link.ping();
    await pass(5_000);
    expect(a.link.roundTrips.report(performance.now()).loss).toBe(0);
  });
});

describe('how long no packet has come', () => {
  it('is told by the stats', async () => {
    const { a, b } = await connectLinks();
    b.link.ping();
    await pass(10);
    await pass(3_000);
    const quietMs = await a.link.quietForMs();
    expect(quietMs).toBeGreaterThanOrEqual(2_990);
    expect(quietMs).toBeLessThanOrEqual(3_100);
  });

  it.each([
    ['names no such time', {}],
    ['has received none yet', { lastPacketReceivedTimestamp: 0 }],
  ])('is forever where the browser %s', async (_, entry) => {
    const { a } = createLinkPair();
    const report = new Map([['P', { id: 'P', type: 'candidate-pair', timestamp: 5_000, ...entry }]]);
    Object.assign(a.pc, { getStats: async () => report });
    expect(await a.link.quietForMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is that of the pair that heard last', async () => {
    const { a } = createLinkPair();
    const pair = (lastPacketReceivedTimestamp: number) => ({ timestamp: 5_000, lastPacketReceivedTimestamp });
    Object.assign(a.pc, { getStats: async () => new Map([1_000, 4_000, 2_000].map((at) => [at, pair(at)])) });
    expect(await a.link.quietForMs()).toBe(1_000);
  });
});

describe('a game channel', () => {
  it('that closes is told once, and the link is mute and sends nothing', async () => {
    const { a, b } = await connectLinks();
    a.link.game?.close();
    await pass(100);
    for (const end of [a, b]) {
      expect(namesOf(end)).toEqual(['channel.closed']);
      expect([end.link.isOpen, end.link.isUp, end.link.send('late')]).toEqual([false, false, false]);
    }
    b.link.ping();
    await pass(10);
    expect([a.frames, b.frames]).toEqual([[], []]);
  });

  it('that is closing is not open any more', async () => {
    const { a } = await connectLinks();
    a.link.game?.close();
    expect(a.link.isOpen).toBe(false);
  });

  it('refuses what is too large, with false and no exception', async () => {
    const { a } = await connectLinks();
    expect(a.link.send(new ArrayBuffer(300_000))).toBe(false);
    expect(a.link.send('small')).toBe(true);
  });
});

describe('a control channel that refuses a frame', () => {
  it('throws nothing at whoever pings', async () => {
    const { a } = await connectLinks();
    const error = new DOMException('full', 'OperationError');
    const control = vi.spyOn(a.frames, 'push').mockImplementation(() => {
      throw error;
    });
    expect(() => a.link.ping()).not.toThrow();
    expect(control).toHaveBeenCalled();
  });
});

describe('close()', () => {
  it('closes the connection, and tells, sends and logs nothing afterwards, whatever the browser still says', async () => {
    const { world, a } = await connectLinks();
    const { pc } = a;
    const { game } = a.link;
    const handlers = [pc.onicecandidate, pc.oniceconnectionstatechange, pc.ondatachannel];
    expect(handlers).not.toContain(null);
    a.link.restart();
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
    expect([a.told, a.sent, a.refusals]).toEqual([[], [], []]);
    expect(vi.getTimerCount() - world.runningTimers).toBe(0);
  });

  it('ends the pings of a fresh link and the wait for its answer', async () => {
    const { world, a, b } = createLinkPair();
    world.network.setLoss(1);
    a.link.offer();
    await pass(300);
    a.link.restart();
    a.link.close();
    b.link.close();
    await pass(10);
    expect(vi.getTimerCount() - world.runningTimers).toBe(0);
  });

  it('ends the question whether ICE is right', async () => {
    const { world, a, b } = await connectLinks();
    world.network.cut();
    await pass(6_500);
    a.link.close();
    b.link.close();
    await pass(0);
    expect(vi.getTimerCount() - world.runningTimers).toBe(0);
  });
});

describe('what waits for the browser', () => {
  it('begins at once where nothing is under way: the browser works while the page goes on', () => {
    const { a } = createLinkPair();
    const asked = vi.spyOn(a.pc, 'setLocalDescription');
    a.link.offer();
    a.link.restart();
    expect(asked).toHaveBeenCalledOnce();
  });

  it('is done one after the other, and one that fails leaves the next its turn', async () => {
    const { a } = await connectLinks();
    vi.spyOn(a.pc, 'setLocalDescription').mockRejectedValueOnce(
      new DOMException('192.0.2.1', 'OperationError'),
    );
    a.link.restart();
    a.link.restart();
    await pass(500);
    expect(a.refusals).toEqual(['rejected-by-browser']);
    expect(countOf(a, 'negotiated')).toBe(1);
  });

  it('is at most 32 descriptions at once, and there is room again when they are done', async () => {
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
