import type { IncomingMessage, RequestListener } from 'node:http';

import type { RelayLogger } from './logger';
import type { Rate, RateLimits } from './rate-limit';
import type { TurnOptions } from './turn';

export interface RelayServerOptions {
  /** Folder of the research log, one NDJSON file per game. Default: no log. */
  readonly dataDir?: string;
  /** Folder of the built page to serve. Default: no page. */
  readonly staticDir?: string;
  /** Folder of the built visualizer, served under `/visualizer/`. Default: no visualizer. */
  readonly visualizerDir?: string;
  /** An Express application, for example. Answers every request except `/socket.io/`, `/healthz` and the visualizer, instead of `staticDir`. */
  readonly app?: RequestListener;
  /** The TURN server that players receive. Default: none. */
  readonly turn?: TurnOptions;
  /** Lets anyone who knows a game's id watch the records of its players (docs/RECORDS.md). Default: false. */
  readonly inspect?: boolean;
  /** Seats in each game. Default: 2. */
  readonly playersPerGame?: number;
  /** How long a seat is held after its player's socket has disconnected. Default: 120 000. */
  readonly seatHoldMs?: number;
  /** How long a socket may stay connected without joining a game. Default: 30 000. */
  readonly joinTimeoutMs?: number;
  /** Default: 5 000. At the limit, an abandoned game is dropped for a new one; without an abandoned game, the new one is refused. */
  readonly maxGames?: number;
  /** All connections, joined or not. Default: 5 000. */
  readonly maxSockets?: number;
  /** Connections that have not joined a game yet. Default: 2 000. At the limit, a newcomer replaces the oldest one that is older than three seconds. */
  readonly maxUnjoinedSockets?: number;
  /** Connections from one address, or from one IPv6 /64. Default: no limit. Behind a proxy all players have its address: see `addressOf`. */
  readonly maxSocketsPerAddress?: number;
  /** Returns the client address of a connection, given its opening request. For servers behind a proxy that sets it in a header. */
  readonly addressOf?: (request: IncomingMessage) => string;
  /** New connections, from all addresses together. Default: 100 a second, 300 at once. */
  readonly handshakes?: Rate;
  /** How long an evicted socket is kept open, unread, before it is destroyed. Default: 20 000. */
  readonly penaltyMs?: number;
  /** Size limit of each game's log file. Default: 64 MiB. */
  readonly maxLogFileBytes?: number;
  /** Size limit of all log files together. Default: 4 GiB. */
  readonly maxLogTotalBytes?: number;
  /** Limits for one socket; overrides members of {@link DEFAULT_RATES}. */
  readonly rates?: Partial<RateLimits>;
  /** Only pages of these origins may connect, by polling or WebSocket. Default: any page. */
  readonly allowedOrigins?: readonly string[];
  /** How often Socket.IO pings a client. Default: 10 000. */
  readonly pingIntervalMs?: number;
  /** How long it waits for the pong. Default: 20 000. */
  readonly pingTimeoutMs?: number;
  /** Default: the console. */
  readonly logger?: RelayLogger;
  /** Monotonic clock in milliseconds; for tests. */
  readonly now?: () => number;
}

/** An origin that no browser sends, or a URL that no browser accepts, would otherwise fail silently. */
export const LIST_FORMATS = {
  allowedOrigins: {
    // No default port of the scheme, and an ASCII host: printable characters except `/?#@` and capitals.
    item: /^(?!http:.*:80$|https:.*:443$)(?:null|[a-z][a-z\d+.-]*:\/\/[!"$-.0->[-~]+)$/,
    example: 'https://game.example.org',
  },
  turnUrls: { item: /^(?:turn|stun)s?:[^/\s]+$/i, example: 'turn:turn.example.org:3478' },
} as const;

/** The longest delay of a Node timer; a longer one fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const INTEGERS = [
  'playersPerGame',
  'seatHoldMs',
  'maxGames',
  'maxSockets',
  'maxUnjoinedSockets',
  'maxSocketsPerAddress',
  'maxLogFileBytes',
  'maxLogTotalBytes',
] as const;
const TIMERS = ['joinTimeoutMs', 'penaltyMs', 'pingIntervalMs', 'pingTimeoutMs'] as const;

/** Drops undefined members (from a missing environment variable, say): they would override the defaults. */
export const withoutUndefined = <Options extends object>(options: Options): Options =>
  Object.assign(
    {},
    ...Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : { [name]: value })),
  );

/** @throws RangeError that names the invalid option and says what is allowed. */
export function checkOptions(options: RelayServerOptions): void {
  for (const name of INTEGERS) if (name in options) checkInteger(name, options[name]);
  for (const name of TIMERS) if (name in options) checkInteger(name, options[name], MAX_TIMER_MS);
  for (const [name, rate] of Object.entries({ handshakes: options.handshakes, ...ratesOf(options) }))
    if (rate !== undefined) checkRate(name, rate);
  checkList('allowedOrigins', options.allowedOrigins, LIST_FORMATS.allowedOrigins);
  if (options.app !== undefined && options.staticDir !== undefined)
    throw new RangeError('app and staticDir are both set: expected one of them to serve the pages');
  if (options.turn !== undefined) checkTurn(options.turn);
}

function checkInteger(name: string, value: number | undefined, max = Number.MAX_SAFE_INTEGER): void {
  if (value !== undefined && Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new RangeError(`${name} is ${String(value)}: expected an integer from 1 to ${max}`);
}

const ratesOf = ({ rates = {} }: RelayServerOptions): Record<string, Rate> =>
  Object.fromEntries(Object.entries(rates).map(([name, rate]) => [`rates.${name}`, rate]));

function checkRate(name: string, { perSecond, burst }: Rate): void {
  if (Number.isFinite(perSecond) && perSecond > 0 && Number.isFinite(burst) && burst >= 1) return;
  throw new RangeError(
    `${name} is ${perSecond} a second, ${burst} at once: expected more than 0 a second and at least 1 at once`,
  );
}

function checkList(
  name: string,
  items: readonly string[] = [],
  { item, example }: (typeof LIST_FORMATS)[keyof typeof LIST_FORMATS],
): void {
  const bad = items.find((each) => !item.test(each));
  if (bad === undefined) return;
  throw new RangeError(`${name} contains '${bad}': expected something like ${example}`);
}

function checkTurn(turn: TurnOptions): void {
  checkList('turn.urls', turn.urls, LIST_FORMATS.turnUrls);
  if ('secret' in turn) {
    checkText('turn.secret', turn.secret);
    if (turn.ttlS !== undefined) checkInteger('turn.ttlS', turn.ttlS);
  } else {
    checkText('turn.username', turn.username);
    checkText('turn.credential', turn.credential);
  }
}

function checkText(name: string, value: string): void {
  if (typeof value !== 'string' || value === '')
    throw new RangeError(`${name} is empty or not a string: expected a non-empty string`);
}
