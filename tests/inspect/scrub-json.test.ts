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
  it('keeps JSON as it is', () => {
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
    ['an object with a JSON of its own', { toJSON: () => ({ credential: CREDENTIAL }) }],
  ])('has nothing left of %s', (_, value) => {
    expect(JSON.stringify(value, (_name, each) => (each instanceof Error ? each.message : each))).toMatch(
      new RegExp(SECRETS.map((secret) => secret.replace(/[/=]/g, '.')).join('|')),
    );
    expect(leaksOf(value)).toEqual([]);
  });

  it('has nothing left of a secret that was seen under its name before', () => {
    const scrubber = createJsonScrubber();
    scrubber.copy({ credential: CREDENTIAL });
    expect(scrubber.copy({ note: `it is ${CREDENTIAL}, by the way` })).toEqual({
      note: 'it is [redacted], by the way',
    });
  });

  it('has nothing left of a secret that it was told of', () => {
    const scrubber = createJsonScrubber();
    scrubber.hide('seat-of-player-1');
    expect(scrubber.copy(['seat-of-player-1'])).toEqual(['[redacted]']);
  });

  it('is the same when it is scrubbed again', () => {
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

  it('leaves out what is no JSON, and shortens what is long', () => {
    expect(scrub({ act: () => 1, big: 12n, bytes: new Uint8Array(70_000), text: 'x'.repeat(2_000) })).toEqual(
      {
        act: undefined,
        big: '12',
        bytes: '(70000 bytes)',
        text: `${'x'.repeat(1_000)}…`,
      },
    );
  });

  it('has an end where a value has none', () => {
    const loop: Record<string, unknown> = {};
    loop.left = loop;
    loop.right = [loop, loop];
    expect(JSON.stringify(scrub(loop)).length).toBeLessThan(1_000_000);
  });
});
