import { describe, expect, it } from 'vitest';
import { lookUpPath, type PathInfo } from '../../src/stats/path';
import { type StatsEntry, statsOnly, toReport } from './stats-world';

const host = (id: string, over: Partial<StatsEntry> = {}): StatsEntry => ({
  id,
  type: `${id.startsWith('L') ? 'local' : 'remote'}-candidate`,
  candidateType: 'host',
  protocol: 'udp',
  address: '192.0.2.7',
  ...over,
});
const relay = (id: string, over: Partial<StatsEntry> = {}) => host(id, { candidateType: 'relay', ...over });
const pair = (id: string, over: Partial<StatsEntry> = {}): StatsEntry => ({
  id,
  type: 'candidate-pair',
  state: 'succeeded',
  nominated: true,
  localCandidateId: `L${id}`,
  remoteCandidateId: `R${id}`,
  ...over,
});
const transport = (selectedCandidatePairId: string): StatsEntry => ({
  id: 'T',
  type: 'transport',
  selectedCandidatePairId,
});

const look = (...entries: StatsEntry[]) => lookUpPath(statsOnly(() => toReport(...entries)));

const direct: PathInfo = {
  connectionType: 'direct',
  localCandidateType: 'host',
  remoteCandidateType: 'host',
  localProtocol: 'udp',
  protocol: 'udp',
  relayProtocol: null,
  ipVersion: 4,
};

describe('the selected pair', () => {
  it('is the one that the transport names, even if others are nominated', async () => {
    const path = await look(
      pair('1', { bytesSent: 9_999 }),
      relay('L1'),
      relay('R1'),
      pair('2'),
      host('L2'),
      host('R2'),
      transport('2'),
    );
    expect(path).toEqual(direct);
  });

  it('is the one marked `selected`, as in old Firefox', async () => {
    const path = await look(
      pair('1', { bytesSent: 9_999 }),
      relay('L1'),
      relay('R1'),
      pair('2', { selected: true }),
      host('L2'),
      host('R2'),
    );
    expect(path).toEqual(direct);
  });

  it('is the one that moves bytes if several are nominated', async () => {
    const path = await look(
      pair('1', { bytesSent: 10, bytesReceived: 10 }),
      relay('L1'),
      relay('R1'),
      pair('2', { bytesSent: 15, bytesReceived: 15 }),
      host('L2'),
      host('R2'),
      pair('3', { state: 'failed', bytesSent: 9_999 }),
    );
    expect(path).toEqual(direct);
  });

  it('is the one that moves bytes if another has no count', async () => {
    const path = await look(
      pair('1'),
      relay('L1'),
      relay('R1'),
      pair('2', { bytesSent: 15, bytesReceived: 15 }),
      host('L2'),
      host('R2'),
    );
    expect(path).toEqual(direct);
  });

  it('is a pair, whatever else moves bytes', async () => {
    const moving: StatsEntry = { id: 'T', type: 'transport', state: 'succeeded', bytesSent: 9_999 };
    expect(await look(moving, pair('2'), host('L2'), host('R2'))).toEqual(direct);
  });

  it.each<[string, (entries: StatsEntry[]) => unknown]>([
    ['an array', (entries) => entries],
    ['an object with only forEach', (entries) => ({ forEach: entries.forEach.bind(entries) })],
    ['a Map with other keys', (entries) => new Map(entries.map((entry, index) => [`${index}`, entry]))],
    [
      'a Map with the ids only in its keys',
      (entries) => new Map(entries.map(({ id, ...rest }) => [id, rest] as const)),
    ],
  ])('is found by its id in %s, which a test double may return as a report', async (_name, toDouble) => {
    const report = toDouble([pair('1'), pair('2'), host('L2'), host('R2'), transport('2')]);
    expect(await lookUpPath(statsOnly(() => report))).toEqual(direct);
  });

  it('is found among the rest if the transport names one that is gone', async () => {
    expect(await look(transport('9'), pair('2'), host('L2'), host('R2'))).toEqual(direct);
  });
});

describe('an unknown path', () => {
  it.each<[string, StatsEntry[]]>([
    ['no stats', []],
    ['no pair', [host('L1'), host('R1')]],
    ['a pair that is still being checked', [pair('1', { state: 'in-progress' }), host('L1'), host('R1')]],
    ['no local candidate', [pair('1'), host('R1')]],
    ['no remote candidate', [pair('1'), host('L1')]],
    ['a candidate without type', [pair('1'), host('L1'), host('R1', { candidateType: undefined })]],
    ['a candidate with an empty type', [pair('1'), host('L1', { candidateType: '' }), host('R1')]],
  ])('is null, never direct: %s', async (_name, entries) => {
    expect(await look(...entries)).toBeNull();
  });

  it('is null if the browser rejects getStats()', async () => {
    const closed = statsOnly(() => Promise.reject(new Error('closed')));
    expect(await lookUpPath(closed)).toBeNull();
  });
});

