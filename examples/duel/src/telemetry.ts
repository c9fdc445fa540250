import type { PathInfo } from 'holdfast';
import { OVER_FRAMES } from './arena';
import type { DuelState, Seat } from './simulation';

export type Route = 'none' | 'p2p' | 'socket';

interface ConnectionDetails {
  readonly localCandidateType: string;
  readonly remoteCandidateType: string;
  readonly protocol: string | null;
  readonly relayProtocol: string | null;
  readonly detectedAtFrame: number;
  readonly timestamp: number;
}

export interface P2PMetrics {
  connectionType: 'direct' | 'relay' | 'unknown';
  connectionDetails: ConnectionDetails | null;
}

/** The state of the game when a report is made. */
export interface ReportContext {
  readonly frame: number;
  readonly episode: number;
  readonly route: Route;
  readonly rttMs: number | null;
  readonly paused: boolean;
  readonly degraded: boolean;
}

export interface TelemetryOptions {
  readonly gameId: string;
  readonly playerId: string;
  readonly emit: (event: string, payload: Record<string, unknown>) => void;
  readonly context: () => ReportContext;
  /** Wall clock in ms, for the time of an event. */
  readonly now: () => number;
  /** Monotonic clock in ms, for durations. */
  readonly clock: () => number;
  readonly print: (line: string) => void;
}

/** Reports for a study: the path of each episode, and its outages. */
export class Telemetry {
  readonly p2pMetrics: P2PMetrics = { connectionType: 'unknown', connectionDetails: null };
  readonly #options: TelemetryOptions;
  #lostAt: number | null = null;
  /** Frames played in the current round. */
  #roundFrames = 0;

  constructor(options: TelemetryOptions) {
    this.#options = options;
  }

  /** Has upstream's name, which studies rely on. */
  _logConnectionType(info: PathInfo): void {
    const details: ConnectionDetails = {
      localCandidateType: info.localCandidateType,
      remoteCandidateType: info.remoteCandidateType,
      protocol: info.localProtocol,
      relayProtocol: info.relayProtocol,
      detectedAtFrame: this.#options.context().frame,
      timestamp: this.#options.now(),
    };
    this.p2pMetrics.connectionType = info.connectionType;
    this.p2pMetrics.connectionDetails = details;
    this.#options.print(`[P2P] Connection type: ${info.connectionType}`);
    this.#emit('p2p_connection_type', { connection_type: info.connectionType, details });
  }

  connectionLost(): void {
    this.#lostAt = this.#options.clock();
    this.#emit('p2p_connection_lost', {
      frame_number: this.#options.context().frame,
      timestamp: this.#options.now(),
    });
  }

  /** Reports the time since *lost*; does nothing if nothing was lost. */
  connectionRestored(): void {
    if (this.#lostAt === null) return;
    this.#emit('p2p_reconnection_success', { duration_ms: Math.round(this.#options.clock() - this.#lostAt) });
    this.#lostAt = null;
  }

  /** Includes its own time, because reports that waited for the relay arrive all at once. */
  reportHealth(): void {
    const { rttMs, paused, route, degraded, episode } = this.#options.context();
    this.#emit('p2p_health_report', {
      connection_type: this.#playedOver(),
      latency_ms: rttMs === null ? null : Math.round(rttMs * 10) / 10,
      status: paused || route === 'none' ? 'reconnecting' : degraded ? 'degraded' : 'healthy',
      episode,
      timestamp: this.#options.now(),
    });
  }

  /** Call it after each frame of the match. */
  framePlayed(state: DuelState, seat: Seat): void {
    if (state.phase === 'play') this.#roundFrames = state.phaseFrames;
    // The frame that ends a round belongs to it.
    if (state.phase === 'over' && state.phaseFrames === OVER_FRAMES)
      this.#episodeOver(state, this.#roundFrames + 1, seat);
  }

  #episodeOver(state: DuelState, playedFrames: number, seat: Seat): void {
    const connectionType = this.#playedOver();
    const result = state.lastWinner === null ? 'draw' : state.lastWinner === seat ? 'won' : 'lost';
    this.#options.print(
      `[Episode] ${state.round} ${result} after ${playedFrames} frames, P2P type: ${connectionType}`,
    );
    this.#emit('p2p_episode_summary', {
      summary: {
        episode: state.round,
        result,
        frames: playedFrames,
        wins: state.wins,
        p2p_type: connectionType,
        connection_details: this.p2pMetrics.connectionDetails,
        rtt_ms: this.#options.context().rttMs,
      },
    });
  }

  #playedOver(): P2PMetrics['connectionType'] | 'socketio_fallback' {
    return this.#options.context().route === 'socket' ? 'socketio_fallback' : this.p2pMetrics.connectionType;
  }

  #emit(event: string, payload: Record<string, unknown>): void {
    const { gameId, playerId, emit } = this.#options;
    emit(event, { game_id: gameId, player_id: playerId, ...payload });
  }
}
