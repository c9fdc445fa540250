import { beforeEach, describe, expect, it } from 'vitest';
import { FakeNegotiation } from '../../src/testing/fake-negotiation';
import { readSdp, writeCandidate } from '../../src/testing/fake-sdp';
import { PROFILES } from '../../src/testing/profiles';
import { seededRandom } from '../../src/testing/random';

/** One end, and what it reports; its generations are named in the order in which they appear. */
function createEnd(seed: number) {
  const told: string[] = [];
  const negotiation: FakeNegotiation = new FakeNegotiation(PROFILES.chromium, seededRandom(seed), {
    stateChanged: () => told.push(negotiation.state),
    offered: ({ ufrag }) => told.push(`offered ${nameOf(ufrag)}`),
    answered: ({ ufrag }) => told.push(`answered ${nameOf(ufrag)}`),
    agreed: (local, remote) => told.push(`agreed ${nameOf(local.ufrag)} ${nameOf(remote.ufrag)}`),
    candidate: (ufrag, candidate) => told.push(`candidate of ${nameOf(ufrag)}: ${candidate}`),
  });
  return { negotiation, told, take: () => told.splice(0) };
}

type End = ReturnType<typeof createEnd>;
let names: string[];
let a: End;
let b: End;

beforeEach(() => {
  names = [];
  [a, b] = [createEnd(1), createEnd(2)];
});

/** `g1` for the first generation seen in a test, and so on. */
const nameOf = (ufrag: string) => {
  if (!names.includes(ufrag)) names.push(ufrag);
  return `g${names.indexOf(ufrag) + 1}`;
};
const nameIn = (sdp = '') => nameOf(readSdp(sdp)?.ufrag ?? '');
const localOf = ({ negotiation }: End) => {
  const { local } = negotiation;
  if (!local) throw new Error('no description');
  return local;
};
const show = (description: { type: string; sdp: string } | null) =>
  description && `${description.type} ${nameIn(description.sdp)}`;
const shown = ({ negotiation }: End) => [
  negotiation.state,
  show(negotiation.local),
  show(negotiation.remote),
];
const versionOf = (sdp = '') => Number(/^o=\S+ \d+ (\d+)/m.exec(sdp)?.[1]);

function offerTo(from: End, to: End) {
  from.negotiation.setLocal();
  to.negotiation.setRemote(localOf(from));
}
function answerTo(from: End, to: End) {
  from.negotiation.setLocal();
  to.negotiation.setRemote(localOf(from));
}
function agree(from: End = a, to: End = b) {
  offerTo(from, to);
  answerTo(to, from);
  for (const end of [a, b]) end.take();
}

const invalid = (message: string) => expect.objectContaining({ name: 'InvalidStateError', message });
const CANDIDATE = 'candidate:1 1 udp 1 192.0.2.1 50000 typ host';

describe('a first fake negotiation', () => {
  it('goes through its states, and reports each generation once', () => {
    expect(shown(a)).toEqual(['stable', null, null]);
    a.negotiation.setLocal();
    expect([a.take(), shown(a)]).toEqual([
      ['have-local-offer', 'offered g1'],
      ['have-local-offer', 'offer g1', null],
    ]);
    b.negotiation.setRemote(localOf(a));
    expect([b.take(), shown(b), b.negotiation.isAgreed]).toEqual([
      ['have-remote-offer'],
      ['have-remote-offer', null, 'offer g1'],
      false,
    ]);
    b.negotiation.setLocal();
    expect([b.take(), shown(b), b.negotiation.isAgreed]).toEqual([
      ['stable', 'agreed g2 g1', 'answered g2'],
      ['stable', 'answer g2', 'offer g1'],
      true,
    ]);
    expect(a.negotiation.isAgreed).toBe(false);
    a.negotiation.setRemote(localOf(b));
    expect([a.take(), shown(a), a.negotiation.isAgreed]).toEqual([
      ['stable', 'agreed g1 g2'],
      ['stable', 'offer g1', 'answer g2'],
      true,
    ]);
  });

  it('uses the generation that createOffer() and createAnswer() named', () => {
    const offer = a.negotiation.createOffer();
    a.negotiation.setLocal(offer);
    expect([offer.type, localOf(a).sdp.replace(/^o=.*$/m, '')]).toEqual([
      'offer',
      offer.sdp.replace(/^o=.*$/m, ''),
    ]);
    b.negotiation.setRemote(offer);
    const answer = b.negotiation.createAnswer();
    b.negotiation.setLocal(answer);
    expect([answer.type, nameIn(localOf(b).sdp)]).toEqual(['answer', nameIn(answer.sdp)]);
  });

  it('counts the versions of its descriptions', () => {
    const versions = [versionOf(a.negotiation.createOffer().sdp)];
    agree();
    versions.push(versionOf(localOf(a).sdp), versionOf(localOf(b).sdp));
    agree();
    expect([...versions, versionOf(localOf(a).sdp)]).toEqual([1, 2, 2, 3]);
  });
});

