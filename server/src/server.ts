import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DefaultEventsMap, Server } from 'socket.io';
import { AdmissionControl, DEFAULT_HANDSHAKES } from './admission';
import { boundedLogger, DEFAULT_LOG_RATE } from './bounded-logger';
import { HTTP_LIMITS, watchConnections } from './connections';
import { FairQueue } from './fair-queue';
import { createHttpHandler } from './http';
import { type EngineConnection, Intake } from './intake';
import { consoleLogger, describeError, type RelayLogger } from './logger';
import { networkOf } from './network';
import { checkOptions, type RelayServerOptions, withoutUndefined } from './options';
import type { ServerToClient } from './protocol';
import { DEFAULT_RATES } from './rate-limit';
import { Relay } from './relay';
import { ResearchLog } from './research-log';
import { MAX_SIGNAL_BYTES } from './schemas';
import { scrub } from './scrub';
import { Tally } from './tally';
import { limitWebSockets, queryOf, sessionOf, withoutJsonp } from './untyped-edge';

/** Engine.IO's report of a request that it refused, either for our reason (`context`) or for its own. */
interface HandshakeError {
  readonly req: IncomingMessage;
  readonly message: string;
  readonly context?: { readonly message?: string };
}

export interface RelayStats {
  readonly sockets: number;
  readonly players: number;
  readonly games: number;
  readonly droppedRecords: number;
}

export interface RelayServer {
  /** Port 0 picks a free port. Resolves with the address once the server listens; rejects if it cannot. */
  listen(port: number, host?: string): Promise<AddressInfo>;
  /** Resolves once every record accepted so far is on disk, or was dropped. */
  flush(): Promise<void>;
  /** Ends every connection and writes the pending records of the log. */
  close(): Promise<void>;
  readonly address: AddressInfo | null;
  readonly stats: RelayStats;
}

const DEFAULTS = {
  playersPerGame: 2,
  /** A reload takes seconds, a lost network a minute or two. */
  seatHoldMs: 120_000,
  joinTimeoutMs: 30_000,
  maxGames: 5_000,
  maxSockets: 5_000,
  maxUnjoinedSockets: 2_000,
  penaltyMs: 20_000,
  pingIntervalMs: 10_000,
  pingTimeoutMs: 20_000,
} as const;

/** The largest signal payload plus its envelope. */
const MAX_MESSAGE_BYTES = MAX_SIGNAL_BYTES + 16 * 1024;
/** From the opening of a transport to Socket.IO's CONNECT packet. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Time for clients to answer the closing handshake; the rest are destroyed. */
const CLOSE_GRACE_MS = 500;
/** An honest message arrives in a handful of fragments, and in at most a few hundred reads on a slow network. */
const WEB_SOCKET_LIMITS = { maxFragments: 64, maxBufferedChunks: 2_048 };
const SPARE_CONNECTIONS = 1_000;
const MAX_ORIGIN_LENGTH = 128;
const MAX_REAP_INTERVAL_MS = 5_000;
const MIN_REAP_INTERVAL_MS = 50;

