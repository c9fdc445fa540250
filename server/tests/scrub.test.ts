import { describe, expect, it } from 'vitest';
import { scrub } from '../src/scrub';

describe('what the research log keeps of a report', () => {
  it('has no member for an address, a description or a credential, however its name is written', () => {
    const names = [
      ...['address', 'ip', 'ipAddress', 'ip_address', 'port', 'relatedAddress', 'relatedPort', 'hostname'],
      ...['url', 'urls', 'candidate', 'sdp', 'ufrag', 'iceUfrag', 'ice-ufrag', 'usernameFragment'],
      ...['pwd', 'icePwd', 'username', 'turn_username', 'credential', 'credentials', 'turnCredential'],
      ...['password', 'passwd', 'secret', 'token', 'accessToken', 'resume_token', 'apiKey', 'api-key'],
      ...['Authorization', 'Cookie'],
    ];
    const report = Object.fromEntries(names.map((name) => [name, 's3cr3t']));
    expect(scrub({ ...report, rtt: 12.5, isRelayed: false, note: null })).toEqual({
      rtt: 12.5,
      isRelayed: false,
      note: null,
    });
  });

  it.each([
    ['a description', 'v=0', '[redacted]'],
    ['a candidate', 'candidate:1 1 udp 1 192.0.2.1 9 typ host', '[redacted]'],
    ['a line of a description', 'it said:\na=ice-pwd:s3cr3t', '[redacted]'],
    ["a line with the standard's line ending", 'it said:\r\nc=IN IP4 host.example', '[redacted]'],
    ['a STUN server', 'asked stun:stun.example.org:3478 twice', 'asked [redacted] twice'],
    ['a TURN server with TLS', 'asked turns:turn.example.org twice', 'asked [redacted] twice'],
    ['a user name', 'username: s3cr3t, user name = s3cr3t', '[redacted] [redacted]'],
    ['a key', 'apikey=s3cr3t api-key=s3cr3t', '[redacted] [redacted]'],
    ['a quoted phrase that was cut off', "secret='my s3cr3t", '[redacted]'],
    ['a header with extra spaces', 'Authorization:  Basic  s3cr3t', '[redacted]'],
    ['an IPv6 address', 'by 2001:db8:1:2:3:4:5:6', 'by [redacted]'],
    ['bytes', new Uint8Array([1, 2]), '[redacted]'],
    ['a buffer', new ArrayBuffer(2), '[redacted]'],
  ])('does not contain %s', (_, value, kept) => expect(scrub([value])).toEqual([kept]));

  it.each(['at 12:30:05.123', 'a:b', 'vv=01 candidates: 3', 'frame 1.2.3 of 4'])('includes %j', (text) =>
    expect(scrub(text)).toBe(text),
  );
});
