import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './browser-page';
import { programPath } from './requirements';
import { answersStun } from './stun';

export interface CoturnOptions {
  /** Address it listens and relays on; loopback unless a network namespace has its own. */
  readonly host?: string;
  readonly port?: number;
  /** Put before the command, to start it elsewhere: `['ip', 'netns', 'exec', 'router']`. */
  readonly wrapper?: readonly string[];
  /** Whether it answers, where the test itself cannot reach it. */
  readonly isUp?: (host: string, port: number) => Promise<boolean>;
}

export interface Coturn {
  readonly host: string;
  readonly port: number;
  readonly iceServers: RTCIceServer[];
  /** Stops and starts it on the same port: every allocation is gone. */
  restart(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and removes its files. */
  dispose(): Promise<void>;
}

const TURN_USER = { username: 'user', credential: 'pass' };

/** Far from the range that the kernel gives out by itself (32768–60999). */
const RELAY_PORTS = { first: 62_000, last: 63_000 };

const START_TIMEOUT_MS = 15_000;

export async function startCoturn(options: CoturnOptions = {}): Promise<Coturn> {
  const host = options.host ?? '127.0.0.1';
  const port = options.port ?? (await freeUdpPort());
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-coturn-'));
  const config = join(folder, 'turnserver.conf');
  await writeFile(config, configText(host, port, folder));
  let running: ChildProcess | undefined;

  const start = async () => {
    running = launch(config, options.wrapper ?? []);
    await untilUp(running, () => (options.isUp ?? answersStun)(host, port), join(folder, 'turn.log'));
  };
  const stop = async () => {
    if (running) await end(running);
    running = undefined;
  };
  await start();
  return {
    host,
    port,
    iceServers: [{ urls: `turn:${host}:${port}?transport=udp`, ...TURN_USER }],
    start,
    stop,
    restart: async () => {
      await stop();
      await start();
    },
    dispose: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configText(host: string, port: number, folder: string): string {
  return [
    `listening-ip=${host}`,
    `relay-ip=${host}`,
    `listening-port=${port}`,
    `min-port=${RELAY_PORTS.first}`,
    `max-port=${RELAY_PORTS.last}`,
    'lt-cred-mech',
    `user=${TURN_USER.username}:${TURN_USER.credential}`,
    'realm=holdfast.test',
    'no-tls',
    'no-dtls',
    'no-cli',
    'allow-loopback-peers',
    `userdb=${join(folder, 'turndb')}`,
    `pidfile=${join(folder, 'turn.pid')}`,
    `log-file=${join(folder, 'turn.log')}`,
    'simple-log',
    '',
  ].join('\n');
}

function launch(config: string, wrapper: readonly string[]): ChildProcess {
  const [command = '', ...args] = [...wrapper, programPath('turnserver'), '-c', config];
  return spawn(command, args, { stdio: 'ignore' });
}

async function untilUp(child: ChildProcess, isUp: () => Promise<boolean>, log: string): Promise<void> {
  const state = () => (child.exitCode !== null ? Promise.resolve('ended') : isUp().then(upWord));
  try {
    const reached = await eventually(state, (word) => word !== 'waiting', { timeoutMs: START_TIMEOUT_MS });
    if (reached === 'ended') throw new Error(`turnserver ended with code ${child.exitCode}`);
  } catch (cause) {
    await end(child);
    const text = await readFile(log, 'utf8').catch(() => 'no log');
    throw new Error(`coturn did not start:\n${text.slice(-2000)}`, { cause });
  }
}

function upWord(up: boolean): 'up' | 'waiting' {
  return up ? 'up' : 'waiting';
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await ended;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
