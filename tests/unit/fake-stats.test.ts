import { PROFILES } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { connectPair, createPair, negotiate, pass, TURN } from './bare-pair';

type Entry = Record<string, unknown>;

async function statsOf(pc: RTCPeerConnection): Promise<Entry[]> {
  const entries: Entry[] = [];
  (await pc.getStats()).forEach((entry: Entry, id: string) => {
    expect(entry.id).toBe(id);
    entries.push(entry);
  });
  return entries;
}
const pairsOf = async (pc: RTCPeerConnection) =>
  (await statsOf(pc)).filter(({ type }) => type === 'candidate-pair');
const pick = (entries: readonly Entry[], ...names: string[]) =>
  entries.map((entry) => names.map((name) => entry[name]));

/** Each packet takes 30 ms there and 10 ms back: a round trip of 0.04 s. */
async function connectSlowly(options: Parameters<typeof connectPair>[0] = {}) {
  const pair = createPair(options);
  pair.world.network.setDelay(30, 0);
  pair.world.network.setDelay(10, 1);
  const channel = pair.a.createDataChannel('game');
  await negotiate(pair.a, pair.b);
  await pass(300);
  return { ...pair, channel };
}

describe('the statistics of a fake connection', () => {
  it('are empty before a pair is selected', async () => {
    const { a } = createPair();
    expect(await statsOf(a)).toEqual([]);
  });

  it('contain a transport, its pair and both candidates', async () => {
    const { a, b, channel } = await connectSlowly();
    channel.send('hello');
    await pass(100);
    expect(await statsOf(a)).toEqual([
      { id: 'T', type: 'transport', selectedCandidatePairId: 'P0' },
      {
        id: 'P0',
        type: 'candidate-pair',
        localCandidateId: 'L0',
        remoteCandidateId: 'R0',
        state: 'succeeded',
        nominated: true,
        lastPacketReceivedTimestamp: 1_000_340,
        currentRoundTripTime: 0.04,
        totalRoundTripTime: 0.04,
        responsesReceived: 1,
        bytesSent: 5,
        bytesReceived: 0,
        timestamp: 1_000_410,
      },
      {
        id: 'L0',
        type: 'local-candidate',
        address: '192.0.2.1',
        candidateType: 'host',
        protocol: 'udp',
        priority: 2_122_260_223,
      },
      {
        id: 'R0',
        type: 'remote-candidate',
        address: '192.0.2.2',
        candidateType: 'host',
        protocol: 'udp',
        priority: 2_122_260_223,
      },
    ]);
    const theirs = await statsOf(b);
    expect(pick(theirs.slice(1, 2), 'bytesSent', 'bytesReceived')).toEqual([[0, 5]]);
    expect(pick(theirs.slice(2), 'type', 'address')).toEqual([
      ['local-candidate', '192.0.2.2'],
      ['remote-candidate', '192.0.2.1'],
    ]);
  });

  it('have no packet timestamp before the first packet', async () => {
    const { a } = await connectPair();
    expect(Object.keys((await pairsOf(a))[0] ?? {})).not.toContain('lastPacketReceivedTimestamp');
  });

  it('show a relay and its protocol', async () => {
    const { a } = await connectPair({}, { iceServers: [TURN], iceTransportPolicy: 'relay' });
    expect((await statsOf(a)).slice(2)).toEqual([
      {
        id: 'L0',
        type: 'local-candidate',
        address: '192.0.2.1',
        candidateType: 'relay',
        protocol: 'udp',
        priority: 41_885_439,
        relayProtocol: 'udp',
      },
      {
        id: 'R0',
        type: 'remote-candidate',
        address: '192.0.2.2',
        candidateType: 'relay',
        protocol: 'udp',
        priority: 41_885_439,
      },
    ]);
  });

  it.each(Object.values(PROFILES))('measure the round trip again when it is old: $name', async (profile) => {
    const { a, world } = await connectSlowly({ profile });
    const look = async () =>
      pick(await pairsOf(a), 'currentRoundTripTime', 'totalRoundTripTime', 'responsesReceived')[0];
    const selectedMs = 10 + (profile.connectMs + 40);
    world.network.setDelay(50);
    await pass(selectedMs + profile.rttRefreshMs - performance.now() - 1);
    expect(await look()).toEqual([0.04, 0.04, 1]);
    await pass(1);
    expect(await look()).toEqual([0.1, 0.14, 2]);
    await pass(profile.rttRefreshMs - 1);
    expect(await look()).toEqual([0.1, 0.14, 2]);
  });

  it('measure nothing while ICE is down', async () => {
    const { a, world } = await connectPair();
    world.network.cut();
    await pass(30_000);
    expect(pick(await pairsOf(a), 'responsesReceived')).toEqual([[1]]);
  });

  it.each([
    {
      profile: 'chromium',
      pairs: [
        ['P0', undefined, 5, undefined],
        ['P1', undefined, 7, 'dated'],
      ],
    },
    { profile: 'firefox', pairs: [['P0', true, 12, 'dated']] },
  ] as const)('keep the pairs of earlier generations, or drop them: $profile', async ({ profile, pairs }) => {
    const { a, b, channel } = await connectPair({ profile });
    channel.send('hello');
    await pass(10);
    await statsOf(a);
    a.restartIce();
    await negotiate(a, b);
    await pass(100);
    channel.send('goodbye');
    await pass(10);
    const seen = await pairsOf(a);
    expect(
      seen.map(({ id, selected, bytesSent, lastPacketReceivedTimestamp }) => [
        id,
        selected,
        bytesSent,
        lastPacketReceivedTimestamp === undefined ? undefined : 'dated',
      ]),
    ).toEqual(pairs);
    expect(pick(await statsOf(a), 'selectedCandidatePairId')[0]).toEqual([pairs.at(-1)?.[0]]);
    expect(pick(await pairsOf(b), 'bytesReceived')).toEqual(pairs.map(([, , bytes]) => [bytes]));
  });

  it('treat a pair that is selected again as the same', async () => {
    const { a, world } = await connectPair();
    world.network.cut();
    await pass(7_000);
    world.network.heal();
    await pass(1_000);
    expect(pick(await pairsOf(a), 'id', 'responsesReceived')).toEqual([['P0', 2]]);
  });

  it('show a switch to the relay within a generation', async () => {
    const { a, world } = await connectPair({}, { iceServers: [TURN] });
    world.network.blockDirect();
    await pass(5_000);
    const stats = await statsOf(a);
    expect(pick(stats, 'selectedCandidatePairId')[0]).toEqual(['P1']);
    expect(pick(stats, 'id', 'candidateType').filter(([, type]) => type)).toEqual([
      ['L0', 'host'],
      ['R0', 'host'],
      ['L1', 'relay'],
      ['R1', 'relay'],
    ]);
  });
});
