import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './browser-page';
import { kill } from './kill';
import { root } from './root';

export interface RelayProcess {
  readonly url: string;
  readonly port: number;
  /** Ends it without a word, as a crash or a lost machine does; its clients are not told. */
  kill(): Promise<void>;
  /** Starts it again on the same port; it remembers nothing. */
  start(): Promise<void>;
}

interface RelayProcessOptions {
  readonly port: number;
  readonly host?: string;
  /** Put before the command, to start it elsewhere: `['ip', 'netns', 'exec', 'router']`. */
  readonly wrapper?: readonly string[];
  /** Whether it answers, where the test itself cannot reach it. */
  readonly isUp?: (url: string) => Promise<boolean>;
}

const START_TIMEOUT_MS = 30_000;

/** The relay as `npm start` runs it, in a process of its own, for tests in which it dies. */
export async function startRelayProcess(options: RelayProcessOptions): Promise<RelayProcess> {
  const { port, host = '127.0.0.1', isUp = answersHttp } = options;
  const url = `http://${host}:${port}`;
  let running: ChildProcess | undefined;
  const end = async () => {
    if (running) await kill(running);
    running = undefined;
  };
  const start = async () => {
    await end();
    const started = launch(host, port, options.wrapper ?? []);
    running = started;
    const state = async () => (started.exitCode === null ? isUp(url) : 'ended');
    const reached = await eventually(state, Boolean, { timeoutMs: START_TIMEOUT_MS, what: 'the relay' });
    if (reached === 'ended') throw new Error(`the relay ended with code ${started.exitCode}`);
  };
  await start();
  return { url, port, kill: end, start };
}

function launch(host: string, port: number, wrapper: readonly string[]): ChildProcess {
  const [command = '', ...args] = [...wrapper, process.execPath, '--import', 'tsx', 'server/src/main.ts'];
  const env = {
    ...process.env,
    HOST: host,
    PORT: String(port),
    DATA_DIR: join(tmpdir(), 'holdfast-relay-data'),
  };
  return spawn(command, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function answersHttp(url: string): Promise<boolean> {
  return fetch(`${url}/socket.io/?EIO=4&transport=polling`).then(
    (response) => response.ok,
    () => false,
  );
}
