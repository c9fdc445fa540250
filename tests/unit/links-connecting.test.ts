import { describe, expect, it, vi } from 'vitest';
import type { Sent } from './link-pair';
import {
  configOf,
  connectPair,
  createLinksPair,
  factsOf,
  forget,
  isOffer,
  type LinksEnd,
  learnedOf,
  loseAll,
  openOf,
  pass,
  read,
  reasonIn,
  STUN,
  TURN,
  take,
  typesOf,
} from './links-pair';

const countsIn = (end: LinksEnd) => factsOf(end).filter((type) => type === 'attempt.counted').length;

const slowServers = (): Promise<RTCIceServer[]> =>
  new Promise((resolve) => setTimeout(() => resolve([STUN]), 1_000));

describe('a first connect', () => {
  it('is offered by one end, requested by the other, and reports each fact to the machine once', async () => {
    const { a, b } = createLinksPair();
    a.links.connect();
    b.links.connect();
    await pass(500);
    expect(typesOf(a)).toEqual(['offer']);
    expect(typesOf(b)).toEqual(['hello', 'answer']);
    expect(learnedOf(a)).toEqual([{ remote: 'holdfast', answered: true }, { gathered: true }]);
    expect([...new Set(factsOf(a))].filter((type) => type !== 'peer.learned')).toEqual([
      'channel.opened',
      'link.up',
    ]);
    expect(a.links.peer.addressee).toBe('of the answerer');
    expect([openOf(a).length, openOf(b).length]).toEqual([1, 1]);
  });

  it('reports to the machine that the peer is a Firefox', async () => {
    const { a, b } = createLinksPair({ profile: 'firefox' });
    a.links.connect();
    b.links.connect();
    await pass(500);
    for (const end of [a, b])
      expect(learnedOf(end)).toContainEqual({ remote: 'holdfast', remoteIsFirefox: true, answered: true });
  });

  it('tried again offers only on its own connection, however late its servers come', async () => {
    const { b } = createLinksPair();
    b.links.connect();
    b.servers = slowServers;
    b.links.connect();
    expect(() => b.links.offerAnyway()).not.toThrow();
    expect(b.links.current?.isUnanswered).toBe(false);
    await pass(500);
    expect(typesOf(b)).toEqual(['hello', 'hello']);
    await pass(1_000);
    expect(openOf(b)).toHaveLength(1);
    expect(typesOf(b)).toEqual(['hello', 'hello', 'offer']);
  });

  it('tried again closes the former connection', async () => {
    const { a } = createLinksPair();
    a.links.connect();
    a.links.connect();
    await pass(100);
    expect(openOf(a)).toEqual([a.links.current?.pc]);
    expect(a.pcs).toHaveLength(2);
    expect(a.links.current?.number).toBe(2);
  });

  it('that is not answered is offered again by one end, and requested again by the other', async () => {
    const pair = createLinksPair();
    const { a, b } = pair;
    pair.lose = loseAll;
    for (const { links } of [a, b]) links.connect();
    await pass(100);
    forget(a, b);
    for (const { links } of [a, b]) links.renewOffer();
    await pass(10);
    expect([typesOf(a), typesOf(b)]).toEqual([['offer'], ['hello']]);
  });

  it('that was answered is neither offered nor requested again', async () => {
    const { a, b } = await connectPair();
    for (const { links } of [a, b]) links.renewOffer();
    await pass(10);
    expect([typesOf(a), typesOf(b)]).toEqual([[], []]);
  });

  it('is offered by the answerer, too, once the offerer has kept silent', async () => {
    const pair = createLinksPair();
    const { b } = pair;
    pair.lose = loseAll;
    b.links.offerAnyway();
    expect(b.pcs).toHaveLength(0);
    b.links.connect();
    b.links.offerAnyway();
    await pass(100);
    expect(typesOf(b)).toEqual(['hello', 'offer']);
    expect(b.links.current?.hasPendingOffer).toBe(true);
    forget(b);
    b.links.offerAnyway();
    await pass(100);
    expect(typesOf(b)).toEqual([]);
  });

  it('that is up is not offered anyway', async () => {
    const { b } = await connectPair();
    b.links.offerAnyway();
    await pass(100);
    expect(b.sent).toEqual([]);
  });
});

