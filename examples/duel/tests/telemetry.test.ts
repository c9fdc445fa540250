import { describe, expect, it } from 'vitest';
import { createState, SEATS, type Seat, step } from '../src/simulation';
import { type ReportContext, Telemetry } from '../src/telemetry';
import { RELAYED } from './relayed';

const PLAYING: ReportContext = {
  frame: 90,
  episode: 3,
  route: 'p2p',
  rttMs: 12.34,
  paused: false,
  degraded: false,
};
const SPEAKER = { game_id: 'g', player_id: '1' };

function record() {
  const sent: [string, Record<string, unknown>][] = [];
  const lines: string[] = [];
  const world = { context: PLAYING, now: 1000, clock: 50 };
  const telemetry = new Telemetry({
    gameId: 'g',
    playerId: '1',
    emit: (event, payload) => void sent.push([event, payload]),
    context: () => world.context,
    now: () => world.now,
    clock: () => world.clock,
    print: (line) => void lines.push(line),
  });
  return { telemetry, sent, lines, world };
}

/** The second round: twenty frames, and one in which it ends. */
function playRound(telemetry: Telemetry, winner: Seat | null, seat: Seat): void {
  const state = createState([1, 0]);
  const frame = () => {
    step(state, [0, 0]);
    telemetry.framePlayed(state, seat);
  };
  while (state.phase === 'ready') frame();
  for (let i = 0; i < 20; i += 1) frame();
  for (const other of SEATS) if (other !== winner) state.ships[other].shields = 0;
  while (state.round === 2) frame();
}

describe('telemetry', () => {
  it('logs the connection type as upstream does', () => {
    const { telemetry, sent, lines } = record();
    telemetry._logConnectionType(RELAYED);
    const details = {
      localCandidateType: 'relay',
      remoteCandidateType: 'host',
      protocol: 'udp',
      relayProtocol: 'tcp',
      detectedAtFrame: 90,
      timestamp: 1000,
    };
    expect(telemetry.p2pMetrics).toEqual({ connectionType: 'relay', connectionDetails: details });
    expect(sent).toEqual([['p2p_connection_type', { ...SPEAKER, connection_type: 'relay', details }]]);
    expect(lines).toEqual(['[P2P] Connection type: relay']);
  });

  it.each<[string, Partial<ReportContext>, string, string]>([
    ['playing well', {}, 'relay', 'healthy'],
    ['slow', { degraded: true }, 'relay', 'degraded'],
    ['paused', { paused: true, degraded: true }, 'relay', 'reconnecting'],
    ['not connected yet', { route: 'none' }, 'relay', 'reconnecting'],
    ['on the fallback', { route: 'socket', degraded: true }, 'socketio_fallback', 'degraded'],
  ])('reports health: %s', (_name, change, connectionType, status) => {
    const { telemetry, sent, world } = record();
    telemetry._logConnectionType(RELAYED);
    world.context = { ...PLAYING, ...change };
    telemetry.reportHealth();
    const report = {
      ...SPEAKER,
      connection_type: connectionType,
      latency_ms: 12.3,
      status,
      episode: 3,
      timestamp: 1000,
    };
    expect(sent.at(-1)).toEqual(['p2p_health_report', report]);
  });

  it('measures an outage from lost to restored, once, even if the wall clock is set meanwhile', () => {
    const { telemetry, sent, world } = record();
    telemetry.connectionLost();
    world.now = -3_600_000;
    world.clock = 800.2;
    telemetry.connectionRestored();
    telemetry.connectionRestored();
    expect(sent).toEqual([
      ['p2p_connection_lost', { ...SPEAKER, frame_number: 90, timestamp: 1000 }],
      ['p2p_reconnection_success', { ...SPEAKER, duration_ms: 750 }],
    ]);
  });

  it.each([
    [0, 0, 'won', [2, 0]],
    [0, 1, 'lost', [2, 0]],
    [1, 1, 'won', [1, 1]],
    [null, 0, 'draw', [1, 0]],
  ] as const)('reports a round won by %s to %s, once: %s', (winner, seat, result, wins) => {
    const { telemetry, sent, lines } = record();
    telemetry._logConnectionType({ ...RELAYED, connectionType: 'direct' });
    playRound(telemetry, winner, seat);
    expect(lines.slice(1)).toEqual([`[Episode] 2 ${result} after 21 frames, P2P type: direct`]);
    const summary = {
      episode: 2,
      result,
      frames: 21,
      wins,
      p2p_type: 'direct',
      connection_details: telemetry.p2pMetrics.connectionDetails,
      rtt_ms: 12.34,
    };
    expect(sent.slice(1)).toEqual([['p2p_episode_summary', { ...SPEAKER, summary }]]);
  });

  it('reports neither path nor round trip before they are measured', () => {
    const { telemetry, sent, world } = record();
    world.context = { ...PLAYING, rttMs: null };
    telemetry.reportHealth();
    expect(sent).toMatchObject([
      ['p2p_health_report', { connection_type: 'unknown', latency_ms: null, status: 'healthy' }],
    ]);
  });
});
