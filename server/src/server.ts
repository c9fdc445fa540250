import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DefaultEventsMap, Server } from 'socket.io';

import { createHttpHandler, trackConnections } from './http';
import { consoleLogger, describeError, type RelayLogger } from './logger';
import type { ServerToClient } from './protocol';
import { DEFAULT_RATES, type RateLimits } from './rate-limit';
import { Relay } from './relay';
import { ResearchLog } from './research-log';
import { MAX_SIGNAL_BYTES } from './schemas';
import type { TurnOptions } from './turn';

export interface RelayServerOptions {
  /** Where the research log goes, one NDJSON file per game; none without it. */
  readonly dataDir?: string;
  /** The built page to serve; none without it. */
  readonly staticDir?: string;
  /** The built visualizer, served below `/visualizer/`; none without it. */
  readonly visualizerDir?: string;
  readonly turn?: TurnOptions;
  /** Whoever knows a game's id may watch what its players' recorders tell (docs/RECORDS.md). Off without it. */
  readonly inspect?: boolean;
  readonly playersPerGame?: number;
  readonly seatHoldMs?: number;
  readonly joinTimeoutMs?: number;
  readonly maxGames?: number;
  /** Connections of every kind. */
  readonly maxSockets?: number;
  /** Connections that have not joined a game yet. */
  readonly maxUnjoinedSockets?: number;
  readonly maxLogFileBytes?: number;
  readonly maxLogTotalBytes?: number;
  readonly rates?: Partial<RateLimits>;
  /** Pages of these origins may connect, and no others; without it any page may, as Socket.IO has it for WebSockets. */
  readonly allowedOrigins?: readonly string[];
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
  readonly logger?: RelayLogger;
  /** Milliseconds that only grow; for tests. */
  readonly now?: () => number;
}

export interface RelayStats {
  readonly sockets: number;
  readonly players: number;
  readonly games: number;
  readonly droppedRecords: number;
}

export interface RelayServer {
  /** Port 0 takes a free one. Resolves with the address once it listens; rejects when it cannot. */
  listen(port: number, host?: string): Promise<AddressInfo>;
  /** Resolves when every record taken so far is on disk. */
  flush(): Promise<void>;
  /** Ends every connection and writes what the log still holds. */
  close(): Promise<void>;
  readonly address: AddressInfo | null;
  readonly stats: RelayStats;
}

const DEFAULTS = {
  playersPerGame: 2,
  /** A reload takes seconds; a lost network a minute or two. */
  seatHoldMs: 120_000,
  joinTimeoutMs: 30_000,
  maxGames: 5_000,
  maxSockets: 5_000,
  maxUnjoinedSockets: 2_000,
  pingIntervalMs: 10_000,
  pingTimeoutMs: 20_000,
} as const;

/** Room for a signal's largest payload and its envelope. */
const MAX_MESSAGE_BYTES = MAX_SIGNAL_BYTES + 16 * 1024;
/** From a transport's opening to Socket.IO's own CONNECT. */
const CONNECT_TIMEOUT_MS = 10_000;
/** For clients to read the goodbye; the rest are cut off. */
const CLOSE_GRACE_MS = 500;
const MAX_REAP_INTERVAL_MS = 5_000;
const MIN_REAP_INTERVAL_MS = 50;

/** The relay over one HTTP server; nothing happens before `listen`. */
export function createRelayServer(options: RelayServerOptions = {}): RelayServer {
  const settings = { ...DEFAULTS, ...options };
  requirePositiveIntegers(settings);
  const logger = options.logger ?? consoleLogger();
  const researchLog = openResearchLog(options, logger);
  const now = options.now ?? (() => performance.now());
  const relay = new Relay({
    ...settings,
    rates: { ...DEFAULT_RATES, ...options.rates },
    turn: options.turn ?? null,
    inspect: options.inspect ?? false,
    logger,
    researchLog,
    wallClock: Date.now,
    now,
  });
  const stats = (): RelayStats => ({
    sockets: io.engine.clientsCount,
    players: relay.games.seated,
    games: relay.games.size,
    droppedRecords: researchLog?.dropped ?? 0,
  });
  const http = createServer(
    createHttpHandler({
      staticDir: options.staticDir ?? null,
      visualizerDir: options.visualizerDir ?? null,
      health: () => ({ status: 'ok', ...stats() }),
    }),
  );
  const mayConnect = (request: IncomingMessage): boolean => {
    const { sockets, players } = stats();
    if (sockets >= settings.maxSockets || sockets - players >= settings.maxUnjoinedSockets) return false;
    return originAllowed(request, options.allowedOrigins);
  };
  const io = new Server<DefaultEventsMap, ServerToClient>(http, {
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    connectTimeout: CONNECT_TIMEOUT_MS,
    pingInterval: settings.pingIntervalMs,
    pingTimeout: settings.pingTimeoutMs,
    ...(options.allowedOrigins === undefined ? {} : { cors: { origin: [...options.allowedOrigins] } }),
    allowRequest: (request, decide) => decide(null, mayConnect(request)),
  });
  io.on('connection', (socket) => relay.handleConnection(socket));
  http.on('error', (error) => {
    // Before it listens, the caller of `listen` hears.
    if (http.listening) logger.error('http server', { error: describeError(error) });
  });
  const destroyConnections = trackConnections(http);
  const reapIntervalMs = Math.max(MIN_REAP_INTERVAL_MS, Math.min(MAX_REAP_INTERVAL_MS, settings.seatHoldMs));
  const reaper = setInterval(() => relay.games.reap(), reapIntervalMs);
  reaper.unref();

  return {
    listen: (port, host = '127.0.0.1') => listen(http, port, host),
    flush: async () => researchLog?.flush(),
    close: async () => {
      clearInterval(reaper);
      // Ends the transports, not the sockets: told `io server disconnect`, a client would not come back to the next server.
      io.engine.close();
      const forced = setTimeout(destroyConnections, CLOSE_GRACE_MS);
      if (http.listening) await io.close();
      clearTimeout(forced);
      await researchLog?.flush();
    },
    get address() {
      return addressOf(http);
    },
    get stats() {
      return stats();
    },
  };
}

function requirePositiveIntegers(settings: Readonly<Record<keyof typeof DEFAULTS, number>>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (!(name in DEFAULTS) || (Number.isSafeInteger(value) && value >= 1)) continue;
    throw new RangeError(`${name} is ${String(value)}: expected an integer of at least 1`);
  }
}

function openResearchLog(options: RelayServerOptions, logger: RelayLogger): ResearchLog | null {
  if (options.dataDir === undefined) return null;
  return new ResearchLog({
    directory: options.dataDir,
    logger,
    ...(options.maxLogFileBytes === undefined ? {} : { maxFileBytes: options.maxLogFileBytes }),
    ...(options.maxLogTotalBytes === undefined ? {} : { maxTotalBytes: options.maxLogTotalBytes }),
  });
}

// CORS does not cover WebSockets: the browser sends its origin, and it is on us to look at it.
function originAllowed(request: IncomingMessage, allowed: readonly string[] | undefined): boolean {
  const { origin, host } = request.headers;
  if (allowed === undefined || origin === undefined) return true;
  return allowed.includes(origin) || origin === `http://${host}` || origin === `https://${host}`;
}

function listen(http: HttpServer, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      const address = addressOf(http);
      if (address === null) reject(new Error('the server listens on no address'));
      else resolve(address);
    });
  });
}

function addressOf(http: HttpServer): AddressInfo | null {
  const address = http.address();
  return typeof address === 'object' ? address : null;
}
