import { describe, expect, it, vi } from 'vitest';
import { newestOf } from '../../src/peer/lineage';
import { type Sent, ufragOf } from './link-pair';
import {
  beat,
  configOf,
  connectPair,
  createLinksPair,
  factsOf,
  forget,
  type LinksEnd,
  loseAll,
  memberOf,
  numbersOf,
  openOf,
  pass,
  read,
  STUN,
  TURN,
  take,
  typesOf,
} from './links-pair';

describe('an attempt', () => {
  it('that restarts ICE offers a new generation on the existing connection', async () => {
    const { a, b } = await connectPair({}, [TURN]);
    const before = ufragOf(a.pcs[0]?.localDescription ?? null);
    a.links.startAttempt('ice-restart');
    await pass(500);
    expect([typesOf(a), typesOf(b)]).toEqual([['offer'], ['answer']]);
    expect(numbersOf(a)).toEqual([1]);
    expect(ufragOf(a.pcs[0]?.localDescription ?? null)).not.toBe(before);
    expect(configOf(a.pcs[0])?.iceServers).toEqual([TURN]);
    expect([a.pcs.length, b.pcs.length]).toEqual([1, 1]);
  });

  it.each([
    ['rebuild', 'all'],
    ['rebuild-relay', 'relay'],
  ] as const)('that is a %s opens a connection with the policy %s, which wins', async (kind, policy) => {
    const pair = await connectPair({}, [STUN, TURN]);
    const { a, b } = pair;
    const [first] = a.pcs;
    a.links.startAttempt(kind);
    await beat(pair, 400);
    expect(numbersOf(a)).toEqual([2]);
    expect(configOf(a.pcs[1])).toEqual({ iceServers: [STUN, TURN], iceTransportPolicy: policy });
    expect([a.links.current?.number, b.links.current?.number]).toEqual([2, 2]);
    expect(first && newestOf(first)).toBe(a.pcs[1]);
    expect(factsOf(a)).toContain('link.up');
    await beat(pair, 2_000);
    expect([openOf(a).length, openOf(b).length]).toEqual([1, 1]);
  });

  it('that is renewed sends its pending offer again, or creates another connection', async () => {
    const pair = await connectPair();
    pair.lose = loseAll;
    const { a } = pair;
    a.links.startAttempt('ice-restart');
    await pass(10);
    a.links.renewAttempt('ice-restart', 1_000);
    await pass(10);
    expect([numbersOf(a), a.pcs.length]).toEqual([[1, 1], 1]);
    const ufrags = a.sent
      .filter(({ type }) => type === 'offer')
      .map(({ payload }) => ufragOf({ sdp: String(payload.sdp) }));
    expect(new Set(ufrags).size).toBe(1);
    a.links.renewAttempt('rebuild', 1_000);
    await pass(10);
    expect([numbersOf(a), a.pcs.length]).toEqual([[1, 1, 2], 2]);
  });

  it('that restarts ICE creates another generation if it is renewed after its offer was answered', async () => {
    const { a } = await connectPair();
    a.links.startAttempt('ice-restart');
    await pass(100);
    a.links.renewAttempt('ice-restart', 1_000);
    await pass(100);
    const ufrags = a.sent
      .filter(({ type }) => type === 'offer')
      .map(({ payload }) => ufragOf({ sdp: String(payload.sdp) }));
    expect(new Set(ufrags).size).toBe(2);
  });

  it('is not renewed while the other end leads one, for one and a half of its renewals', async () => {
    const { a, b } = await connectPair();
    a.links.startAttempt('ice-restart');
    await pass(10);
    forget(b);
    b.links.renewAttempt('ice-restart', 1_000);
    await pass(1_480);
    b.links.renewAttempt('ice-restart', 1_000);
    await pass(0);
    expect(typesOf(b)).toEqual([]);
    await pass(20);
    b.links.renewAttempt('ice-restart', 1_000);
    await pass(10);
    expect(typesOf(b)).toEqual(['offer']);
  });

  it('is renewed although the other end offers, if that offer is refused and so leads nothing', async () => {
    const pair = createLinksPair();
    const { a, b } = pair;
    pair.lose = (from, { type }) => from === 'a' || type === 'hello';
    for (const { links } of [a, b]) links.connect();
    b.links.offerAnyway();
    await pass(10);
    expect(a.refusals).toEqual(['unexpected']);
    forget(a);
    a.links.renewAttempt('ice-restart', 1_000);
    await pass(10);
    expect(typesOf(a)).toEqual(['offer']);
  });

  it('whose offer signaling refused is offered again when the other end, now there, offers the same', async () => {
    const pair = await connectPair();
    const { a, b } = pair;
    a.delivery = 'refused';
    pair.lose = (from) => from === 'a';
    a.links.startAttempt('rebuild');
    await pass(10);
    a.delivery = 'relayed';
    pair.lose = () => false;
    b.links.startAttempt('rebuild');
    await beat(pair, 400);
    expect([a, b].map(({ links }) => links.current?.number)).toEqual([2, 2]);
  });

  it('of our own takes the lead', async () => {
    const { a, b } = await connectPair();
    a.links.startAttempt('ice-restart');
    await pass(10);
    b.links.startAttempt('ice-restart');
    await pass(10);
    forget(b);
    b.links.renewAttempt('ice-restart', 1_000);
    await pass(10);
    expect(typesOf(b)).toEqual(['offer']);
  });

  it('before any answer sends the offer again, or the request for one', async () => {
    const pair = createLinksPair();
    pair.lose = loseAll;
    for (const end of [pair.a, pair.b]) {
      end.links.connect();
      await pass(10);
      forget(end);
      end.links.startAttempt('ice-restart');
      await pass(10);
    }
    expect([typesOf(pair.a), typesOf(pair.b)]).toEqual([['offer'], ['hello']]);
    expect([pair.a.pcs.length, pair.b.pcs.length]).toEqual([1, 1]);
  });

  it('of a first connect uses new servers, at the end that offers and at the one that requests', async () => {
    const pair = createLinksPair();
    const { a, b } = pair;
    pair.lose = loseAll;
    for (const { links } of [a, b]) links.connect();
    await pass(100);
    const before = ufragOf(a.pcs[0]?.localDescription ?? null);
    forget(a, b);
    for (const end of [a, b]) {
      end.servers = () => [STUN];
      end.links.startAttempt('ice-restart');
    }
    await pass(100);
    expect([a, b].map((end) => configOf(end.pcs[0])?.iceServers)).toEqual([[STUN], [STUN]]);
    expect([typesOf(a)[0], typesOf(b)]).toEqual(['offer', ['hello']]);
    expect(ufragOf(a.pcs[0]?.localDescription ?? null)).not.toBe(before);
    forget(b);
    b.servers = () => [TURN];
    b.links.renewAttempt('ice-restart', 1_000);
    await pass(100);
    expect([typesOf(b), configOf(b.pcs[0])?.iceServers]).toEqual([['hello'], [STUN]]);
  });

  it('during a fetch of servers for a reloaded page is offered by the offerer, whoever offered the former connection', async () => {
    const { a, b } = await connectPair();
    b.links.startAttempt('rebuild');
    await pass(500);
    forget(a);
    expect(a.links.current?.negotiation.isOfferer).toBe(false);
    a.servers = () => new Promise((resolve) => setTimeout(() => resolve([STUN]), 2_000));
    const holdfast = { version: 1, session: 'of the next page', connection: 1, capabilities: [] };
    take(a, read('hello', 'b', { holdfast }));
    a.links.startAttempt('ice-restart');
    await pass(2_500);
    expect(typesOf(a)).toEqual(['offer']);
  });

  it('before there is a connection creates one', async () => {
    const { a } = createLinksPair();
    a.links.startAttempt('ice-restart');
    await pass(10);
    expect([typesOf(a), a.pcs.length]).toEqual([['offer'], 1]);
  });

  it('keeps two racers beside the former connection, and closes the oldest', async () => {
    const pair = await connectPair();
    pair.lose = loseAll;
    for (let number = 2; number <= 5; number += 1) {
      pair.a.links.startAttempt('rebuild');
      await pass(10);
    }
    expect(pair.a.pcs.map(({ signalingState }) => signalingState === 'closed')).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(pair.a.links.race.all.map(({ number }) => number)).toEqual([1, 4, 5]);
  });

  it('keeps two of every fifth longer, and those that found a path, up to six', async () => {
    const pair = await connectPair();
    pair.lose = loseAll;
    const race = async () => {
      pair.a.links.startAttempt('rebuild');
      await pass(10);
      return pair.a.links.race.all.map(({ number }) => number).slice(1);
    };
    const raced: number[][] = [];
    for (let number = 2; number <= 15; number += 1) raced.push(await race());
    expect(raced.slice(3)).toEqual([
      [4, 5],
      [5, 6],
      [5, 6, 7],
      [5, 7, 8],
      [5, 8, 9],
      [5, 9, 10],
      [5, 10, 11],
      [5, 10, 11, 12],
      [5, 10, 12, 13],
      [5, 10, 13, 14],
      [10, 14, 15],
    ]);
    for (let count = 0; count < 9; count += 1) {
      for (const pc of pair.a.pcs)
        Object.defineProperty(pc, 'iceConnectionState', { configurable: true, get: () => 'connected' });
      await race();
    }
    expect(pair.a.links.race.all).toHaveLength(1 + 6);
  });
});

