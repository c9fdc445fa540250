import { describe, expect, it } from 'vitest';
import { createJsonScrubber } from '../../src/inspect/scrub-json';

const CREDENTIAL = 'plantedCredential/7f3a9c==';
const ADDRESS = '203.0.113.77';
const ADDRESS_6 = '2001:db8:77::4a';
const SDP = `v=0\r\no=- 46117 2 IN IP4 ${ADDRESS}\r\ns=-\r\na=ice-ufrag:pLnT\r\na=ice-pwd:plantedIcePassword\r\n`;
const CANDIDATE = `candidate:1 1 udp 2122260223 ${ADDRESS} 50077 typ host ufrag pLnT`;
const SECRETS = [CREDENTIAL, ADDRESS, ADDRESS_6, 'plantedIcePassword', 'pLnT', 'planted-user'];

const scrub = (value: unknown) => createJsonScrubber().copy(value);
const leaksOf = (value: unknown) => SECRETS.filter((secret) => JSON.stringify(scrub(value)).includes(secret));

describe('a scrubbed copy', () => {
  it('equals innocent JSON', () => {
    const value = {
      type: 'life.silent',
      silentForMs: 1000.5,
      path: null,
      flags: [true, false],
      nested: { a: { b: 'c' } },
    };
    expect(scrub(value)).toEqual(value);
    expect(scrub(value)).not.toBe(value);
  });

  it.each([
    [
      'ICE servers',
      {
        iceServers: [{ urls: `turn:${ADDRESS}:3478`, username: '176:planted-user', credential: CREDENTIAL }],
      },
    ],
    ['a description', { type: 'offer', sdp: SDP }],
    ['a description under another name', { body: SDP }],
    ['lines of a description', { lines: [`a=${CANDIDATE}`, 'a=ice-pwd:plantedIcePassword'] }],
    ['a candidate', { candidate: CANDIDATE, usernameFragment: 'pLnT' }],
    ['a candidate in a text', `trickled ${CANDIDATE}`],
    ['addresses in texts', [`no answer from ${ADDRESS}:443`, `[${ADDRESS_6}]:443`, `http://${ADDRESS}/`]],
    ['addresses as members', { address: 'secret.example', relatedAddress: ADDRESS, ip: ADDRESS_6 }],
    ['an address as a name', { [ADDRESS]: { [ADDRESS_6]: 1 } }],
    [
      'JSON in a text',
      JSON.stringify({ iceServers: [{ credential: CREDENTIAL, urls: [`turns:[${ADDRESS_6}]`] }], sdp: SDP }),
    ],
    ['a query in a text', `POST /login?token=${encodeURIComponent(CREDENTIAL)}&password=${CREDENTIAL}`],
    ['an error', new TypeError(`${ADDRESS} refused: ${SDP}`)],
    ['an object with its own toJSON()', { toJSON: () => ({ credential: CREDENTIAL }) }],
  ])('contains nothing secret of %s', (_, value) => {
    expect(JSON.stringify(value, (_name, each) => (each instanceof Error ? each.message : each))).toMatch(
      new RegExp(SECRETS.map((secret) => secret.replace(/[/=]/g, '.')).join('|')),
    );
    expect(leaksOf(value)).toEqual([]);
  });

  it('contains no secret that was seen under its name before', () => {
    const scrubber = createJsonScrubber();
    scrubber.copy({ credential: CREDENTIAL });
    expect(scrubber.copy({ note: `it is ${CREDENTIAL}, by the way` })).toEqual({
      note: 'it is [redacted], by the way',
    });
  });

  it('contains no secret that was named with hide()', () => {
    const scrubber = createJsonScrubber();
    scrubber.hide('seat-of-player-1');
    expect(scrubber.copy(['seat-of-player-1'])).toEqual(['[redacted]']);
  });

  it('stays the same when it is scrubbed again', () => {
    const once = scrub({ sdp: SDP, note: ADDRESS, json: '{"credential":"x"}' });
    expect(scrub(once)).toEqual(once);
  });

  it('keeps the members of a definition that only sound like secrets', () => {
    const definition = {
      target: '#connection.checking',
      actions: ['takeOffer'],
      localCandidateType: 'relay',
      after: { backoff: 1 },
    };
    expect(scrub(definition)).toEqual(definition);
  });

  it('is scrubbed before it is shortened, so that no start of a secret stays', () => {
    const long = `${'x'.repeat(990)} 203.0.113.77`;
    expect(scrub({ token: 'correct horse', long, longer: `${'x'.repeat(994)} correct horse` })).toEqual({
      token: '[redacted]',
      long: `${'x'.repeat(990)} [redacted…`,
      longer: `${'x'.repeat(994)} [reda…`,
    });
  });

  it('omits what is not JSON, and shortens what is long', () => {
    expect(scrub({ act: () => 1, big: 12n, bytes: new Uint8Array(70_000), text: 'x'.repeat(2_000) })).toEqual(
      {
        act: undefined,
        big: '12',
        bytes: '(70000 bytes)',
        text: `${'x'.repeat(1_000)}…`,
      },
    );
  });

  it('is finite for a value that contains itself', () => {
    const loop: Record<string, unknown> = {};
    loop.left = loop;
    loop.right = [loop, loop];
    expect(JSON.stringify(scrub(loop)).length).toBeLessThan(1_000_000);
  });
});