describe('a further fake negotiation', () => {
  it('keeps both generations, and reports only its states', () => {
    agree();
    const before = [shown(a), shown(b)];
    offerTo(a, b);
    answerTo(b, a);
    expect([a.take(), b.take()]).toEqual([
      ['have-local-offer', 'stable'],
      ['have-remote-offer', 'stable'],
    ]);
    expect([shown(a), shown(b)]).toEqual(before);
  });

  it.each([
    ['restartIce()', () => a.negotiation.requestRestart()],
    ['the option iceRestart', () => void a.negotiation.createOffer({ iceRestart: true })],
  ])('creates a new generation at both ends for %s, once', (_, want) => {
    agree();
    want();
    offerTo(a, b);
    expect(a.take()).toEqual(['have-local-offer', 'offered g3']);
    answerTo(b, a);
    expect([a.take(), b.take()]).toEqual([
      ['stable', 'agreed g3 g4'],
      ['have-remote-offer', 'stable', 'agreed g4 g3', 'answered g4'],
    ]);
    const before = shown(a);
    agree();
    expect(shown(a)).toEqual(before);
  });

  it('may be started by the other end', () => {
    agree();
    agree(b, a);
    expect([shown(a), shown(b)]).toEqual([
      ['stable', 'answer g1', 'offer g2'],
      ['stable', 'offer g2', 'answer g1'],
    ]);
  });

  it('may repeat its offer before it is answered', () => {
    a.negotiation.setLocal();
    a.negotiation.setLocal();
    expect([a.take(), shown(a)]).toEqual([
      ['have-local-offer', 'offered g1'],
      ['have-local-offer', 'offer g1', null],
    ]);
  });
});

describe('a rollback of a fake negotiation', () => {
  it('of its own first offer leaves nothing, and requires no restart', () => {
    a.negotiation.setLocal();
    a.negotiation.setLocal({ type: 'rollback' });
    expect([a.take(), shown(a)]).toEqual([
      ['have-local-offer', 'offered g1', 'stable'],
      ['stable', null, null],
    ]);
    agree(b, a);
    a.negotiation.setLocal();
    expect(shown(a)[1]).toBe('offer g3');
    expect(a.take()).toEqual(['have-local-offer']);
  });

  it('of a restart still requires it', () => {
    agree();
    a.negotiation.requestRestart();
    a.negotiation.setLocal();
    a.negotiation.setLocal({ type: 'rollback' });
    expect(shown(a)).toEqual(['stable', 'offer g1', 'answer g2']);
    a.negotiation.setLocal();
    expect(shown(a)).toEqual(['have-local-offer', 'offer g4', 'answer g2']);
  });

  it('of an offer without a restart requires none', () => {
    agree();
    a.negotiation.setLocal();
    a.negotiation.setLocal({ type: 'rollback' });
    a.negotiation.setLocal();
    expect(shown(a)[1]).toBe('offer g1');
  });

  it('of an offer of the other end leaves what was agreed', () => {
    agree();
    b.negotiation.requestRestart();
    b.negotiation.setLocal();
    a.negotiation.setRemote(localOf(b));
    expect(shown(a)).toEqual(['have-remote-offer', 'offer g1', 'offer g3']);
    a.negotiation.setRemote({ type: 'rollback' });
    expect(shown(a)).toEqual(['stable', 'offer g1', 'answer g2']);
  });

  it('is implied when both ends offer: the end that accepts the other’s offer yields', () => {
    agree();
    for (const { negotiation } of [a, b]) {
      negotiation.requestRestart();
      negotiation.setLocal();
    }
    for (const end of [a, b]) end.take();
    a.negotiation.setRemote(localOf(b));
    expect(a.take()).toEqual(['stable', 'have-remote-offer']);
    answerTo(a, b);
    expect([shown(a), shown(b)]).toEqual([
      ['stable', 'answer g5', 'offer g4'],
      ['stable', 'offer g4', 'answer g5'],
    ]);
    expect(b.take()).toEqual(['stable', 'agreed g4 g5']);
  });

  it.each([
    ['offer of its own', () => a.negotiation.setLocal({ type: 'rollback' })],
    ['offer of the other end', () => a.negotiation.setRemote({ type: 'rollback' })],
  ])('is refused when there is no %s', (_, rollBack) => {
    expect(rollBack).toThrow(invalid('nothing to roll back in stable'));
  });
});