describe('an attempt whose answer the browser rejects', () => {
  const refuse = (pc: RTCPeerConnection | undefined) =>
    pc && vi.spyOn(pc, 'setRemoteDescription').mockRejectedValue(new DOMException('no', 'OperationError'));
  const endsOf = (end: LinksEnd) => factsOf(end).filter((type) => type.startsWith('attempt.'));

  it('has failed, even if no relay confirmed its offer', async () => {
    const { a } = await connectPair();
    a.sayDelivery = () => new Promise(() => {});
    refuse(a.pcs[0]);
    a.links.startAttempt('ice-restart');
    await pass(100);
    expect(endsOf(a).slice(-2)).toEqual(['attempt.counted', 'attempt.failed']);
    expect(openOf(a)).toHaveLength(1);
  });

  it('has failed on the connection in use, too, after racers that came to nothing', async () => {
    const pair = await connectPair();
    const { a } = pair;
    pair.lose = loseAll;
    a.links.startAttempt('rebuild');
    await pass(100);
    a.links.settle();
    pair.lose = () => false;
    refuse(a.pcs[0]);
    a.links.startAttempt('ice-restart');
    await pass(100);
    expect(endsOf(a).at(-1)).toBe('attempt.failed');
  });

  it('has failed if it is the newest racer, and goes on while a newer one races', async () => {
    const pair = await connectPair();
    const { a } = pair;
    pair.lose = (from, { type }) => from === 'b' && type === 'answer';
    a.links.startAttempt('rebuild');
    await pass(100);
    refuse(a.pcs[1]);
    a.links.startAttempt('rebuild');
    await pass(100);
    refuse(a.pcs[2]);
    pair.lose = () => false;
    const answer = (connection: number) => {
      const sent = pair.b.sent.filter(({ type }) => type === 'answer');
      const found = sent.find((each) => memberOf(each).connection === connection);
      if (found) take(a, read('answer', 'b', found.payload));
    };
    forget(a);
    answer(2);
    await pass(100);
    expect(endsOf(a)).toEqual([]);
    answer(3);
    await pass(100);
    expect(endsOf(a)).toEqual(['attempt.failed']);
  });
});