describe('an offer', () => {
  it.each([
    ['that the relay forwarded counts as an attempt', 'relayed', 1],
    ['for which the relay does not answer counts, too', 'unknown', 1],
    ['that the relay refused does not count', 'refused', 0],
  ] as const)('%s', async (_, delivery, count) => {
    const { a } = await connectPair();
    expect(countsIn(a)).toBe(0);
    a.delivery = delivery;
    a.links.startAttempt('rebuild');
    await pass(100);
    expect(countsIn(a)).toBe(count);
  });

  it('that is repeated does not count again, but one of a new attempt does', async () => {
    const pair = await connectPair();
    const { a } = pair;
    pair.lose = loseAll;
    a.links.startAttempt('ice-restart');
    await pass(100);
    a.links.renewOffer();
    await pass(100);
    expect([typesOf(a).filter((type) => type === 'offer').length, countsIn(a)]).toEqual([2, 1]);
    a.links.startAttempt('ice-restart');
    await pass(100);
    expect(countsIn(a)).toBe(2);
  });

  it('counts as soon as it is answered, and only once', async () => {
    const pair = await connectPair();
    const { a } = pair;
    forget(a);
    let say: (delivery: 'unknown') => void = () => {};
    a.sayDelivery = () => new Promise((resolve) => (say = resolve));
    a.links.startAttempt('ice-restart');
    await pass(100);
    expect(countsIn(a)).toBe(1);
    say('unknown');
    await pass(100);
    expect(countsIn(a)).toBe(1);
  });

  it('does not count when its connection was closed meanwhile, nor do candidates', async () => {
    const pair = await connectPair();
    const { a } = pair;
    pair.lose = loseAll;
    let say: (delivery: 'relayed') => void = () => {};
    a.sayDelivery = () => new Promise((resolve) => (say = resolve));
    forget(a);
    a.links.startAttempt('rebuild');
    await pass(100);
    expect(a.sent.map(({ type }) => type)).toContain('ice-candidate');
    a.links.settle();
    say('relayed');
    await pass(100);
    expect(countsIn(a)).toBe(0);
  });
});

describe('leaving', () => {
  it('is announced on the channel and by signaling, under its own session', async () => {
    const { a, b } = await connectPair();
    a.links.bye();
    await pass(10);
    expect(a.sent).toEqual([
      {
        type: 'bye',
        payload: {
          holdfast: {
            version: 1,
            session: 'of the offerer',
            connection: 1,
            capabilities: ['heartbeat', 'rebuild', 'direct'],
            to: 'of the answerer',
          },
        },
      },
    ]);
    expect(factsOf(b)).toEqual(['remote.left']);
  });

  it('closes every connection, and accepts no candidate afterwards', async () => {
    const { a } = await connectPair();
    a.links.startAttempt('rebuild');
    a.links.close();
    expect([openOf(a), a.links.current, a.links.race.all]).toEqual([[], null, []]);
    const candidate = read('ice-candidate', 'b', { candidate: 'candidate:1 1 udp 1 192.0.2.2 9 typ host' });
    expect(reasonIn(() => take(a, candidate))).toBe('unexpected');
  });
});

