import { describe, expect, it } from 'vitest';
import { FakePeerConnection } from '../../src/testing/fake-peer-connection';
import { connectPair, createPair, negotiate, pass, TURN } from './bare-pair';

const invalid = expect.objectContaining({ name: 'InvalidStateError' });
const isFake = (pc: unknown): FakePeerConnection => {
  if (!(pc instanceof FakePeerConnection)) throw new Error('not a fake');
  return pc;
};

describe('a fake connection', () => {
  it('is new, and has no descriptions, association or handlers', () => {
    const { a } = createPair({}, { iceServers: [TURN] });
    expect([a.signalingState, a.iceConnectionState, a.connectionState, a.iceGatheringState]).toEqual([
      'stable',
      'new',
      'new',
      'new',
    ]);
    expect([a.localDescription, a.remoteDescription, a.sctp]).toEqual([null, null, null]);
    expect(a.getConfiguration()).toEqual({ iceServers: [TURN] });
    for (const name of [
      'connectionstatechange',
      'datachannel',
      'icecandidate',
      'icecandidateerror',
      'iceconnectionstatechange',
      'icegatheringstatechange',
      'negotiationneeded',
      'signalingstatechange',
    ])
      expect([name, Reflect.get(a, `on${name}`)]).toEqual([name, null]);
  });

  it('fires its events on the way to connected', async () => {
    const { first, a, b } = await connectPair();
    expect(first).toEqual([
      'signaling have-local-offer',
      'icegathering gathering',
      'candidate host',
      'candidate none',
      'icegathering complete',
      'signaling stable',
      'iceconnection checking',
      'connection connecting',
      'iceconnection connected',
      'connection connected',
    ]);
    expect([a.sctp?.state, b.sctp?.state]).toEqual(['connected', 'connected']);
  });

  it('connects with trickled candidates, too', async () => {
    const { a, b } = createPair();
    a.createDataChannel('game');
    const [ofA, ofB]: (RTCIceCandidate | null)[][] = [[], []];
    a.onicecandidate = ({ candidate }) => ofA?.push(candidate);
    b.onicecandidate = ({ candidate }) => ofB?.push(candidate);
    await a.setLocalDescription();
    if (a.localDescription) await b.setRemoteDescription(a.localDescription);
    await b.setLocalDescription();
    if (b.localDescription) await a.setRemoteDescription(b.localDescription);
    await pass(100);
    expect([a.iceConnectionState, b.iceConnectionState]).toEqual(['new', 'new']);
    for (const candidate of ofA ?? []) await b.addIceCandidate(candidate);
    for (const candidate of ofB ?? []) await a.addIceCandidate(candidate);
    await pass(100);
    expect([a.connectionState, b.connectionState]).toEqual(['connected', 'connected']);
  });

  it('fires an error with its code for a relay that refuses', async () => {
    const { world, a, told } = createPair({}, { iceServers: [TURN], iceTransportPolicy: 'relay' });
    world.network.turn = 'refuses';
    await a.setLocalDescription();
    await pass(10);
    expect(told.slice(1)).toEqual([
      'icegathering gathering',
      'error 401 Unauthorized',
      'candidate none',
      'icegathering complete',
    ]);
  });

  it.each([
    { profile: 'chromium', state: 'new' },
    { profile: 'firefox', state: 'failed' },
  ] as const)('that finds no candidate of its own is $state in $profile', async ({ profile, state }) => {
    const { a, b } = createPair({ profile }, { iceTransportPolicy: 'relay' });
    a.createDataChannel('game');
    await negotiate(a, b);
    await pass(10);
    expect([a.connectionState, b.connectionState]).toEqual([state, state]);
  });

  it('gathers with the latest setConfiguration() for its next generation', async () => {
    const { a, b, told } = await connectPair();
    a.setConfiguration({ iceServers: [TURN] });
    a.restartIce();
    await negotiate(a, b);
    await pass(100);
    expect(a.getConfiguration()).toEqual({ iceServers: [TURN] });
    expect(told).toEqual([
      'signaling have-local-offer',
      'icegathering gathering',
      'candidate host',
      'candidate relay',
      'candidate none',
      'icegathering complete',
      'signaling stable',
    ]);
  });

  it('stops gathering for a generation that was rolled back', async () => {
    const { a, told } = createPair();
    await a.setLocalDescription();
    await a.setLocalDescription({ type: 'rollback' });
    await pass(10);
    expect(told).toEqual(['signaling have-local-offer', 'signaling stable']);
  });

  it('announces a channel of the other end', async () => {
    const { b, told } = await connectPair();
    b.createDataChannel('later');
    await pass(5);
    expect(told).toEqual(['channel later']);
  });

  it.each([
    { profile: 'chromium', maxMessageSize: 262_144, tellsPair: true },
    { profile: 'firefox', maxMessageSize: 1_073_741_823, tellsPair: false },
  ] as const)('describes its association and its pair as $profile does', async ({ profile, ...expected }) => {
    const { a } = await connectPair({ profile });
    const iceTransport: unknown = a.sctp?.transport.iceTransport;
    expect([a.sctp?.maxMessageSize, iceTransport !== undefined]).toEqual([
      expected.maxMessageSize,
      expected.tellsPair,
    ]);
    if (expected.tellsPair)
      expect(a.sctp?.transport.iceTransport.getSelectedCandidatePair?.()).toEqual({
        local: { type: 'host' },
        remote: { type: 'host' },
      });
  });

  it('fires an event when its pair changes, and has none before the first', async () => {
    const { a, b, world } = createPair({}, { iceServers: [TURN] });
    world.network.blockDirect();
    a.createDataChannel('game');
    await negotiate(a, b);
    const iceTransport = a.sctp?.transport.iceTransport;
    let changes = 0;
    iceTransport?.addEventListener('selectedcandidatepairchange', () => {
      changes += 1;
    });
    expect([iceTransport?.getSelectedCandidatePair?.(), changes]).toEqual([null, 0]);
    await pass(100);
    expect([iceTransport?.getSelectedCandidatePair?.(), changes]).toEqual([
      { local: { type: 'relay' }, remote: { type: 'relay' } },
      1,
    ]);
  });
});