describe('the end of a channel', () => {
  it('of the connection in use is reported, with what is known of it', async () => {
    const { a } = await connectPair();
    a.links.current?.game?.close();
    await pass(100);
    expect(a.facts).toEqual([
      { type: 'peer.learned', evidence: { channel: 'closed' } },
      { type: 'channel.closed' },
    ]);
  });

  it('of a connection that lost is not reported', async () => {
    const { a, b } = await connectPair();
    const old = b.links.current;
    a.links.startAttempt('rebuild');
    await pass(300);
    forget(a);
    old?.game?.close();
    await pass(100);
    expect(a.facts).toEqual([]);
  });
});

describe('giving up', () => {
  it('closes the racers, rolls the offer back, and keeps the connection, which is mute', async () => {
    const pair = await connectPair();
    pair.lose = loseAll;
    const { a } = pair;
    a.links.startAttempt('rebuild');
    a.links.startAttempt('ice-restart');
    await pass(10);
    a.links.giveUp();
    await pass(10);
    expect(openOf(a)).toEqual([a.pcs[0]]);
    expect([a.pcs[0]?.signalingState, a.links.current?.isOpen]).toEqual(['stable', false]);
  });

  it('is reversed by an attempt of either end', async () => {
    const { a, b } = await connectPair();
    for (const { links } of [a, b]) links.giveUp();
    a.links.startAttempt('ice-restart');
    await pass(300);
    expect([a.links.current?.isOpen, b.links.current?.isOpen]).toEqual([true, true]);
  });

  it('closes a first connection that nobody answered; a peer that comes later gets a new one', async () => {
    const pair = createLinksPair();
    const { a, b } = pair;
    pair.lose = loseAll;
    a.links.connect();
    await pass(10);
    a.links.giveUp();
    expect(openOf(a)).toEqual([]);
    pair.lose = () => false;
    b.links.connect();
    await pass(500);
    expect([a, b].map(({ links }) => links.current?.isUp)).toEqual([true, true]);
    expect(openOf(a)).toHaveLength(1);
  });

  it('is followed by another offer if the answerer had to offer', async () => {
    const pair = createLinksPair({ isUpstream: true });
    const { b } = pair;
    pair.lose = loseAll;
    b.links.connect();
    b.links.offerAnyway();
    await pass(10);
    b.links.giveUp();
    forget(b);
    b.links.startAttempt('ice-restart');
    await pass(10);
    expect(typesOf(b)).toEqual(['hello', 'offer']);
  });

  it('closes it for an upstream peer, too, which offers later by its own order of ids', async () => {
    const pair = createLinksPair({ isUpstream: true });
    const { a, b } = pair;
    pair.lose = loseAll;
    a.links.connect();
    await pass(10);
    a.links.giveUp();
    pair.lose = (from, { type }) => from === 'b' && type === 'hello';
    b.links.connect();
    b.links.offerAnyway();
    await pass(500);
    expect([a, b].map(({ links }) => links.current?.isUp)).toEqual([true, true]);
  });
});