/** Creates the relay and its HTTP server. Nothing happens before `listen`. */
export function createRelayServer(userOptions: RelayServerOptions = {}): RelayServer {
  const options = withoutUndefined(userOptions);
  const settings = { ...DEFAULTS, ...options };
  checkOptions(options);
  const now = options.now ?? (() => performance.now());
  const logger = boundedLogger(options.logger ?? consoleLogger(), DEFAULT_LOG_RATE, now);
  const researchLog = openResearchLog(options, logger, now);
  const rates = { ...DEFAULT_RATES, ...withoutUndefined(options.rates ?? {}) };
  const fairQueue = new FairQueue();
  const admission = new AdmissionControl(
    {
      ...settings,
      allowedOrigins: options.allowedOrigins ?? null,
      addressOf: options.addressOf ?? (({ socket }) => networkOf(socket.remoteAddress ?? '')),
      maxSocketsPerAddress: options.maxSocketsPerAddress ?? null,
      handshakes: options.handshakes ?? DEFAULT_HANDSHAKES,
    },
    now,
  );
  const closed = new Tally((fields) => logger.warn('socket closed', fields));
  const relay = new Relay({
    ...settings,
    turn: options.turn ?? null,
    inspect: options.inspect ?? false,
    logger,
    researchLog,
    wallClock: Date.now,
    now,
    joined: ({ conn }) => admission.joined(conn),
    joinTimedOut: () => closed.count('unjoined', { why: 'joined no game in time' }),
  });
  const stats = (): RelayStats => ({
    sockets: io.engine.clientsCount,
    players: relay.games.seated,
    games: relay.games.size,
    droppedRecords: researchLog?.dropped ?? 0,
  });
  const http: HttpServer = createServer(
    HTTP_LIMITS,
    createHttpHandler({
      staticDir: options.staticDir ?? null,
      visualizerDir: options.visualizerDir ?? null,
      app: options.app ?? null,
      health: () => ({ status: 'ok', ...stats() }),
    }),
  );
  // Room beyond the sockets for page requests and for requests that are refused.
  http.maxConnections = settings.maxSockets + SPARE_CONNECTIONS;
  const refusals = new Tally((fields) => logger.warn('connection refused', fields));
  const io = new Server<DefaultEventsMap, ServerToClient>(http, {
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    connectTimeout: CONNECT_TIMEOUT_MS,
    pingInterval: settings.pingIntervalMs,
    pingTimeout: settings.pingTimeoutMs,
    cors: { origin: options.allowedOrigins ? [...options.allowedOrigins] : '*' },
    allowRequest: (request, decide) => {
      const refusal = admission.refusalOf(request);
      decide(refusal, refusal === null);
    },
  });
  // Engine.IO creates its WebSocket server again when it starts to listen.
  http.on('listening', () =>
    limitWebSockets(io.engine, { ...WEB_SOCKET_LIMITS, closeTimeout: settings.penaltyMs }),
  );
  io.engine.use(withoutJsonp);
  const intakes = new WeakMap<object, Intake>();
  io.engine.on('connection', (conn: EngineConnection & { request: IncomingMessage }) => {
    intakes.set(conn, new Intake({ conn, fairQueue, rates, penaltyMs: settings.penaltyMs, now }));
    admission.admitted(conn, conn.request);
  });
  // A polling session opens a WebSocket to upgrade. Engine.IO announces it only once the upgrade is complete, but reads from it before, even if it never completes.
  http.on('upgrade', (request, tcp, head) => {
    // No browser upgrades a request whose transport is `polling`, or sends data before the upgrade is answered.
    if (queryOf(request).transport === 'polling' || head.length > 0) tcp.destroy();
    else intakes.get(sessionOf(io.engine, request))?.watch(tcp);
  });
  io.engine.on('connection_error', ({ req, message, context }: HandshakeError) => {
    const why = context?.message ?? message;
    const origin = scrub(req.headers.origin?.slice(0, MAX_ORIGIN_LENGTH));
    refusals.count(why, { why, ...(why === 'origin not allowed' ? { origin } : {}) });
  });
  http.on('drop', () => refusals.count('too many TCP connections', { why: 'too many TCP connections' }));
  io.on('connection', (socket) => {
    const intake = intakes.get(socket.conn);
    if (intake === undefined) socket.disconnect(true);
    else relay.handleConnection(socket, intake);
  });
  http.on('error', (error) => {
    // Before that, `listen` rejects with it.
    if (http.listening) logger.error('HTTP server error', { error: describeError(error) });
  });
  const connections = watchConnections(http);
  const reapIntervalMs = Math.max(MIN_REAP_INTERVAL_MS, Math.min(MAX_REAP_INTERVAL_MS, settings.seatHoldMs));
  const reaper = setInterval(() => relay.games.reap(), reapIntervalMs);
  reaper.unref();

  return {
    listen: async (port, host = '127.0.0.1') => {
      const address = await listen(http, port, host);
      await researchLog?.check();
      return address;
    },
    flush: async () => researchLog?.flush(),
    close: async () => {
      clearInterval(reaper);
      connections.stop();
      const forced = setTimeout(connections.destroyAll, CLOSE_GRACE_MS);
      if (http.listening) await io.close();
      clearTimeout(forced);
      fairQueue.stop();
      refusals.stop();
      closed.stop();
      await researchLog?.close();
    },
    get address() {
      return addressOf(http);
    },
    get stats() {
      return stats();
    },
  };
}

function openResearchLog(
  options: RelayServerOptions,
  logger: RelayLogger,
  now: () => number,
): ResearchLog | null {
  if (options.dataDir === undefined) return null;
  return new ResearchLog({
    directory: options.dataDir,
    logger,
    now,
    ...(options.maxLogFileBytes === undefined ? {} : { maxFileBytes: options.maxLogFileBytes }),
    ...(options.maxLogTotalBytes === undefined ? {} : { maxTotalBytes: options.maxLogTotalBytes }),
  });
}

function listen(http: HttpServer, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => {
      http.off('error', reject);
      const address = addressOf(http);
      if (address === null) reject(new Error('the server has no address to listen on'));
      else resolve(address);
    });
  });
}

function addressOf(http: HttpServer): AddressInfo | null {
  const address = http.address();
  return typeof address === 'object' ? address : null;
}