describe('the members of a scrubbed copy', () => {
  const SECRET_NAMES = [
    ...['credential', 'credentials', 'password', 'passwd', 'pwd', 'icePwd', 'secret', 'token', 'resumeToken'],
    ...['accessToken', 'apiKey', 'authorization', 'cookie', 'username', 'turnUsername', 'turnCredential'],
  ];
  const PRIVATE_NAMES = [
    ...['sdp', 'candidate', 'ufrag', 'iceUfrag', 'usernameFragment', 'fingerprint', 'localDescription'],
    ...['remoteDescription', 'address', 'ip', 'ipAddress', 'host', 'hostname', 'relatedAddress'],
  ];

  it.each(SECRET_NAMES)('contain no %s, neither here nor elsewhere', (name) => {
    expect(scrub({ [name]: 'bobs', note: 'bobs it is' })).toEqual({
      [name]: '[redacted]',
      note: '[redacted] it is',
    });
  });

  it.each(PRIVATE_NAMES)('contain no %s, but its value may appear elsewhere', (name) => {
    expect(scrub({ [name]: 'bobs', note: 'bobs it is' })).toEqual({
      [name]: '[redacted]',
      note: 'bobs it is',
    });
  });

  it.each(['turn-credential', 'TURN_CREDENTIAL', 'Turn Credential'])(
    'are recognized however they are written: %s',
    (name) => {
      expect(scrub({ [name]: 'bobs' })).toEqual({ [name]: '[redacted]' });
    },
  );

  it.each([7_777, true, { a: 1 }, ['bobs']])('contain no secret that is %j', (secret) => {
    expect(scrub({ token: secret, note: '7777 bobs true' })).toEqual({
      token: '[redacted]',
      note: '7777 bobs true',
    });
  });

  it('show that a secret is absent', () => {
    expect(scrub({ token: null, address: undefined })).toStrictEqual({ token: null, address: undefined });
  });

  it('contain no secret in their names', () => {
    expect(scrub({ '10.0.0.7': { a: 1 } })).toEqual({ '[redacted]': { a: 1 } });
  });

  it('are limited to a thousand, like those of a list', () => {
    const members = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`m${index}`, index]));
    const { m1000: _, ...kept } = members;
    expect(scrub(members)).toEqual(kept);
    const list = Object.values(members);
    expect(scrub(list)).toEqual(list.slice(0, 1_000));
  });

  it('teach the scrubber at most fifty secrets', () => {
    const scrubber = createJsonScrubber();
    for (let index = 10; index < 61; index += 1) scrubber.copy({ token: `token-${index}` });
    scrubber.copy({ token: 'token-10' });
    expect(scrubber.copy('token-59, token-60')).toBe('[redacted], token-60');
  });
});

describe('the values of a scrubbed copy', () => {
  it.each<[string, unknown, unknown]>([
    ['a number', 7, 7],
    ['a boolean', false, false],
    ['nothing', null, null],
    ['a big number', 12n, '12'],
    ['a function', () => 1, undefined],
    ['a symbol', Symbol('a'), undefined],
    ['an error', new TypeError('10.0.0.7 refused'), { name: 'TypeError', message: '[redacted] refused' }],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['an object with toJSON()', { toJSON: () => ({ a: 'turn:a' }) }, { a: '[redacted]' }],
    ['an object with another toJSON', { toJSON: 'no' }, { toJSON: 'no' }],
    ['bytes', new Uint8Array(3), '(3 bytes)'],
    ['a view of bytes', new DataView(new ArrayBuffer(5)), '(5 bytes)'],
    ['a text', 'fine', 'fine'],
    ['a text of the longest length', 'x'.repeat(1_000), 'x'.repeat(1_000)],
    ['a longer text', 'x'.repeat(1_001), `${'x'.repeat(1_000)}…`],
    ['an object as text', ' {"token": "bobs", "a": [1]} ', '{"token":"[redacted]","a":[1]}'],
    ['a list as text', '\n["turn:a"]', '["[redacted]"]'],
    ['text that only looks like JSON', '{a: turn:b', '{a: [redacted]'],
    ['JSON in a text', 'sent {"token": 1}', 'sent {"[redacted]'],
    ['a number as text', '7', '7'],
    ['an empty text', '', ''],
  ])('are JSON: %s', (_name, value, copy) => {
    expect(scrub(value)).toEqual(copy);
    expect(scrub([value])).toEqual([copy]);
  });

  /** Lists nested so many times. */
  const nest = (count: number, inner: unknown = []): unknown =>
    count <= 1 ? inner : [nest(count - 1, inner)];

  it('are nested at most as deep as a chart', () => {
    expect(scrub(nest(25))).toEqual(nest(25));
    expect(scrub(nest(26))).toEqual(nest(26, '[redacted]'));
    expect(scrub(nest(26, 'deep'))).toEqual(nest(26, 'deep'));
  });

  it.each<[string, (inner: unknown) => unknown]>([
    ['a member', (member) => ({ member })],
    ['JSON in a text', (inner) => JSON.stringify(inner)],
    ['an object with toJSON()', (inner) => ({ toJSON: () => inner })],
  ])('are nested a step deeper in %s', (_name, wrap) => {
    expect(JSON.stringify(scrub(wrap(nest(24))))).not.toContain('redacted');
    expect(JSON.stringify(scrub(wrap(nest(25))))).toContain('redacted');
  });

  it('are limited to ten thousand in each copy', () => {
    const scrubber = createJsonScrubber();
    const lists = Array.from({ length: 11 }, () => Array.from({ length: 1_000 }, () => ({})));
    const copy = [
      ...lists.slice(0, 9),
      [...Array(989).fill({}), ...Array(11).fill('[redacted]')],
      '[redacted]',
    ];
    expect(scrubber.copy(lists)).toEqual(copy);
    expect(scrubber.copy(lists)).toEqual(copy);
  });
});