describe('signaling that is back', () => {
  /** What `end` sends once signaling is back, and then when it is reported to be back once more. */
  async function sentBack(end: LinksEnd): Promise<[Sent[], Sent[]]> {
    end.delivery = 'relayed';
    const both: Sent[][] = [];
    for (let time = 0; time < 2; time += 1) {
      end.sent.length = 0;
      end.links.resend();
      await pass(10);
      both.push([...end.sent]);
    }
    return both as [Sent[], Sent[]];
  }
  const kindsOf = (sent: Sent[]) => sent.map(({ type }) => type);
  const sdpOf = (end: LinksEnd) => end.links.current?.pc.localDescription;

  it('receives a pending offer unchanged, together with the candidates found since', async () => {
    const { a } = await connectPair();
    a.delivery = 'refused';
    a.links.startAttempt('ice-restart');
    await pass(300);
    const offer = sdpOf(a)?.sdp;
    const [sent] = await sentBack(a);
    expect([kindsOf(sent), sent[0]?.payload.sdp]).toEqual([['offer'], offer]);
    expect(offer).toContain('a=candidate:');
  });

  it('receives a new generation if the offer was rolled back meanwhile', async () => {
    const { a, b } = await connectPair();
    a.delivery = 'refused';
    a.links.startAttempt('ice-restart');
    await pass(6_000);
    const before = sdpOf(a)?.sdp;
    const [sent, more] = await sentBack(a);
    expect([kindsOf(sent)[0], kindsOf(more).includes('offer')]).toEqual(['offer', false]);
    expect(sdpOf(a)?.sdp).not.toBe(before);
    expect(b.links.current?.negotiation.remote?.ufrag).toBe(ufragOf(sdpOf(a) ?? null));
  });

  it('receives only one new generation if an attempt starts at the same time', async () => {
    const { a } = await connectPair();
    a.delivery = 'refused';
    a.links.startAttempt('ice-restart');
    await pass(6_000);
    forget(a);
    a.delivery = 'relayed';
    a.links.startAttempt('ice-restart');
    a.links.resend();
    await pass(100);
    expect(typesOf(a)).toEqual(['offer']);
  });

  it('receives an answer that it had refused', async () => {
    const { a, b } = await connectPair();
    b.delivery = 'refused';
    a.links.startAttempt('ice-restart');
    await pass(10);
    expect(a.links.current?.hasPendingOffer).toBe(true);
    const [sent] = await sentBack(b);
    expect(kindsOf(sent)[0]).toBe('answer');
    expect([a.links.current?.hasPendingOffer, a.refusals]).toEqual([false, []]);
  });

  it('receives the candidates that it had refused, once, and none that it had forwarded', async () => {
    const { a } = await connectPair();
    a.links.startAttempt('ice-restart');
    await pass(0);
    a.delivery = 'refused';
    await pass(300);
    const refused = a.sent.filter(({ type }) => type === 'ice-candidate');
    expect(refused).toHaveLength(1);
    expect(await sentBack(a)).toEqual([refused, []]);
  });

  it('receives nothing of what was abandoned', async () => {
    const { a } = await connectPair();
    a.delivery = 'refused';
    a.links.startAttempt('ice-restart');
    await pass(300);
    a.links.giveUp();
    expect(await sentBack(a)).toEqual([[], []]);
  });
});

describe('stirring ICE', () => {
  it.each([
    ['is done if there was an answer', true],
    ['is not done to a first offer', false],
  ])('%s', async (_, isAnswered) => {
    const pair = isAnswered ? await connectPair() : createLinksPair();
    if (!isAnswered) {
      pair.lose = loseAll;
      pair.a.links.connect();
      await pass(10);
    }
    const [pc] = pair.a.pcs;
    const restarted = pc && vi.spyOn(pc, 'restartIce');
    const set = pc && vi.spyOn(pc, 'setLocalDescription');
    pair.a.links.current?.negotiation.keepAlive();
    await pass(10);
    expect([restarted?.mock.calls.length, set?.mock.calls.length]).toEqual(isAnswered ? [1, 2] : [0, 0]);
  });
});
