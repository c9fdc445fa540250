import { describe, expect, it, vi } from 'vitest';
import { isForEndedSession, PeerSession } from '../../src/peer/peer-session';
import { Race } from '../../src/peer/race';
import {
  beat,
  connectPair,
  createLinksPair,
  isOffer,
  type LinksEnd,
  type LinksPair,
  loseAll,
  numbersOf,
  openOf,
  pass,
  read,
  reasonIn,
  take,
} from './links-pair';

describe('an offer', () => {
  const classifier =
    ({ a, b }: LinksPair) =>
    (session: string, connection: number) => {
      const signal = read('offer', 'a', {
        type: 'offer',
        sdp: a.links.current?.pc.localDescription?.sdp,
        holdfast: { version: 1, session, connection, capabilities: ['heartbeat'] },
      });
      return signal.type === 'offer' ? b.links.peer.classify(signal) : undefined;
    };

  it('of a known connection is a restart, of a new one a rebuild, of another session a rejoin, of an old one stale', async () => {
    const pair = await connectPair();
    const { b } = pair;
    const classify = classifier(pair);
    expect(classify('of the offerer', 1)).toBe('remote.restart');
    expect(classify('of the offerer', 2)).toBe('remote.rebuild');
    expect(classify('another page', 1)).toBe('remote.rejoin');
    b.links.startAttempt('rebuild');
    b.links.startAttempt('rebuild');
    await pass(500);
    await beat(pair, 3_000);
    expect(b.links.current?.number).toBe(3);
    expect(reasonIn(() => classify('of the offerer', 1))).toBe('stale');
    expect(reasonIn(() => classify('of the offerer', 2))).toBe('stale');
    expect(classify('of the offerer', 3)).toBe('remote.restart');
    expect(classify('of the offerer', 4)).toBe('remote.rebuild');
    expect(classify('another page', 1)).toBe('remote.rejoin');
    pair.lose = loseAll;
    for (let time = 0; time < 3; time += 1) b.links.startAttempt('rebuild');
    await pass(100);
    expect(b.links.race.all.map(({ number }) => number)).toEqual([3, 5, 6]);
    expect(reasonIn(() => classify('of the offerer', 2))).toBe('stale');
    expect(classify('of the offerer', 4)).toBe('remote.rebuild');
  });

  it('of the connection in use is a restart, too, while an answered one races it', async () => {
    const pair = await connectPair();
    pair.world.network.cut();
    pair.a.links.startAttempt('rebuild');
    await pass(100);
    expect(pair.b.links.race.all.map(({ number, isAnswered }) => [number, isAnswered])).toEqual([
      [1, true],
      [2, true],
    ]);
    expect(classifier(pair)('of the offerer', 1)).toBe('remote.restart');
  });

  it('of a known connection does not count towards the limit of connections that the peer may cause', async () => {
    const classify = classifier(await connectPair());
    for (let time = 0; time < 100; time += 1) expect(classify('of the offerer', 1)).toBe('remote.restart');
    expect(classify('of the offerer', 2)).toBe('remote.rebuild');
  });

  it('of a connection that nobody has answered yet is a first one', () => {
    const { b } = createLinksPair();
    b.links.connect();
    const signal = read('hello', 'a', {
      holdfast: { version: 1, session: 's', connection: 1, capabilities: [] },
    });
    expect(signal.type === 'hello' && b.links.peer.classify(signal)).toBe('remote.offer');
  });
});

describe('a request for an offer', () => {
  const hello = (session: string) =>
    read('hello', 'b', { holdfast: { version: 1, session, connection: 1, capabilities: [] } });
  const wants = (end: LinksEnd, session: string) => {
    const signal = hello(session);
    return signal.type === 'hello' && end.links.peer.acceptsHello(signal);
  };

  it('is granted by the offerer until it was answered, and by both for a page that reloaded', async () => {
    const pair = createLinksPair();
    pair.lose = isOffer;
    for (const { links } of [pair.a, pair.b]) links.connect();
    await pass(100);
    expect([wants(pair.a, 'of the answerer'), wants(pair.b, 'of the offerer')]).toEqual([true, false]);
    pair.lose = () => false;
    pair.a.links.renewOffer();
    await pass(300);
    expect([wants(pair.a, 'of the answerer'), wants(pair.a, 'another page')]).toEqual([false, true]);
    expect(wants(pair.b, 'another page')).toBe(true);
  });

  it('is granted by nobody before there is a connection', () => {
    expect(wants(createLinksPair().a, 'of the answerer')).toBe(false);
  });
});

