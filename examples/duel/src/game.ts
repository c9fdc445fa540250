import { WebRTCManager } from 'holdfast';
import { io } from 'socket.io-client';
import { type IceOptions, iceOptions } from './ice';
import { DuelLink, type LinkStatus, NO_LINK } from './link';
import { Match } from './match';
import type { PlayerId } from './seat-storage';
import { Session, type SessionPhase, type TurnConfig } from './session';
import type { Seat } from './simulation';
import { type ReportContext, Telemetry } from './telemetry';
import type { WatchLink } from './watch';

const HEALTH_REPORT_MS = 2000;
/** Upstream's limit for a good round trip. */
const MAX_HEALTHY_RTT_MS = 150;

export interface GameOptions {
  readonly gameId: string;
  readonly wanted: PlayerId | null;
  readonly onNotice: (text: string, tone: 'good' | 'warn' | 'bad') => void;
  /** Shows each link in the visualizer; null if that could not be loaded. */
  readonly watch: WatchLink | null;
}

interface Seated {
  readonly seat: Seat;
  readonly peerId: PlayerId;
  readonly match: Match;
  readonly link: DuelLink;
  readonly telemetry: Telemetry;
}

/** One player's game: a seat at the relay, a link to the other player, and the match that is played over it. */
export class Game {
  readonly #options: GameOptions;
  readonly #session: Session;
  #phase: SessionPhase = 'connecting';
  #isServerLost = false;
  /** Shared by all links: only the first connection uses the servers that came with the game. */
  #ice: IceOptions | null = null;
  #seated: Seated | null = null;
  #stopReports: (() => void) | null = null;

  constructor(options: GameOptions) {
    this.#options = options;
    this.#session = new Session({
      // Relative to the page, because a proxy may serve both under any path.
      socket: io({ path: new URL('socket.io', location.href).pathname }),
      gameId: options.gameId,
      wanted: options.wanted,
      onPhase: (phase) => this.#enter(phase),
      onReady: (turn) => this.#begin(turn),
      onData: (data) => this.#seated?.link.receiveFallback(data),
    });
  }

  get phase(): SessionPhase {
    return this.#phase;
  }

  get link(): LinkStatus {
    return this.#seated?.link.status ?? NO_LINK;
  }

  get match(): Match | null {
    return this.#seated?.match ?? null;
  }

  get seat(): Seat | null {
    if (this.#session.playerId === null) return null;
    return this.#session.playerId === '1' ? 0 : 1;
  }

  /** Call it 60 times a second. While the link is lost, the game is paused and sends nothing. */
  tick(nowMs: number, input: number): void {
    const { route, paused } = this.link;
    if (route !== 'none' && !paused) this.match?.tick(nowMs, input);
  }

  restart(): void {
    this.#options.onNotice('ICE restart requested', 'warn');
    void this.#seated?.link.restart();
  }

  toggleRelay(): void {
    const forceRelay = !this.link.forceRelay;
    this.#options.onNotice(
      forceRelay ? 'Reconnecting through TURN only' : 'Reconnecting over any path',
      'warn',
    );
    this.#seated?.link.setForceRelay(forceRelay);
  }

  leave(): void {
    this.#stopReports?.();
    this.#seated?.link.close();
    this.#session.leave();
  }

  /** Call it when the page goes away. */
  releaseSeat(): void {
    this.#session.releaseSeat();
  }

  #enter(phase: SessionPhase): void {
    if (phase === 'unreachable' && this.#phase === 'ready') {
      const isNeeded = this.link.route !== 'p2p';
      this.#options.onNotice(
        `The server is unreachable${isNeeded ? '' : '; the game continues peer to peer'}`,
        'warn',
      );
      this.#isServerLost = true;
    }
    if (phase === 'ready' && this.#isServerLost) {
      this.#options.onNotice('The server is back', 'good');
      this.#isServerLost = false;
    }
    this.#phase = phase;
    // The seat is no longer ours, so no link may continue under its id.
    if (phase !== 'replaced' && phase !== 'seat-taken' && phase !== 'game-full') return;
    this.#stopReports?.();
    this.#seated?.link.close();
  }

  #begin(turn: TurnConfig | null): void {
    this.#ice ??= iceOptions(turn, () => this.#session.askTurnConfig());
    const playerId = this.#session.playerId;
    if (playerId === null) return;
    this.#seated ??= this.#takeSeat(playerId);
    this.#seated.link.connect(this.#seated.peerId, turn?.force_relay ?? false);
  }

  #takeSeat(playerId: PlayerId): Seated {
    const seat: Seat = playerId === '1' ? 0 : 1;
    const telemetry = this.#makeTelemetry(playerId);
    const link = this.#makeLink(playerId, telemetry);
    const match = new Match({
      seat,
      send: (bytes) => link.send(bytes),
      random: Math.random,
      onFrame: (state) => telemetry.framePlayed(state, seat),
      onDesync: (frame) => {
        console.warn(`[Duel] Desync: the two games differ at frame ${frame}; starting a new match`);
        this.#options.onNotice('The two games went out of sync; a new match starts', 'bad');
      },
    });
    telemetry.reportHealth();
    const timer = setInterval(() => telemetry.reportHealth(), HEALTH_REPORT_MS);
    this.#stopReports = () => clearInterval(timer);
    return { seat, peerId: playerId === '1' ? '2' : '1', match, link, telemetry };
  }

  #makeTelemetry(playerId: PlayerId): Telemetry {
    return new Telemetry({
      gameId: this.#options.gameId,
      playerId,
      emit: (event, payload) => this.#session.report(event, payload),
      context: () => this.#reportContext(),
      now: Date.now,
      clock: () => performance.now(),
      print: (line) => console.info(line),
    });
  }

  #makeLink(playerId: PlayerId, telemetry: Telemetry): DuelLink {
    let route: LinkStatus['route'] = 'none';
    return new DuelLink({
      createManager: (forceRelay) => this.#createManager(playerId, forceRelay),
      sendFallback: (data) => this.#session.sendData(data),
      onPacket: (data) => this.match?.receive(data, performance.now()),
      onConnectionType: (info) => telemetry._logConnectionType(info),
      onLost: () => telemetry.connectionLost(),
      onRestored: () => telemetry.connectionRestored(),
      onNotice: (text, tone) => {
        console.info(`[Duel] ${text}`);
        this.#options.onNotice(text, tone);
      },
      onChange: (status) => {
        if (status.route !== route) this.match?.pathChanged();
        route = status.route;
      },
      every: (ms, call) => {
        const timer = setInterval(call, ms);
        return () => clearInterval(timer);
      },
    });
  }

  #createManager(playerId: PlayerId, forceRelay: boolean): WebRTCManager {
    const watched = this.#options.watch?.(`player ${playerId}`);
    const manager = new WebRTCManager(this.#session.socket, this.#options.gameId, playerId, {
      forceRelay,
      ...this.#ice,
      ...(watched && { inspect: watched.inspect }),
    });
    watched?.attach(manager);
    return manager;
  }

  #reportContext(): ReportContext {
    const { route, paused } = this.link;
    const rttMs = this.match?.rttMs ?? null;
    return {
      frame: this.match?.state?.frame ?? 0,
      episode: this.match?.state?.round ?? 0,
      route,
      rttMs,
      paused,
      degraded: route === 'socket' || (rttMs ?? 0) > MAX_HEALTHY_RTT_MS,
    };
  }
}
