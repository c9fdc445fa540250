import { describe, expect, it } from 'vitest';
import { createScrubber } from '../../src/inspect/scrub';

const scrub = (text: string) => createScrubber().text(text);
const R = '[redacted]';
const FINGERPRINT = 'D2:FA:0E:C3:22:59:5E:14:95:69:92:3D';

describe('a text that holds a part of a description', () => {
  it.each([
    'v=0',
    'a=ice-ufrag:F7gI',
    'candidate:1 1 udp 2122260223',
    'offer: v=0',
    'lines\na=mid:0',
    'lines\r\nm=audio',
    '"c=IN IP4"',
    "'candidate:1'",
  ])('is replaced as a whole: %j', (text) => {
    expect(scrub(text)).toBe(R);
  });

  it.each(['av=0', 'mycandidate:1', 'A=1', 'a= 1', 'a =1', 'the candidate'])('excludes %j', (text) => {
    expect(scrub(text)).toBe(text);
  });
});

describe('a secret that is recognized by its form', () => {
  it.each([
    ['a TURN server', 'by turn:a.example:3478 now', `by ${R} now`],
    ['a TURN server over TLS', 'by TURNS:a now', `by ${R} now`],
    ['a STUN server', 'by stun:a now', `by ${R} now`],
    ['a STUN server over TLS', 'by stuns:a now', `by ${R} now`],
    ['a short-lived TURN username', 'is 123456789:bob now', `is ${R} now`],
    ['a later short-lived TURN username', 'is 12345678901:bob now', `is ${R} now`],
    ['a ufrag', 'has ufrag F7gI now', `has ${R} now`],
    ['an ICE ufrag', 'has ice-ufrag:F7gI now', `has ${R} now`],
    ['an ICE password', 'has ICE-PWD = x9c now', `has ${R} now`],
    ['a fragment in JSON', '{"usernameFragment": "F7gI" }', `{"${R} }`],
    ['a username', 'with username=bob now', `with ${R} now`],
    ['a username in two words', 'with User name: bob now', `with ${R} now`],
    ['a credential', 'with credential bob now', `with ${R} now`],
    ['credentials', 'with credentials  =  bob now', `with ${R} now`],
    ['a password', 'with password:bob now', `with ${R} now`],
    ['a password by its short name', 'with passwd bob now', `with ${R} now`],
    ['a secret', "with 'secret' : 'bob' now", `with '${R} now`],
    ['a token in JSON', 'with "token":"bob" now', `with "${R} now`],
    ['a token with a longer name', 'with resume_token=bob now', `with resume_${R} now`],
    ['a credential with a longer name', '{"turn_credential":"bob"}', `{"turn_${R}}`],
    ['a quoted phrase', `with password: "bob's dog" now`, `with ${R} now`],
    ['a quoted phrase that was cut off', 'with password: "bob is', `with ${R}`],
    ['a phrase in single quotes', "with secret 'of bob' now", `with ${R} now`],
    ['a bearer', 'with bearer bob now', `with ${R} now`],
    ['a header', 'with Authorization: Bearer bob now', `with ${R} now`],
    ['another header', 'with authorization=basic  bob now', `with ${R} now`],
    ['a key', 'with apikey=bob now', `with ${R} now`],
    ['a key with a hyphen', 'with api-key=bob now', `with ${R} now`],
    ['a fingerprint', `of ${FINGERPRINT} now`, `of ${R} now`],
    ['a fingerprint after its hash', `of sha-256:${FINGERPRINT} now`, `of sha-256:${R} now`],
    ['an address', 'at 10.0.0.7 now', `at ${R} now`],
    ['an address of long parts', 'at 203.100.113.177.', `at ${R}.`],
    ['an address with a port', '203.0.113.77:443', `${R}:443`],
    ['an IPv6 address', 'at 2001:db8::4a now', `at ${R} now`],
    ['an IPv6 address in brackets', '[2001:db8::4a]:443', `[${R}]:443`],
    ['a full IPv6 address', 'at 2001:db8:85a3:0:0:8a2e:370:7334 now', `at ${R} now`],
    ['the address of this host', 'at ::1 now', `at ${R} now`],
    ['an address with its zone', 'at FE80::1%eth0 now', `at ${R} now`],
    ['an address after its kind', 'ip:2001:db8::4a now', `ip:${R} now`],
    ['a full address after its protocol', 'udp:2001:db8:0:0:0:0:0:1', `udp:${R}`],
    ['the address of this host after its kind', 'host:::1 now', `host:${R} now`],
    ['an mDNS name', 'at 1f4712db-ea17.local now', `at ${R} now`],
    ['an mDNS name of the longest length', `at ${'a'.repeat(80)}.LOCAL now`, `at ${R} now`],
    ['two of a kind', '10.0.0.7 and 10.0.0.8', `${R} and ${R}`],
    ['two of different kinds', 'turn:a and ::1', `${R} and ${R}`],
  ])('is cut out: %s', (_name, text, clean) => {
    expect(scrub(text)).toBe(clean);
  });

  it.each([
    'return:5',
    'turn: left',
    '12345678:bob',
    '123456789012:bob',
    '123456789: bob',
    'ufrags:1',
    'myufrag:1',
    'pwd     x',
    'tokens are spent',
    'mytoken=1',
    'credentials.expiring',
    'D2:FA:0E:C3:22:59:5E',
    'x:D2:FA:0E:C3:22:59:5E',
    'v1.2.3',
    'v10.0.0.7',
    '1.10.0.0.7',
    '10.0.0.7.1',
    '10.0.0.1234',
    '10.0.0.7a',
    '10.0.0',
    '12:30:05',
    '1:2:3:4:5:6:7',
    '12345:2:3:4:5:6:7:8',
    'std::vector',
    '::zone',
    'localhost',
    'a.localhost',
    '.local',
    `${'a'.repeat(81)}.local`,
  ])('is not found in %j', (text) => {
    expect(scrub(text)).toBe(text);
  });
});