describe('a fake negotiation refuses', () => {
  it('an answer without an offer, and a provisional answer', () => {
    expect(() => a.negotiation.createAnswer()).toThrow(invalid('no answer in stable'));
    agree();
    const { sdp } = localOf(b);
    expect(() => a.negotiation.setRemote({ type: 'answer', sdp })).toThrow(invalid('no answer now'));
    a.negotiation.setLocal();
    expect(() => a.negotiation.setRemote({ type: 'pranswer', sdp })).toThrow(invalid('no pranswer now'));
  });

  it('a description out of turn: an answer without an offer, an offer instead of an answer', () => {
    expect(() => a.negotiation.setLocal({ type: 'answer' })).toThrow(invalid('no answer in stable'));
    offerTo(a, b);
    const outOfTurn = invalid('no offer in have-remote-offer');
    expect(() => b.negotiation.setLocal({ type: 'offer' })).toThrow(outOfTurn);
    expect(() => b.negotiation.createOffer()).toThrow(outOfTurn);
    expect([b.take(), shown(b)]).toEqual([['have-remote-offer'], ['have-remote-offer', null, 'offer g1']]);
  });

  it.each([{ type: 'offer' as const, sdp: 'nonsense' }, { type: 'offer' as const }])('%o', (description) => {
    expect(() => a.negotiation.setRemote(description)).toThrow(
      expect.objectContaining({ name: 'OperationError', message: 'unreadable description' }),
    );
  });

  it('a candidate before any description', () => {
    expect(() => a.negotiation.addCandidate({ candidate: CANDIDATE })).toThrow(
      invalid('no remote description'),
    );
  });

  it.each([
    ['of no generation', { candidate: CANDIDATE, usernameFragment: 'none' }],
    ['that is malformed', { candidate: `a=${CANDIDATE}` }],
  ])('a candidate %s', (_, candidate) => {
    offerTo(a, b);
    expect(() => b.negotiation.addCandidate(candidate)).toThrow(
      expect.objectContaining({
        name: 'OperationError',
        message: 'unreadable candidate, or unknown ufrag',
      }),
    );
  });
});

describe('a candidate of the other end', () => {
  it('is reported with its generation, and shown in its description', () => {
    offerTo(a, b);
    b.take();
    b.negotiation.addCandidate({ candidate: CANDIDATE });
    expect(b.take()).toEqual([`candidate of g1: ${CANDIDATE}`]);
    expect(readSdp(b.negotiation.remote?.sdp ?? '')?.candidates).toEqual([CANDIDATE]);
  });

  it('belongs to the generation that it names, or else to the newest', () => {
    agree();
    a.negotiation.requestRestart();
    offerTo(a, b);
    b.take();
    b.negotiation.addCandidate({ candidate: CANDIDATE, usernameFragment: names[0] ?? null });
    b.negotiation.addCandidate({ candidate: CANDIDATE, usernameFragment: null });
    expect(b.take()).toEqual([`candidate of g1: ${CANDIDATE}`, `candidate of g3: ${CANDIDATE}`]);
  });

  it.each([undefined, null, {}, { candidate: '' }])('may mark their end: %o', (candidate) => {
    offerTo(a, b);
    b.take();
    b.negotiation.addCandidate(candidate);
    expect(b.take()).toEqual([]);
  });

  it('is reported when it comes in an answer of a known generation', () => {
    agree();
    offerTo(a, b);
    b.negotiation.setLocal();
    const { type, sdp } = localOf(b);
    a.take();
    a.negotiation.setRemote({ type, sdp: sdp.replace('a=ice-ufrag', `a=${CANDIDATE}\r\na=ice-ufrag`) });
    expect(a.take()).toEqual(['stable', `candidate of g2: ${CANDIDATE}`]);
  });
});

describe('gathered candidates', () => {
  it('are used by the generations that are offered or agreed, until the end', () => {
    const seen: string[] = [];
    const generations: Parameters<FakeNegotiation['uses']>[0][] = [];
    const negotiation: FakeNegotiation = new FakeNegotiation(PROFILES.chromium, seededRandom(1), {
      stateChanged: () => undefined,
      offered: (local) => void generations.push(local),
      answered: () => undefined,
      agreed: () => undefined,
      candidate: () => undefined,
    });
    const look = () => seen.push(generations.map((each) => (negotiation.uses(each) ? 'used' : 'not')).join());
    negotiation.setLocal();
    look();
    b.negotiation.setRemote({ type: 'offer', sdp: negotiation.local?.sdp ?? '' });
    b.negotiation.setLocal();
    negotiation.setRemote(localOf(b));
    look();
    negotiation.createOffer({ iceRestart: true });
    negotiation.setLocal();
    look();
    negotiation.setLocal({ type: 'rollback' });
    look();
    negotiation.state = 'closed';
    look();
    expect(seen).toEqual(['used', 'used', 'used,used', 'used,not', 'not,not']);
  });

  it('are shown, and forgotten with the address', () => {
    const generations: Parameters<FakeNegotiation['uses']>[0][] = [];
    const negotiation: FakeNegotiation = new FakeNegotiation(PROFILES.chromium, seededRandom(1), {
      stateChanged: () => undefined,
      offered: (local) => {
        local.kinds.add('direct');
        local.candidates.push(writeCandidate('direct', 0, 50_000, local.ufrag));
        generations.push(local);
      },
      answered: () => undefined,
      agreed: () => undefined,
      candidate: () => undefined,
    });
    negotiation.forgetGathered();
    negotiation.setLocal();
    expect(readSdp(negotiation.local?.sdp ?? '')?.candidates).toHaveLength(1);
    negotiation.forgetGathered();
    expect(readSdp(negotiation.local?.sdp ?? '')?.candidates).toEqual([]);
    expect(generations.map(({ kinds, candidates }) => kinds.size + candidates.length)).toEqual([0]);
  });
});