describe('the clock towards `failed`', () => {
  it.each([
    { profile: 'chromium', lastsMs: 15_000, answeredMs: 15_000 },
    { profile: 'firefox', lastsMs: 21_000, answeredMs: 11_000 },
  ] as const)('starts again with an offer, or only with its answer: $profile', async (row) => {
    const { a, b, world } = await connectPair({ profile: row.profile });
    world.network.cut();
    await pass(7_000);
    a.restartIce();
    await a.setLocalDescription();
    const beganMs = Date.now();
    const failedMs = new Promise<number>((resolve) => {
      a.onconnectionstatechange = () => a.connectionState === 'failed' && resolve(Date.now() - beganMs);
    });
    await pass(60_000);
    expect(await failedMs).toBe(row.lastsMs);

    const other = await connectPair({ profile: row.profile });
    other.world.network.cut();
    await pass(7_000);
    other.a.restartIce();
    await negotiate(other.a, other.b);
    const answeredMs = Date.now();
    await pass(row.answeredMs - 1);
    expect(other.a.connectionState).not.toBe('failed');
    await pass(1);
    expect([other.a.connectionState, Date.now() - answeredMs]).toEqual(['failed', row.answeredMs]);
    b.close();
  });
});

describe('a fake connection that failed', () => {
  it.each([
    { profile: 'chromium', sctp: 'connected', channelState: 'open', ends: 0 },
    { profile: 'firefox', sctp: 'closed', channelState: 'closed', ends: 1 },
  ] as const)('keeps its association, or closes it: $profile', async (row) => {
    const { a, channel, world } = await connectPair({ profile: row.profile });
    let ends = 0;
    channel.onclose = () => {
      ends += 1;
    };
    world.network.cut();
    await pass(60_000);
    expect([a.connectionState, a.sctp?.state]).toEqual(['failed', row.sctp]);
    expect([channel.readyState, ends]).toEqual([row.channelState, row.ends]);
  });
});

describe('a channel of a fake connection', () => {
  it.each([
    {
      init: { maxRetransmits: 0, maxPacketLifeTime: 0 },
      message: 'maxRetransmits and maxPacketLifeTime are mutually exclusive',
    },
    { init: { negotiated: true }, message: 'a negotiated channel needs an id' },
  ])('is refused with $init', ({ init, message }) => {
    const { a } = createPair();
    expect(() => a.createDataChannel('game', init)).toThrow(new TypeError(message));
  });

  it.each([
    { init: {}, id: null },
    { init: { id: 4 }, id: null },
    { init: { negotiated: true, id: 0 }, id: 0 },
    { init: { maxPacketLifeTime: 5 }, id: null },
  ])('with $init has the id $id until it is open: its own id counts only if it is negotiated', (row) => {
    const { a } = createPair();
    expect(a.createDataChannel('game', row.init).id).toBe(row.id);
  });
});