describe('a secret that was named with hide()', () => {
  it('is removed as a whole even if it starts with another, as a password with its username', () => {
    const { hide, text } = createScrubber();
    hide('holdfast', 'holdfast-9c41f7');
    hide('holdfast-9c41f7-old');
    expect(text('by holdfast with holdfast-9c41f7, not holdfast-9c41f7-old')).toBe(
      `by ${R} with ${R}, not ${R}`,
    );
  });

  it('is removed wherever it is', () => {
    const { hide, text } = createScrubber();
    hide('bobs', 'correct horse');
    expect(text('bobs correct horse, and bobs')).toBe(`${R} ${R}, and ${R}`);
  });

  it('is removed from texts that passed before', () => {
    const { hide, text } = createScrubber();
    expect(text('seat of bobs')).toBe('seat of bobs');
    hide('bobs');
    expect(text('seat of bobs')).toBe(`seat of ${R}`);
  });

  it('is ignored if it is too short, or not a string', () => {
    const { hide, text } = createScrubber();
    hide('bob', undefined, null, 7_777);
    expect(text('bob and 7777')).toBe('bob and 7777');
  });
});

describe('a text', () => {
  it('is scrubbed to the same each time, however many there were', () => {
    const { text } = createScrubber();
    const all = () => Array.from({ length: 2_500 }, (_, index) => text(`${index} at ::1`));
    const expected = Array.from({ length: 2_500 }, (_, index) => `${index} at ${R}`);
    expect([all(), all()]).toEqual([expected, expected]);
  });
});

describe('a text of any length', () => {
  it('is cut to 10 000 characters', () => {
    expect(scrub('x'.repeat(1_000_000))).toHaveLength(10_000);
  });
});

describe('a value of our own', () => {
  it('is scrubbed in place, in all its parts', () => {
    const value = {
      text: 'at ::1',
      plain: 'fine',
      count: 7,
      none: null,
      list: ['turn:a', { deep: 'v=0' }, 7],
      tree: { token: 'fine' },
    };
    expect(createScrubber().deep(value)).toBe(value);
    expect(value).toEqual({
      text: `at ${R}`,
      plain: 'fine',
      count: 7,
      none: null,
      list: [R, { deep: R }, 7],
      tree: { token: 'fine' },
    });
  });

  it.each([null, undefined, 7, true])('may be %j', (value) => {
    expect(createScrubber().deep(value)).toBe(value);
  });
});
