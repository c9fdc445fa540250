import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSignal, type SignalContext, SignalError, type SignalRefusal } from '../../src/signaling/wire';

const audience: SignalContext = { gameId: 'duel', me: 1, target: 2 };

const SDP = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'a=ice-ufrag:Zx9+',
  'a=ice-pwd:secret-secret-secret-22',
  'a=fingerprint:sha-256 AA:BB:CC',
  '',
].join('\r\n');

const member = { version: 1, session: 's1', connection: 1, capabilities: ['heartbeat'] };

const signal = (over: Record<string, unknown> = {}) => ({
  type: 'offer',
  from_player_id: 2,
  game_id: 'duel',
  payload: { type: 'offer', sdp: SDP, holdfast: member },
  ...over,
});
const offer = (payload: Record<string, unknown>) =>
  signal({ payload: { type: 'offer', sdp: SDP, ...payload } });
const candidate = (payload: Record<string, unknown> = {}) =>
  signal({
    type: 'ice-candidate',
    payload: {
      candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host ufrag Zx9+',
      sdpMid: '0',
      sdpMLineIndex: 0,
      ...payload,
    },
  });

function refusalOf(raw: unknown, to: SignalContext = audience): SignalError {
  try {
    parseSignal(raw, to);
  } catch (error) {
    if (error instanceof SignalError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('a description', () => {
  it('is parsed with its generation, its certificate and the capabilities of its sender', () => {
    expect(parseSignal(signal(), audience)).toEqual({
      type: 'offer',
      from: 2,
      sdp: SDP,
      ufrag: 'Zx9+',
      fingerprint: 'sha-256 AA:BB:CC',
      member,
    });
  });

  it('of an upstream peer has no member', () => {
    expect(parseSignal(offer({ holdfast: undefined }), audience)).toMatchObject({ member: null });
  });

  it.each([
    ['a version of the future', { ...member, version: 2 }],
    ['no session', { ...member, session: undefined }],
    ['a session too long', { ...member, session: 's'.repeat(257) }],
    ['connection 0', { ...member, connection: 0 }],
    ['half a connection', { ...member, connection: 1.5 }],
    ['capabilities that are not a list', { ...member, capabilities: 'heartbeat' }],
    ['a capability that is not a string among others', { ...member, capabilities: ['heartbeat', 7] }],
    ['too many capabilities', { ...member, capabilities: Array(17).fill('x') }],
    ['text instead of a member', 'holdfast'],
  ])('with %s counts as one from an upstream peer', (_name, holdfast) => {
    expect(parseSignal(offer({ holdfast }), audience)).toMatchObject({ member: null });
  });

  it.each([
    ['direct', { path: 'direct' }],
    ['relay', {}],
    [7, {}],
  ])('accepts only `direct` as the requested path (%j)', (path, expected) => {
    expect(parseSignal(offer({ holdfast: { ...member, path } }), audience)).toHaveProperty('member', {
      ...member,
      ...expected,
    });
  });

  it.each([
    [3, 3],
    [0, undefined],
    [-1, undefined],
    [1.5, undefined],
    ['3', undefined],
    [null, undefined],
  ])('reads %j as the birth %j', (birth, taken) => {
    expect(parseSignal(offer({ holdfast: { ...member, birth } }), audience)).toHaveProperty('member', {
      ...member,
      ...(taken && { birth: taken }),
    });
  });

  it.each([
    ['s2', 's2'],
    ['s'.repeat(257), undefined],
    [7, undefined],
    [null, undefined],
  ])('reads %j as the addressee %j', (to, taken) => {
    expect(parseSignal(offer({ holdfast: { ...member, to } }), audience)).toHaveProperty('member', {
      ...member,
      ...(taken && { to: taken }),
    });
  });

  it('keeps the ufrag that an answer answers', () => {
    const answer = signal({
      type: 'answer',
      payload: { type: 'answer', sdp: SDP, holdfast: { ...member, answers: 'u' } },
    });
    expect(parseSignal(answer, audience)).toMatchObject({ type: 'answer', member: { answers: 'u' } });
  });
});

describe('a candidate', () => {
  it('belongs to the generation that it names', () => {
    expect(parseSignal(candidate({ usernameFragment: 'u1' }), audience)).toMatchObject({ ufrag: 'u1' });
    expect(parseSignal(candidate(), audience)).toMatchObject({
      ufrag: 'Zx9+',
      init: { usernameFragment: 'Zx9+' },
    });
  });

  it('may name only its line', () => {
    expect(parseSignal(candidate({ sdpMid: null, sdpMLineIndex: 3 }), audience)).toMatchObject({
      init: { sdpMid: null, sdpMLineIndex: 3 },
    });
  });

  it('may name neither a generation nor a line', () => {
    const bare = candidate({ candidate: 'candidate:1', sdpMid: undefined, sdpMLineIndex: undefined });
    expect(parseSignal(bare, audience)).toEqual({
      type: 'ice-candidate',
      from: 2,
      init: { candidate: 'candidate:1', sdpMid: null, sdpMLineIndex: null, usernameFragment: null },
      ufrag: null,
    });
  });
});

describe('a greeting', () => {
  it.each(['hello', 'bye'] as const)('%s is parsed with its member', (type) => {
    expect(parseSignal(signal({ type, payload: { holdfast: member } }), audience)).toEqual({
      type,
      from: 2,
      member,
    });
  });
});

describe('the sender', () => {
  it.each([2, '2'])('may be written as %j', (from_player_id) => {
    expect(parseSignal(signal({ from_player_id }), audience)).toMatchObject({ from: from_player_id });
  });

  it('may be any other player while there is no target', () => {
    expect(parseSignal(signal({ from_player_id: 3 }), { ...audience, target: null })).toMatchObject({
      from: 3,
    });
  });

  it.each([
    [7, '7'],
    ['7', 7],
  ])('may write the game %j as %j', (gameId, game_id) => {
    expect(parseSignal(signal({ game_id }), { ...audience, gameId })).toMatchObject({ from: 2 });
  });

  it('may omit the game, as upstream probes do', () => {
    expect(parseSignal(signal({ game_id: undefined }), audience)).toMatchObject({ type: 'offer' });
  });
});

const REFUSED: [SignalRefusal, string, unknown][] = [
  ['malformed', 'nothing', undefined],
  ['malformed', 'null', null],
  ['malformed', 'a string', 'offer'],
  ['malformed', 'no type', signal({ type: undefined })],
  ['malformed', 'a type that is not a string', signal({ type: 7 })],
  ['unknown-type', 'an unknown type', signal({ type: 'renegotiate' })],
  ['unknown-type', 'a type that every object has as a member', signal({ type: 'constructor' })],
  ['malformed', 'no sender', signal({ from_player_id: undefined })],
  ['malformed', 'an empty sender', signal({ from_player_id: '' })],
  ['malformed', 'a sender that is an object', signal({ from_player_id: { toString: () => '2' } })],
  ['other-game', 'another game', signal({ game_id: 'chess' })],
  ['other-game', 'null as game', signal({ game_id: null })],
  ['own', 'ourselves', signal({ from_player_id: 1 })],
  ['own', 'ourselves as text', signal({ from_player_id: '1' })],
  ['other-player', 'another player', signal({ from_player_id: 3 })],
  ['malformed', 'no payload', signal({ payload: undefined })],
  ['malformed', 'a payload of text', signal({ payload: SDP })],
  ['malformed', 'no SDP', offer({ sdp: undefined })],
  ['malformed', 'an SDP in a list', offer({ sdp: [SDP] })],
  ['malformed', 'an SDP of bytes', offer({ sdp: new Uint8Array(8) })],
  ['malformed', 'text that is not an SDP', offer({ sdp: 'hello' })],
  ['malformed', 'an SDP without a data channel', offer({ sdp: SDP.replace('m=application', 'm=audio') })],
  ['malformed', 'an SDP without ufrag', offer({ sdp: SDP.replace('ice-ufrag', 'x') })],
  ['malformed', 'an SDP without fingerprint', offer({ sdp: SDP.replace('fingerprint', 'x') })],
  ['malformed', 'an answer in an offer', offer({ type: 'answer' })],
  ['too-large', 'an SDP of 1 MB', offer({ sdp: `${SDP}${'a=x\r\n'.repeat(200_000)}` })],
  ['malformed', 'a candidate in a list', candidate({ candidate: ['candidate:1'] })],
  ['malformed', 'no candidate', candidate({ candidate: undefined })],
  ['malformed', 'a line before the first', candidate({ sdpMLineIndex: -1 })],
  ['malformed', 'a mid that is a number', candidate({ sdpMid: 0 })],
  ['malformed', 'a mid too long', candidate({ sdpMid: 'm'.repeat(257) })],
  ['malformed', 'a ufrag that is an object', candidate({ usernameFragment: {} })],
  ['too-large', 'a candidate too long', candidate({ candidate: 'c'.repeat(2_049) })],
  ['malformed', 'a bye without member', signal({ type: 'bye', payload: {} })],
  [
    'malformed',
    'a hello of a future version',
    signal({ type: 'hello', payload: { holdfast: { ...member, version: 2 } } }),
  ],
];

describe('a refused signal', () => {
  it.each(REFUSED)('is refused as %s: %s', (reason, _name, raw) => {
    expect(refusalOf(raw).reason).toBe(reason);
  });

  const junk = fc.oneof(fc.anything(), fc.string({ maxLength: 300 }), fc.constant(SDP), fc.constant(member));
  const nearly = fc.record(
    {
      type: fc.oneof(fc.constantFrom('offer', 'answer', 'ice-candidate', 'bye', 'hello'), fc.anything()),
      from_player_id: fc.oneof(fc.constantFrom(1, 2, '2'), fc.anything()),
      game_id: fc.oneof(fc.constant('duel'), fc.anything()),
      payload: fc.oneof(
        fc.record(
          {
            type: fc.constantFrom('offer', 'answer'),
            sdp: junk,
            holdfast: fc.oneof(fc.constant(member), junk),
          },
          { requiredKeys: [] },
        ),
        fc.record(
          { candidate: junk, sdpMid: junk, sdpMLineIndex: junk, usernameFragment: junk },
          { requiredKeys: [] },
        ),
        fc.anything(),
      ),
    },
    { requiredKeys: [] },
  );

  it('throws only a typed error, whatever it is', () => {
    fc.assert(
      fc.property(nearly, (raw) => {
        try {
          expect(parseSignal(raw, audience)).toMatchObject({ from: expect.anything() });
        } catch (error) {
          expect(error).toBeInstanceOf(SignalError);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is reported without any of its content', () => {
    const marked = fc.string({ minLength: 3, maxLength: 20 }).map((text) => `§${text}§`);
    const hostile = fc.record({
      type: fc.oneof(fc.constantFrom('offer', 'answer', 'ice-candidate', 'bye'), marked),
      from_player_id: fc.oneof(fc.constant(2), marked),
      game_id: fc.oneof(fc.constant('duel'), marked),
      payload: fc.record({
        type: marked,
        sdp: marked,
        candidate: fc.oneof(marked, fc.nat()),
        sdpMid: fc.nat(),
        holdfast: marked,
      }),
    });
    fc.assert(
      fc.property(hostile, (raw) => {
        const { message, signalType, cause } = refusalOf(raw);
        expect(message + signalType + String(cause)).not.toContain('§');
      }),
      { numRuns: 1_000 },
    );
  });

  it('says what was refused and why', () => {
    expect(refusalOf(signal({ from_player_id: 3 })).message).toBe('offer signal refused: other-player');
  });
});