describe('offers that cross at birth', () => {
  it('are settled by the answerer, with a new connection instead of its own', async () => {
    const pair = createLinksPair();
    const { a, b } = pair;
    pair.lose = (_, { type }) => type === 'hello';
    b.links.connect();
    b.links.offerAnyway();
    a.links.connect();
    await pass(500);
    expect([a.links.current?.isUp, b.links.current?.isUp]).toEqual([true, true]);
    expect(a.refusals).toContain('unexpected');
    expect([openOf(a), openOf(b)]).toEqual([[a.pcs[0]], [b.pcs[1]]]);
    expect(b.pcs[0]?.signalingState).toBe('closed');
  });

  it('do no harm when the one that yielded arrives late: its connection is older than the one in use', async () => {
    const pair = createLinksPair();
    const { a, b } = pair;
    pair.lose = isOffer;
    for (const { links } of [a, b]) links.connect();
    b.links.offerAnyway();
    await pass(100);
    const late = b.sent.find(({ type }) => type === 'offer');
    pair.lose = () => false;
    a.links.renewOffer();
    await pass(500);
    expect([a.links.current?.isUp, b.links.current?.isUp]).toEqual([true, true]);
    expect(reasonIn(() => take(a, read('offer', 'b', late?.payload)))).toBe('stale');
    await pass(100);
    expect([openOf(a).length, a.links.current?.isUp, b.links.current?.isUp]).toEqual([1, true, true]);
  });
});

describe('signals without a matching description', () => {
  it('are refused: an answer for another connection, a candidate without generation before there is one', async () => {
    const { a, b } = createLinksPair();
    const line = { candidate: 'candidate:1 1 udp 1 192.0.2.2 9 typ host' };
    expect(reasonIn(() => take(b, read('ice-candidate', 'a', line)))).toBe('unexpected');
    expect(
      reasonIn(() => take(b, read('ice-candidate', 'a', { ...line, usernameFragment: 'early' }))),
    ).toBeUndefined();
    a.links.connect();
    await pass(100);
    const sdp = a.pcs[0]?.localDescription?.sdp;
    const holdfast = { version: 1, session: 's', connection: 7, capabilities: [] };
    expect(reasonIn(() => take(a, read('answer', 'b', { type: 'answer', sdp, holdfast })))).toBe('stale');
  });

  it('are added to the connection in use if they are candidates that name no generation', async () => {
    const { a } = await connectPair();
    const added = a.pcs[0] && vi.spyOn(a.pcs[0], 'addIceCandidate');
    take(a, read('ice-candidate', 'b', { candidate: 'candidate:1 1 udp 1 192.0.2.2 9 typ host' }));
    await pass(10);
    expect(added).toHaveBeenCalledOnce();
  });

  it('wait for their description if they are candidates that came before it', async () => {
    const pair = createLinksPair();
    const early: Sent[] = [];
    pair.lose = (_, sent) => sent.type !== 'ice-candidate' && early.push(sent) > 0;
    pair.a.links.connect();
    await pass(100);
    pair.lose = () => false;
    const [offer] = early;
    if (offer) take(pair.b, read(offer.type, 'a', { ...offer.payload, sdp: String(offer.payload.sdp) }));
    await pass(0);
    expect(pair.b.pcs[0]?.remoteDescription?.sdp).toContain('a=candidate:');
  });
});

describe('a first offer', () => {
  it('that was lost is sent again at once to a peer that asks for it', async () => {
    const pair = createLinksPair();
    pair.lose = isOffer;
    pair.a.links.connect();
    await pass(500);
    pair.lose = () => false;
    pair.b.links.connect();
    await pass(300);
    expect([pair.a, pair.b].map(({ links }) => links.current?.isUp)).toEqual([true, true]);
  });

  it('that is still being created is sent once, however often it is requested meanwhile', async () => {
    const { a } = createLinksPair();
    a.links.connect();
    for (let time = 0; time < 3; time += 1) a.links.renewOffer();
    await pass(500);
    expect(a.sent.filter(({ type }) => type === 'offer')).toHaveLength(1);
  });
});