describe('a relayed path', () => {
  it.each([
    ['tcp', relay('L1', { relayProtocol: 'tcp' }), host('R1')],
    ['tls', host('L1'), relay('R1', { relayProtocol: 'tls' })],
    ['udp', relay('L1', { relayProtocol: 'udp' }), relay('R1', { relayProtocol: 'tcp' })],
    ['udp', relay('L1', { relayProtocol: '', priority: 2 * 2 ** 24 + 77 }), host('R1')],
    ['udp', host('L1'), relay('R1', { priority: 3 * 2 ** 24 + 77 })],
    ['udp', host('L1'), relay('R1', { priority: 2 * 2 ** 24 + 77 })],
    ['tcp', host('L1'), relay('R1', { priority: 1 * 2 ** 24 + 77 })],
    ['udp', host('L1'), relay('R1', { priority: 5 * 2 ** 24 + 77 })],
    [null, host('L1'), relay('R1')],
  ])('has the relay protocol of the side that relays: %s', async (relayProtocol, local, remote) => {
    expect(await look(transport('1'), pair('1'), local, remote)).toMatchObject({
      connectionType: 'relay',
      relayProtocol,
    });
  });
});

describe('a remote candidate whose checks arrived before its signal', () => {
  const sdp = [
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'a=candidate:1 1 UDP 2122252543 192.0.2.9 50123 typ host',
    `a=candidate:0 1 UDP ${3 * 2 ** 24 + 77} 192.0.2.7 62238 typ relay raddr 192.0.2.9 rport 50123`,
    'a=end-of-candidates',
  ].join('\r\n');
  const early = (over: Partial<StatsEntry> = {}) => {
    const remote = host('R1', { candidateType: 'prflx', port: 62_238, ...over });
    const pc = statsOnly(() => toReport(pair('1'), host('L1'), remote));
    return lookUpPath(Object.assign(pc, { remoteDescription: { type: 'offer' as const, sdp } }));
  };

  it('has the type that the signal names, although the stats of Firefox never say so', async () => {
    expect(await early()).toEqual({
      ...direct,
      connectionType: 'relay',
      remoteCandidateType: 'relay',
      relayProtocol: 'udp',
    });
  });

  it.each<[string, Partial<StatsEntry>]>([
    ['of another port', { port: 62_239 }],
    ['of another address', { address: '192.0.2.70' }],
    ['whose address is hidden', { address: undefined, port: undefined }],
  ])('does not take the type of another one: %s', async (_what, seen) => {
    expect(await early(seen)).toEqual({ ...direct, remoteCandidateType: 'prflx' });
  });
});

describe('the protocols of a path', () => {
  it('are lower case, and null if unknown', async () => {
    expect(await look(pair('1'), host('L1', { protocol: 'TCP' }), host('R1'))).toMatchObject({
      localProtocol: 'tcp',
      protocol: 'tcp',
    });
    for (const protocol of [undefined, ''])
      expect(await look(pair('1'), host('L1', { protocol }), host('R1'))).toMatchObject({
        localProtocol: null,
        protocol: null,
      });
  });

  it.each([
    [6, '2001:db8::7', undefined],
    [4, undefined, '192.0.2.7'],
    [null, 'f3b0.local', undefined],
    [null, undefined, undefined],
  ])('are of IPv%s for %s / %s', async (ipVersion, address, ip) => {
    const over = { address, ip };
    expect(await look(pair('1'), host('L1', over), host('R1', over))).toMatchObject({ ipVersion });
  });

  it.each([
    ['the local', '2001:db8::7', 'f3b0.local'],
    ['the remote', 'f3b0.local', '2001:db8::7'],
  ])('are of IPv6 if only %s candidate shows it', async (_, local, remote) => {
    const path = await look(pair('1'), host('L1', { address: local }), host('R1', { address: remote }));
    expect(path).toMatchObject({ ipVersion: 6 });
  });

  it('contain no address', async () => {
    expect(JSON.stringify(await look(pair('1'), host('L1'), host('R1')))).not.toContain('192.0.2.7');
  });
});
