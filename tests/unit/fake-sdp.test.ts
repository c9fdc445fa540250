import { describe, expect, it } from 'vitest';
import {
  kindOfCandidate,
  newGeneration,
  randomFingerprint,
  readSdp,
  showSdp,
  writeCandidate,
  writeSdp,
} from '../../src/testing/fake-sdp';
import { PROFILES } from '../../src/testing/profiles';

const HOST = 'candidate:1 1 udp 2122260223 192.0.2.1 50001 typ host generation 0 ufrag AbCd network-id 1';
const RELAY =
  'candidate:92 1 udp 41885439 198.51.100.1 50002 typ relay raddr 192.0.2.2 rport 50002 generation 0 ufrag AbCd network-id 1';

const write = (type: 'offer' | 'answer', candidates = [writeCandidate('direct', 0, 50_001, 'AbCd')]) =>
  writeSdp({
    type,
    version: 3,
    ufrag: 'AbCd',
    password: 'secret',
    fingerprint: 'AA:BB',
    candidates,
    profile: PROFILES.chromium,
  });

const LINES = [
  'v=0',
  'o=- 4611731400430051336 3 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
  'c=IN IP4 0.0.0.0',
  `a=${HOST}`,
  'a=ice-ufrag:AbCd',
  'a=ice-pwd:secret',
  'a=ice-options:trickle',
  'a=fingerprint:sha-256 AA:BB',
  'a=setup:actpass',
  'a=mid:0',
  'a=sctp-port:5000',
  'a=max-message-size:262144',
  '',
];

describe('a candidate of a fake page', () => {
  it.each([
    { kind: 'direct', page: 0, port: 50_001, candidate: HOST },
    { kind: 'relay', page: 1, port: 50_002, candidate: RELAY },
  ] as const)(
    'of the kind $kind is written like a browser’s, and is read back',
    ({ kind, page, port, candidate }) => {
      expect(writeCandidate(kind, page, port, 'AbCd')).toEqual({
        candidate,
        sdpMid: '0',
        sdpMLineIndex: 0,
        usernameFragment: 'AbCd',
      });
      expect(kindOfCandidate(candidate)).toBe(kind);
    },
  );
});

describe('a fake generation', () => {
  it('is named by letters and digits, from the random source', () => {
    expect(newGeneration(() => 0)).toEqual({
      ufrag: 'AAAA',
      password: 'A'.repeat(24),
      kinds: new Set(),
      candidates: [],
    });
    expect(newGeneration(() => 0.999).ufrag).toBe('9999');
  });

  it('has a fingerprint of 32 bytes', () => {
    const dice = [0.999, 0.04];
    let rolls = 0;
    expect(randomFingerprint(() => dice[rolls++ % 2] ?? 0)).toBe(Array(16).fill('FF:0A').join(':'));
  });
});

describe('a fake description', () => {
  it('is written like a browser’s, with the candidates so far', () => {
    expect(write('offer').split('\r\n')).toEqual(LINES);
  });

  it('of an answer takes the active role', () => {
    expect(
      write('answer')
        .split('\r\n')
        .filter((line) => line.startsWith('a=setup')),
    ).toEqual(['a=setup:active']);
  });

  it('is parsed into its ufrag, fingerprint, candidates and the rest', () => {
    expect(readSdp(write('offer'))).toEqual({
      ufrag: 'AbCd',
      fingerprint: 'AA:BB',
      candidates: [HOST],
      body: write('offer', []),
    });
  });

  it('is parsed with bare line feeds as well', () => {
    const parsed = readSdp(write('offer').replaceAll('\r\n', '\n'));
    expect(parsed?.candidates).toEqual([HOST]);
    expect(parsed?.body).toBe(write('offer', []).replaceAll('\r\n', '\n'));
  });

  it('is shown with every later candidate, at the place where browsers show them', () => {
    const parsed = readSdp(write('offer'));
    if (!parsed) throw new Error('unreadable');
    parsed.candidates.push(RELAY);
    const lines = [...LINES];
    lines.splice(8, 0, `a=${RELAY}`);
    expect(showSdp(parsed).split('\r\n')).toEqual(lines);
  });

  it('recognizes a line only by its very beginning', () => {
    const decoys = ['b=a=ice-ufrag:no', 'b=a=fingerprint:sha-256 no', `b=a=${RELAY}`];
    const sdp = write('offer').replace('t=0 0', ['t=0 0', ...decoys].join('\r\n'));
    const parsed = readSdp(sdp);
    expect(parsed).toEqual({
      ufrag: 'AbCd',
      fingerprint: 'AA:BB',
      candidates: [HOST],
      body: sdp.replace(`a=${HOST}\r\n`, ''),
    });
    expect(parsed && showSdp(parsed)).toBe(sdp);
  });

  it.each([
    { what: 'starts with something else', spoil: (sdp: string) => `\r\n${sdp}` },
    { what: 'names no generation', spoil: (sdp: string) => sdp.replace('a=ice-ufrag:AbCd\r\n', '') },
    {
      what: 'has no fingerprint',
      spoil: (sdp: string) => sdp.replace('a=fingerprint:sha-256 AA:BB\r\n', ''),
    },
    { what: 'has no section for data', spoil: (sdp: string) => sdp.replace('m=application ', 'm=audio ') },
    { what: 'has that section within a line', spoil: (sdp: string) => sdp.replace('m=app', 'b=m=app') },
  ])('is refused when it $what', ({ spoil }) => {
    expect(readSdp(spoil(write('offer')))).toBeNull();
  });
});
