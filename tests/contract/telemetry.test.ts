import { ConnectionQualityMonitor, LatencyTelemetry } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { connectPlayers, namesOf, pass, startWorld } from './players';

const TURN = { turnUsername: 'name', turnCredential: 'secret' };

describe('the connection type', () => {
  const direct = {
    connectionType: 'direct',
    localCandidateType: 'host',
    remoteCandidateType: 'host',
    localProtocol: 'udp',
    protocol: 'udp',
    relayProtocol: null,
  };
  const relay = {
    connectionType: 'relay',
    localCandidateType: 'relay',
    remoteCandidateType: 'relay',
    localProtocol: 'udp',
    protocol: 'udp',
    relayProtocol: 'udp',
  };

  it('is the whole info object, in the field and from the method', async () => {
    const { a } = await connectPlayers();
    expect(a.manager.connectionType).toMatchObject(direct);
    expect(await a.manager.getConnectionType()).toEqual(a.manager.connectionType);
  });

  it('is relay when only relays are allowed', async () => {
    const { a, b } = await connectPlayers({ forceRelay: true, ...TURN });
    for (const { manager } of [a, b]) expect(manager.connectionType).toMatchObject(relay);
  });

  it.each(['chromium', 'firefox'] as const)('is announced again when it changes in %s', async (profile) => {
    const { world, a, b } = await connectPlayers(TURN, { profile });
    world.network.blockDirect();
    await pass(20_000);
    for (const { heard, manager } of [a, b]) {
      expect(manager.state).toBe('connected');
      expect(manager.connectionType).toMatchObject(relay);
      expect(heard.filter(([name]) => name === 'onConnectionTypeDetected')).toEqual([
        ['onConnectionTypeDetected', expect.objectContaining(relay)],
      ]);
    }
  });
});

describe('quality', () => {
  it('is announced with a reason when it gets worse', async () => {
    const { world, a } = await connectPlayers();
    await pass(4_000);
    expect(a.heard).toEqual([]);
    world.network.setDelay(100);
    await pass(10_000);
    expect(a.heard).toEqual([
      [
        'onQualityDegraded',
        { status: 'warning', rtt: 200, message: expect.any(String), reason: expect.any(String) },
      ],
    ]);
    world.network.setDelay(200);
    await pass(10_000);
    expect(a.heard.at(-1)?.[1]).toMatchObject({ status: 'critical', rtt: 400 });
    expect(a.manager.qualityMonitor?.lastStats?.currentRtt).toBe(400);
  });

  it('fires its event also when it recovers, but not onQualityDegraded', async () => {
    const { world, a } = await connectPlayers();
    const told: unknown[] = [];
    a.manager.on('quality', ({ status }) => told.push(status));
    world.network.setDelay(100);
    await pass(10_000);
    world.network.setDelay(10);
    await pass(10_000);
    expect(told.filter((status, index) => status !== told[index - 1]).slice(-2)).toEqual(['warning', 'good']);
    expect(namesOf(a.heard)).toEqual(['onQualityDegraded']);
  });
});

/** A bare connection in a fake world, with the given round trip. */
function connectionWithRtt(rttMs: number | null) {
  startWorld();
  const seconds = rttMs === null ? {} : { currentRoundTripTime: rttMs / 1_000 };
  const pair = {
    id: 'P',
    type: 'candidate-pair',
    state: 'succeeded',
    selected: true,
    bytesSent: 5,
    ...seconds,
  };
  const pc: unknown = { getStats: async () => new Map([['P', pair]]) };
  return pc as RTCPeerConnection;
}

describe('ConnectionQualityMonitor', () => {
  it.each([
    [0, 'good'],
    [150, 'good'],
    [150.1, 'warning'],
    [300, 'warning'],
    [300.1, 'critical'],
  ] as const)('rates a round trip of %d ms as %s', async (rttMs, status) => {
    const monitor = new ConnectionQualityMonitor(connectionWithRtt(rttMs));
    const changes: unknown[] = [];
    const degradations: unknown[] = [];
    monitor.onQualityChange = (change) => changes.push(change);
    monitor.onDegradation = (degradation) => degradations.push(degradation);
    await monitor._poll();
    expect(changes).toEqual([expect.objectContaining({ status, rtt: rttMs, currentRtt: rttMs })]);
    expect(degradations).toEqual(
      status === 'good' ? [] : [expect.objectContaining({ status, rtt: rttMs, message: expect.any(String) })],
    );
  });

  it('reports no change when the round trip is unknown', async () => {
    const monitor = new ConnectionQualityMonitor(connectionWithRtt(null));
    const changes: unknown[] = [];
    monitor.onQualityChange = (change) => changes.push(change);
    await monitor._poll();
    expect(changes).toEqual([]);
    expect(monitor.lastStats).toMatchObject({ currentRtt: null, avgRtt: null, bytesSent: 5, packetsSent: 0 });
  });

  it('polls every two seconds from start() to stop()', async () => {
    const monitor = new ConnectionQualityMonitor(connectionWithRtt(10));
    expect([monitor.pollInterval, monitor.warningLatency, monitor.criticalLatency]).toEqual([
      2_000, 150, 300,
    ]);
    expect(monitor.intervalId).toBeNull();
    monitor.start();
    await pass(1_999);
    expect(monitor.lastStats).toBeNull();
    await pass(1);
    expect(monitor.lastStats).toMatchObject({ currentRtt: 10 });
    monitor.stop();
    expect(monitor.intervalId).toBeNull();
  });
});

describe('LatencyTelemetry', () => {
  it('has no statistics without a sample', () => {
    const telemetry = new LatencyTelemetry(connectionWithRtt(null));
    expect(telemetry.getSamples()).toEqual([]);
    expect(telemetry.getStats()).toBeNull();
  });

  it('keeps maxSamples samples, summarises them in ms, and hands out copies', async () => {
    const telemetry = new LatencyTelemetry(connectionWithRtt(20), { maxSamples: 3 });
    telemetry.start();
    telemetry.start();
    await pass(5_000);
    telemetry.stop();
    await pass(5_000);
    const samples = telemetry.getSamples();
    expect(samples).toHaveLength(3);
    expect(telemetry.getStats()).toEqual({
      sampleCount: 3,
      minMs: 20,
      maxMs: 20,
      meanMs: 20,
      medianMs: 20,
      samples,
    });
    samples.length = 0;
    expect(telemetry.getSamples()).toHaveLength(3);
  });

  it('continues with the connection that replaces the one it was given', async () => {
    const { world, a } = await connectPlayers();
    const first = a.manager.peerConnection;
    if (!first) throw new Error('no connection');
    const telemetry = new LatencyTelemetry(first);
    telemetry.start();
    world.network.cut();
    await pass(20_000);
    world.network.heal();
    await pass(5_000);
    expect(a.manager.peerConnection).not.toBe(first);
    world.network.setDelay(40);
    await pass(10_000);
    telemetry.stop();
    expect(telemetry.getSamples().at(-1)?.rttMs).toBe(80);
  });
});