describe('a pair of two browsers', () => {
  it('starts the handshakes of its associations once ICE is up at both', async () => {
    const { a, b } = createPair({ profile: ['chromium', 'firefox'] });
    a.createDataChannel('game');
    await negotiate(a, b);
    const states = () => [a, b].map(({ iceConnectionState, sctp }) => `${iceConnectionState} ${sctp?.state}`);
    await pass(9);
    expect(states()).toEqual(['connected connecting', 'checking connecting']);
    await pass(2);
    expect(states()).toEqual(['connected connecting', 'connected connecting']);
    await pass(1);
    expect(states()).toEqual(['connected connected', 'connected connecting']);
    await pass(3);
    expect(states()).toEqual(['connected connected', 'connected connected']);
  });
});

describe('closing a fake connection', () => {
  it('fires nothing, ends its channel, and closes the association of the other end', async () => {
    const { a, b, told, channel, world } = await connectPair();
    let ends = 0;
    channel.onclose = () => {
      ends += 1;
    };
    a.close();
    a.close();
    expect([a.signalingState, a.iceConnectionState, a.connectionState]).toEqual([
      'closed',
      'closed',
      'closed',
    ]);
    expect([channel.readyState, ends]).toEqual(['closed', 0]);
    await pass(10);
    expect([b.sctp?.state, told]).toEqual(['closed', []]);
    await pass(60_000);
    expect([b.connectionState, world.runningTimers]).toEqual(['failed', 0]);
  });

  it('fires nothing more for a change upon which the page closed it', async () => {
    const { a, told, world } = await connectPair();
    a.oniceconnectionstatechange = () => a.close();
    world.network.cut();
    await pass(60_000);
    expect([told, a.connectionState]).toEqual([['iceconnection closed'], 'closed']);
  });

  it('makes every method throw or reject', async () => {
    const { a } = await connectPair();
    a.close();
    expect(() => a.createDataChannel('late')).toThrow(invalid);
    expect(() => a.setConfiguration({})).toThrow(invalid);
    await expect(a.createOffer()).rejects.toThrow(invalid);
    await expect(a.createAnswer()).rejects.toThrow(invalid);
    await expect(a.setLocalDescription()).rejects.toThrow(invalid);
    await expect(a.setRemoteDescription({ type: 'rollback' })).rejects.toThrow(invalid);
    await expect(a.addIceCandidate()).rejects.toThrow(invalid);
  });
});

describe('a fake connection whose page has moved or is gone', () => {
  it.each([
    { profile: 'chromium', sctp: 'connected', endsMs: 10, ends: 0 },
    { profile: 'firefox', sctp: 'closed', endsMs: 10, ends: 1 },
  ] as const)('loses its association with its address, or keeps it: $profile', async (row) => {
    const { a, told, channel } = await connectPair({ profile: row.profile });
    let ends = 0;
    channel.onclose = () => {
      ends += 1;
    };
    isFake(a).moveAway();
    expect(a.localDescription?.sdp).not.toContain('a=candidate');
    await pass(row.endsMs - 1);
    expect(a.sctp?.state).toBe('connected');
    await pass(1);
    expect([a.sctp?.state, ends]).toEqual([row.sctp, row.ends]);
    await pass(7_000);
    expect(told).toEqual(['iceconnection disconnected', 'connection disconnected']);
  });

  it('carries nothing on the pair of the address that is gone', async () => {
    const { a, b, channel } = await connectPair();
    isFake(a).moveAway();
    const { bytesReceived } = isFake(b).association;
    channel.send('hello');
    await pass(1_000);
    expect(isFake(b).association.bytesReceived).toBe(bytesReceived);
  });

  it('does not end an association that has yet to start', async () => {
    const { a, world } = createPair({ profile: 'firefox' });
    isFake(a).moveAway();
    expect(world.runningTimers).toBe(2);
    await pass(100);
    expect(isFake(a).association.state).toBe('connecting');
  });

  it('vanishes without informing the other end', async () => {
    const { a, b, told, channel } = await connectPair();
    let ends = 0;
    channel.onclose = () => {
      ends += 1;
    };
    isFake(a).vanish();
    await pass(1_000);
    expect([a.signalingState, a.connectionState, ends, told]).toEqual(['closed', 'closed', 1, []]);
    expect([b.connectionState, b.sctp?.state]).toEqual(['connected', 'connected']);
    await pass(6_000);
    expect(b.connectionState).toBe('disconnected');
  });
});