describe('the ICE servers', () => {
  const expiring = (inMs: number): RTCIceServer => ({
    ...TURN,
    username: `${Math.floor((Date.now() + inMs) / 1_000)}:player`,
  });

  it('are requested before each connection and attempt, and the machine learns whether there is a relay', async () => {
    const pair = createLinksPair();
    const { a } = pair;
    const asked = vi.fn(() => [TURN]);
    a.servers = asked;
    a.links.connect();
    pair.b.links.connect();
    await pass(500);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(learnedOf(a)).toContainEqual({ relayAvailable: true });
    a.links.startAttempt('ice-restart');
    expect(asked).toHaveBeenCalledTimes(2);
    a.servers = () => [STUN];
    forget(a);
    a.links.startAttempt('rebuild');
    expect(learnedOf(a)).toContainEqual({ relayAvailable: false });
  });

  const fail = (pc: RTCPeerConnection | undefined, errorCode: number) =>
    Reflect.apply(pc?.onicecandidateerror ?? (() => {}), pc, [{ errorCode }]);
  const refuse = (pc: RTCPeerConnection | undefined) => fail(pc, 401);
  const refusalsOf = (end: LinksEnd) =>
    learnedOf(end).flatMap(({ turnRefused }) => (turnRefused === undefined ? [] : [turnRefused]));

  it('that refuse us are reported until a relay is found, or until they are requested again', async () => {
    const { a } = createLinksPair();
    a.servers = () => [TURN];
    a.links.connect();
    refuse(a.pcs[0]);
    await pass(1_000);
    expect(refusalsOf(a)).toEqual([true, false]);
    forget(a);
    a.links.connect();
    refuse(a.pcs[1]);
    a.links.connect();
    expect(refusalsOf(a)).toEqual([true, false]);
  });

  it('that fail are logged by code, each once until the link is up, however many connections ask them', () => {
    const { a } = createLinksPair();
    const connectInVain = () => {
      a.links.connect();
      for (const code of [701, 486]) fail(a.pcs.at(-1), code);
    };
    const lines = [701, 486].map((code) => `[WebRTC] STUN or TURN error ${code}`);
    connectInVain();
    connectInVain();
    expect(a.infos).toEqual(lines);
    a.links.settle();
    connectInVain();
    expect(a.infos).toEqual([...lines, ...lines]);
  });

  it('that refuse us count as refusing, even if candidates other than a relay are found', async () => {
    const { world, a } = createLinksPair();
    world.network.turn = 'down';
    a.servers = () => [TURN];
    a.links.connect();
    refuse(a.pcs[0]);
    await pass(1_000);
    expect(refusalsOf(a)).toEqual([true]);
    expect(learnedOf(a)).toContainEqual({ gathered: true });
  });

  it('that could not be fetched may refuse us silently, because the next attempt may get others', async () => {
    const { a } = createLinksPair();
    a.servers = async () => Promise.reject(new Error('no network'));
    a.links.connect();
    await pass(0);
    refuse(a.pcs[0]);
    expect(refusalsOf(a)).toEqual([]);
    a.servers = async () => [TURN];
    a.links.connect();
    await pass(0);
    refuse(a.pcs[1]);
    expect(refusalsOf(a)).toEqual([true]);
  });

  it.each([
    ['a relay among several addresses', { ...TURN, urls: ['stun:stun.example', 'turns:relay.example'] }, 1],
    ['no relay', STUN, 0],
  ])('with %s are recognized as such', async (_, server, count) => {
    const { a } = createLinksPair();
    a.servers = () => [server];
    a.links.connect();
    expect(learnedOf(a).filter((evidence) => evidence.relayAvailable)).toHaveLength(count);
  });

  it('delay the connection while they are fetched, and start nothing that was abandoned meanwhile', async () => {
    const { a } = createLinksPair();
    a.servers = slowServers;
    a.links.connect();
    await pass(500);
    expect([a.pcs.length, a.links.current, a.links.race.all]).toEqual([0, null, []]);
    await pass(500);
    expect(configOf(a.pcs[0])?.iceServers).toEqual([STUN]);
    for (const end of ['giveUp', 'close'] as const) {
      a.links.startAttempt('rebuild');
      a.links[end]();
      await pass(2_000);
      expect(a.pcs).toHaveLength(1);
    }
  });

  it('that are slow create one connection for an offer that is sent twice, and both ends agree on it', async () => {
    const pair = createLinksPair();
    const { a, b } = pair;
    b.servers = slowServers;
    // The first answer is lost: an offerer that accepted one for another connection would be heard by nobody.
    let answers = 0;
    pair.lose = (from, { type }) => from === 'b' && type === 'answer' && ++answers === 1;
    a.links.connect();
    await pass(500);
    a.links.renewOffer();
    await pass(1_500);
    expect(typesOf(b)).toEqual(['answer']);
    a.links.renewOffer();
    await pass(500);
    expect(typesOf(b)).toEqual(['answer', 'answer']);
    expect([openOf(b).length, b.links.race.all.length]).toEqual([1, 1]);
    expect([a.links.current?.isUp, b.links.current?.isUp]).toEqual([true, true]);
  });

  it('that are slow start nothing of ours if the other end has offered meanwhile', async () => {
    const { a, b } = await connectPair();
    b.servers = slowServers;
    b.links.startAttempt('rebuild');
    await pass(500);
    a.links.startAttempt('rebuild');
    await pass(2_000);
    expect([a.pcs.length, b.pcs.length]).toEqual([2, 2]);
    expect([a.links.current?.number, b.links.current?.number]).toEqual([2, 2]);
    expect([a.links.current?.isUp, b.links.current?.isUp]).toEqual([true, true]);
  });

  it('that are slow do not delay the other end’s offer for an attempt of ours that started meanwhile', async () => {
    const { a, b } = await connectPair();
    b.servers = slowServers;
    a.links.startAttempt('rebuild');
    await pass(500);
    b.links.startAttempt('rebuild');
    await pass(1_000);
    expect(typesOf(b)).toContain('answer');
    expect([a.links.current?.isUp, b.links.current?.isUp]).toEqual([true, true]);
    expect(a.links.current?.number).toBe(b.links.current?.number);
  });

  it('that cannot be fetched are replaced by the last known ones, with a warning', async () => {
    const pair = await connectPair({}, [TURN]);
    pair.a.servers = () => Promise.reject(new Error('secret 192.0.2.7'));
    pair.a.links.startAttempt('rebuild');
    await pass(100);
    expect(configOf(pair.a.pcs[1])?.iceServers).toEqual([TURN]);
    expect(pair.a.warnings).toHaveLength(1);
    expect(pair.a.warnings.join()).not.toContain('secret');
  });

  it.each([
    ['allow only relayed candidates with forceRelay', true, 'relay'],
    ['allow all candidates by default', false, 'all'],
  ])('%s', (_, forceRelay, iceTransportPolicy) => {
    const { a } = createLinksPair({ forceRelay });
    a.servers = () => [TURN];
    a.links.connect();
    expect(configOf(a.pcs[0])).toEqual({ iceServers: [TURN], iceTransportPolicy });
  });

  it.each([
    ['a minute before they expire', 120_000, 61_000, 1],
    ['but not sooner', 120_000, 58_000, 0],
    ['but never if they have expired already', 59_000, 300_000, 0],
    ['but never if the username contains no time', null, 300_000, 0],
  ])('are reported as expiring %s', async (_, inMs, afterMs, count) => {
    const { a } = createLinksPair();
    a.servers = () => [STUN, inMs === null ? TURN : expiring(inMs), expiring(900_000)];
    a.links.connect();
    await pass(afterMs);
    a.links.probe();
    a.links.probe();
    expect(factsOf(a).filter((type) => type === 'credentials.expiring')).toHaveLength(count);
  });

  it('that a browser rejects end the attempt, with a single warning that quotes none', async () => {
    const { a } = createLinksPair();
    a.createPeerConnection = () => {
      throw new SyntaxError('turn:secret is none');
    };
    a.links.connect();
    await pass(1);
    a.links.connect();
    await pass(1);
    expect([factsOf(a), a.warnings]).toEqual([
      ['gathering.empty', 'gathering.empty'],
      ['[WebRTC] no connection: SyntaxError'],
    ]);
  });
});
