import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './browser-page';
import { kill } from './kill';
import { programPath } from './requirements';

export interface CoturnOptions {
  /** Address it listens and relays on. */
  readonly host: string;
  readonly port: number;
  /** Serves TLS on this port too, with a self-signed certificate; needs openssl. */
  readonly tlsPort?: number;
  /** Put before the command, to start it elsewhere: `['ip', 'netns', 'exec', 'router']`. */
  readonly wrapper?: readonly string[];
}

/** coturn with long-term credentials; it can be stopped and started while peers use it. */
export interface Coturn {
  readonly host: string;
  readonly port: number;
  readonly iceServers: RTCIceServer[];
  start(): Promise<void>;
  /** Kills it, because a server that dies says no goodbye to its allocations. */
  stop(): Promise<void>;
  /** Stops it and removes its files. */
  dispose(): Promise<void>;
}

const TURN_USER = { username: 'user', credential: 'pass' };

/** Far from the range that the kernel assigns by itself (32768–60999). */
const RELAY_PORTS = { first: 62_000, last: 63_000 };

const START_TIMEOUT_MS = 15_000;

/** Creates a coturn and starts it. */
export async function startCoturn(host = '127.0.0.1'): Promise<Coturn> {
  const coturn = createCoturn({ host, port: await freeUdpPort() });
  await coturn.start();
  return coturn;
}

export function createCoturn({ host, port, tlsPort, wrapper = [] }: CoturnOptions): Coturn {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-coturn-'));
  const config = join(folder, 'turnserver.conf');
  const log = join(folder, 'turn.log');
  const tls = tlsPort === undefined ? ['no-tls', 'no-dtls'] : tlsLines(tlsPort, folder);
  writeFileSync(config, configText(host, port, folder, tls));
  let running: ChildProcess | undefined;
  const stop = async () => {
    if (running) await kill(running);
    running = undefined;
  };
  return {
    host,
    port,
    iceServers: [
      {
        urls: [
          `turn:${host}:${port}?transport=udp`,
          ...(tlsPort === undefined
            ? []
            : [`turn:${host}:${port}?transport=tcp`, `turns:${host}:${tlsPort}?transport=tcp`]),
        ],
        ...TURN_USER,
      },
    ],
    start: async () => {
      if (running) return;
      await rm(log, { force: true });
      const [command = '', ...args] = [...wrapper, programPath('turnserver'), '-c', config];
      running = spawn(command, args, { stdio: 'ignore' });
      await untilUp(running, log);
    },
    stop,
    dispose: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configText(host: string, port: number, folder: string, tls: readonly string[]): string {
  return [
    `listening-ip=${host}`,
    `relay-ip=${host}`,
    `listening-port=${port}`,
    `min-port=${RELAY_PORTS.first}`,
    `max-port=${RELAY_PORTS.last}`,
    'lt-cred-mech',
    `user=${TURN_USER.username}:${TURN_USER.credential}`,
    'realm=holdfast.test',
    ...tls,
    'no-cli',
    'allow-loopback-peers',
    `userdb=${join(folder, 'turndb')}`,
    `pidfile=${join(folder, 'turn.pid')}`,
    `log-file=${join(folder, 'turn.log')}`,
    'simple-log',
    '',
  ].join('\n');
}

function tlsLines(port: number, folder: string): string[] {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync(
    programPath('openssl'),
    ['req', '-x509', ...curve, '-subj', '/CN=holdfast.test', '-days', '2', ...files],
    { stdio: 'ignore' },
  );
  return [`tls-listening-port=${port}`, `cert=${certificate}`, `pkey=${key}`];
}

async function untilUp(child: ChildProcess, log: string): Promise<void> {
  const written = () => readFile(log, 'utf8').catch(() => '');
  const isDecided = (text: string) => child.exitCode !== null || text.includes('Total General servers');
  try {
    await eventually(written, isDecided, { timeoutMs: START_TIMEOUT_MS });
    if (child.exitCode !== null) throw new Error(`turnserver ended with code ${child.exitCode}`);
  } catch (cause) {
    await kill(child);
    throw new Error(`coturn did not start:\n${(await written()).slice(-2000)}`, { cause });
  }
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