describe('a page that reloads', () => {
  const reloaded = (type: string, connection: number, sdp?: string) =>
    read(type, 'x', {
      ...(sdp && { type, sdp }),
      holdfast: { version: 1, session: 'another page', connection, capabilities: ['heartbeat'] },
    });

  it('and asks for an offer gets a new connection, numbered above all former ones', async () => {
    const { a } = await connectPair();
    expect(take(a, reloaded('hello', 1))).toBe('remote.rejoin');
    await pass(10);
    expect([numbersOf(a), openOf(a)]).toEqual([[2], [a.pcs[1]]]);
    expect(a.links.current?.pc).toBe(a.pcs[1]);
  });

  it('and offers counts from 1 again, and is followed', async () => {
    const { b } = await connectPair();
    const sdp = b.pcs[0]?.remoteDescription?.sdp.replace(/a=ice-ufrag:\S+/, 'a=ice-ufrag:NEWW');
    expect(take(b, reloaded('offer', 1, sdp))).toBe('remote.rejoin');
    await pass(10);
    expect([b.links.current?.number, openOf(b)]).toEqual([1, [b.pcs[1]]]);
    expect(b.links.peer.addressee).toBe('another page');
  });

  it('keeps a candidate that has overtaken its offer', async () => {
    const { b } = await connectPair();
    const sdp = b.pcs[0]?.remoteDescription?.sdp.replace(/a=ice-ufrag:\S+/, 'a=ice-ufrag:NEWW');
    const candidate = 'candidate:1 1 udp 1 192.0.2.1 9 typ host';
    take(b, read('ice-candidate', 'x', { candidate, sdpMid: '0', usernameFragment: 'NEWW' }));
    take(b, reloaded('offer', 1, sdp));
    const added = b.pcs[1] && vi.spyOn(b.pcs[1], 'addIceCandidate');
    await pass(10);
    expect(added?.mock.calls).toEqual([[expect.objectContaining({ candidate })]]);
  });

  it('is recognized by a new fingerprint even under the former session and number', async () => {
    const { b } = await connectPair();
    const sdp = b.pcs[0]?.remoteDescription?.sdp ?? '';
    const offer = (fingerprinted: string) =>
      read('offer', 'a', {
        ...{ type: 'offer', sdp: fingerprinted.replace(/a=ice-ufrag:\S+/, 'a=ice-ufrag:NEWW') },
        holdfast: {
          version: 1,
          session: 'of the offerer',
          connection: 1,
          birth: 2,
          capabilities: ['heartbeat'],
        },
      });
    const same = offer(sdp);
    expect(same.type === 'offer' && b.links.peer.classify(same)).toBe('remote.restart');
    expect(take(b, offer(sdp.replace(/sha-256 ../, 'sha-256 00')))).toBe('remote.rejoin');
    await pass(10);
    expect([b.links.current?.number, openOf(b)]).toEqual([1, [b.pcs[1]]]);
  });

  it('of upstream is recognized by a new fingerprint', async () => {
    const { b } = await connectPair({ isUpstream: true });
    const sdp = b.pcs[0]?.remoteDescription?.sdp ?? '';
    const offer = (fingerprinted: string) => {
      const signal = read('offer', 'a', { type: 'offer', sdp: fingerprinted });
      return signal.type === 'offer' && b.links.peer.classify(signal);
    };
    expect(offer(sdp)).toBe('remote.restart');
    expect(offer(sdp.replace(/sha-256 ../, 'sha-256 00'))).toBe('remote.rejoin');
  });
});

describe('a goodbye', () => {
  const says = ({ links }: LinksEnd, session: string, to?: string) => {
    const signal = read('bye', 'a', {
      holdfast: { version: 1, session, connection: 1, capabilities: [], ...(to && { to }) },
    });
    return signal.type === 'bye' && links.peer.isByeForUs(signal, false);
  };

  it('ends the link that it addresses, or any if it addresses none, but not one of a former page', async () => {
    const { b } = await connectPair();
    const isHeeded = (to?: string) => says(b, 'of the offerer', to);
    expect([isHeeded('of the answerer'), isHeeded(), isHeeded('of a page before')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is accepted from the page that offers now, not from the former, even while its offer waits for ICE servers', async () => {
    const { b } = await connectPair();
    b.servers = () => new Promise(() => {});
    const sdp = b.pcs[0]?.remoteDescription?.sdp;
    const holdfast = { version: 1, session: 'another page', connection: 1, capabilities: ['heartbeat'] };
    take(b, read('offer', 'a', { type: 'offer', sdp, holdfast }));
    const isHeeded = (session: string) => says(b, session, 'of the answerer');
    expect([isHeeded('of the offerer'), isHeeded('another page')]).toEqual([false, true]);
  });
});

describe('a session of this page that has ended', () => {
  it('is remembered for signals still under way to it, among the last 32 that ended', () => {
    const now = () => 0;
    const end = (session: string) => new PeerSession(new Race(now), { role: 'offerer', session, now }).end();
    const isRefused = (to: string) => {
      const signal = read('hello', 'a', {
        holdfast: { version: 1, session: 'of the offerer', connection: 1, capabilities: [], to },
      });
      return signal.type === 'hello' && isForEndedSession(signal);
    };
    const sessions = Array.from({ length: 33 }, (_, number) => `page ${number}`);
    for (const session of sessions) end(session);
    expect(sessions.filter((session) => !isRefused(session))).toEqual(['page 0']);
  });
});

describe('an answer to our restart', () => {
  it('from the same page to another of our offers does not count as a reload', async () => {
    const pair = await connectPair();
    const { a, b } = pair;
    pair.world.network.cut();
    b.links.startAttempt('rebuild');
    await pass(100);
    pair.lose = loseAll;
    a.links.startAttempt('ice-restart');
    await pass(100);
    expect(a.links.current?.hasPendingOffer).toBe(true);
    const isAfterReload = (connection: number, session = 'of the answerer') => {
      const answer = read('answer', 'b', {
        type: 'answer',
        sdp: a.links.current?.pc.localDescription?.sdp,
        holdfast: { version: 1, session, connection, capabilities: ['heartbeat'] },
      });
      return answer.type === 'answer' && a.links.peer.isRejoinAnswer(answer);
    };
    expect([isAfterReload(1), isAfterReload(2), isAfterReload(2, 'another page')]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
