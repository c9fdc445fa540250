import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Socket as TcpSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { onTestFinished, vi } from 'vitest';
import type { LogFields, RelayLogger } from '../src/logger';
import type { RelayServerOptions } from '../src/options';
import { logFileName } from '../src/research-log';
import { createRelayServer, type RelayServer } from '../src/server';

/** Bounds a hang; no test waits for it. */
export const DEADLINE_MS = 20_000;

vi.setConfig({ testTimeout: 2 * DEADLINE_MS, hookTimeout: 2 * DEADLINE_MS });

/** Waits for what the relay does by itself, such as noticing that a socket is gone. */
export const eventually = (assertion: () => void): Promise<void> =>
  vi.waitFor(assertion, { timeout: DEADLINE_MS, interval: 5 });

/** Until the test ends, timers of the relay and its clients run only when the test says so, however long the machine takes. */
export function stopTimers(): { pass(ms: number): void } {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  return { pass: (ms) => void vi.advanceTimersByTime(ms) };
}

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields | undefined;
}

export interface World {
  readonly server: RelayServer;
  readonly url: string;
  readonly dataDir: string;
  readonly lines: LoggedLine[];
  connect(): Promise<Client>;
  /** The records of a game's file, once everything accepted is on disk. */
  records(gameId: string | number): Promise<Record<string, unknown>[]>;
}

/** A relay on a free port of loopback, closed at the end of the test. */
export async function startWorld(options: RelayServerOptions = {}): Promise<World> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-relay-'));
  const lines: LoggedLine[] = [];
  const server = createRelayServer({ dataDir, logger: recordingLogger(lines), ...options });
  const { port } = await server.listen(0);
  const url = `http://127.0.0.1:${port}`;
  onTestFinished(async () => {
    await server.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  return {
    server,
    url,
    dataDir,
    lines,
    connect: () => Client.connect(url),
    records: async (gameId) => {
      await server.flush();
      const text = await readFile(join(dataDir, logFileName(gameId)), 'utf8');
      return text
        .trimEnd()
        .split('\n')
        .map((line): Record<string, unknown> => JSON.parse(line));
    },
  };
}

export const recordingLogger = (lines: LoggedLine[]): RelayLogger => {
  const at = (level: LoggedLine['level']) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, fields });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};

export interface Received {
  readonly event: string;
  readonly message: unknown;
}

/** A real Socket.IO client that remembers everything it hears, in order. */
export class Client {
  readonly inbox: Received[] = [];
  readonly socket: Socket;
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.onAny((event: string, message: unknown) => {
      this.inbox.push({ event, message });
      for (const wake of this.#waiting) wake();
    });
  }

  static async connect(url: string): Promise<Client> {
    const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false });
    const client = new Client(socket);
    onTestFinished(() => {
      socket.close();
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('connect_error', reject);
    });
    return client;
  }

  emit(event: string, ...args: unknown[]): void {
    this.socket.emit(event, ...args);
  }

  ask(event: string, ...args: unknown[]): Promise<Record<string, unknown>> {
    return this.socket.timeout(DEADLINE_MS).emitWithAck(event, ...args);
  }

  join(gameId: unknown, playerId: unknown, resumeToken?: unknown): Promise<Record<string, unknown>> {
    return this.ask('join_game', { game_id: gameId, player_id: playerId, resume_token: resumeToken });
  }

  heard(event: string): unknown[] {
    return this.inbox.filter((received) => received.event === event).map((received) => received.message);
  }

  /** The messages of one kind, once there are `count`. */
  async hears(event: string, count = 1): Promise<unknown[]> {
    await this.#until(() => this.heard(event).length >= count);
    return this.heard(event);
  }

  /** Waits until the relay has handled everything sent before, and its consequences for this client have arrived. */
  async settle(): Promise<void> {
    await this.ask('holdfast_ping');
  }

  /** The page hangs: its TCP window fills. */
  stopReading(): void {
    const webSocket: unknown = Reflect.get(this.socket.io.engine.transport, 'ws');
    if (typeof webSocket !== 'object' || webSocket === null) throw new Error('not a WebSocket');
    const tcp: unknown = Reflect.get(webSocket, '_socket');
    if (!(tcp instanceof TcpSocket)) throw new Error('no TCP socket beneath');
    tcp.pause();
  }

  get gone(): Promise<string> {
    if (this.socket.disconnected) return Promise.resolve('already');
    return new Promise((resolve) => this.socket.once('disconnect', resolve));
  }

  async #until(done: () => boolean): Promise<void> {
    if (done()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the relay stayed silent')), DEADLINE_MS);
      const wake = (): void => {
        if (!done()) return;
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }
}

/** Two players who sit in a ready game. */
export async function startPair(
  world: World,
  gameId: string | number = 'duel',
  ids: readonly [string | number, string | number] = [0, 1],
): Promise<[Client, Client]> {
  const [one, two] = [await world.connect(), await world.connect()];
  await one.join(gameId, ids[0]);
  await two.join(gameId, ids[1]);
  await Promise.all([one.hears('pyodide_game_ready'), two.hears('pyodide_game_ready')]);
  return [one, two];
}
