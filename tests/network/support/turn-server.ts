import { type RunningChild, startChild } from './child-process.js';

export const TURN_USERNAME = 'lab';
export const TURN_CREDENTIAL = 'lab-secret';
const PORT = 3478;

/** coturn on the router, with long-term credentials; it can be stopped and started while peers use it. */
export class TurnServer {
  readonly #namespace: string;
  readonly #address: string;
  #child: RunningChild | null = null;

  constructor(namespace: string, address: string) {
    this.#namespace = namespace;
    this.#address = address;
  }

  get iceServers(): RTCIceServer[] {
    const host = `${this.#address}:${PORT}`;
    return [
      { urls: `stun:${host}` },
      { urls: `turn:${host}`, username: TURN_USERNAME, credential: TURN_CREDENTIAL },
    ];
  }

  async start(): Promise<void> {
    if (this.#child !== null) return;
    const child = startChild('ip', ['netns', 'exec', this.#namespace, 'turnserver', ...this.#options()]);
    this.#child = child;
    await child.waitFor(/Total General servers/);
  }

  /** Killed, not asked: a server that dies says no good-bye to its allocations. */
  async stop(): Promise<void> {
    await this.#child?.stop('SIGKILL');
    this.#child = null;
  }

  #options(): string[] {
    return [
      '-n',
      '--lt-cred-mech',
      `--user=${TURN_USERNAME}:${TURN_CREDENTIAL}`,
      '--realm=lab',
      `--listening-ip=${this.#address}`,
      `--relay-ip=${this.#address}`,
      `--listening-port=${PORT}`,
      '--no-tls',
      '--no-dtls',
      '--no-cli',
      '--log-file=stdout',
      '--pidfile=/dev/null',
      '--userdb=/dev/null',
    ];
  }
}
