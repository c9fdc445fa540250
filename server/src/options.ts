import type { IncomingMessage, RequestListener } from 'node:http';

import type { RelayLogger } from './logger';
import type { Rate, RateLimits } from './rate-limit';
import type { TurnOptions } from './turn';

export interface RelayServerOptions {
  /** Where the research log goes, one NDJSON file per game; none without it. */
  readonly dataDir?: string;
  /** The built page to serve; none without it. */
  readonly staticDir?: string;
  /** The built visualizer, served below `/visualizer/`; none without it. */
  readonly visualizerDir?: string;
  /** An Express application, say. Answers every request except `/socket.io/`, `/healthz` and the visualizer, in place of `staticDir`. */
  readonly app?: RequestListener;
  /** The TURN server that players are told of; none without it. */
  readonly turn?: TurnOptions;
  /** Whoever knows a game's id may watch what its players' recorders tell (docs/RECORDS.md). Off without it. */
  readonly inspect?: boolean;
  /** Seats of each game; 2. */
  readonly playersPerGame?: number;
  /** For how long the seat of a player whose socket went is held; 120 000. */
  readonly seatHoldMs?: number;
  /** For how long a socket may stay that joins no game; 30 000. */
  readonly joinTimeoutMs?: number;
  /** 5 000; at that number abandoned ones give way, and where there are none no other begins. */
  readonly maxGames?: number;
  /** Connections of every kind; 5 000. */
  readonly maxSockets?: number;
  /** Connections that have not joined a game yet; 2 000, above which the oldest give way, three seconds after they came. */
  readonly maxUnjoinedSockets?: number;
  /** Connections of one address, or of one /64 of IPv6; without it any number. Behind a proxy all players have its address: see `addressOf`. */
  readonly maxSocketsPerAddress?: number;
  /** Whose a connection is, by its opening request; for servers behind a proxy that says so in a header. */
  readonly addressOf?: (request: IncomingMessage) => string;
  /** New connections, of all addresses together; 100 a second, 300 at once. */
  readonly handshakes?: Rate;
  /** For how long a socket that was thrown out is held before it is cut off; 20 000. Meanwhile it is not read. */
  readonly penaltyMs?: number;
  /** Where the file of a game ends; 64 MiB. */
  readonly maxLogFileBytes?: number;
  /** Where all of them together do; 4 GiB. */
  readonly maxLogTotalBytes?: number;
  /** What one socket may send, where it is to be other than {@link DEFAULT_RATES}. */
  readonly rates?: Partial<RateLimits>;
  /** Pages of these origins may connect, and no others; without it any page may, by polling as by WebSocket. */
  readonly allowedOrigins?: readonly string[];
  /** How often Socket.IO asks a client for a sign of life; 10 000. */
  readonly pingIntervalMs?: number;
  /** For how long it waits for one; 20 000. */
  readonly pingTimeoutMs?: number;
  /** The console without it. */
  readonly logger?: RelayLogger;
  /** Milliseconds that only grow; for tests. */
  readonly now?: () => number;
}

/** What a browser would never send, or would not take, and nobody would hear of. */
export const LISTS = {
  allowedOrigins: {
    // Without the port that the scheme implies, and with the host in ASCII: printable, but no `/?#@` and no capitals.
    item: /^(?!http:.*:80$|https:.*:443$)(?:null|[a-z][a-z\d+.-]*:\/\/[!"$-.0->[-~]+)$/,
    example: 'https://game.example.org',
  },
  turnUrls: { item: /^(?:turn|stun)s?:[^/\s]+$/i, example: 'turn:turn.example.org:3478' },
} as const;

/** What a timer takes: with more it fires at once. */
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

/** The members that are set. One that is undefined, as by an environment variable that is missing, would take its default's place. */
export const onlySet = <Options extends object>(options: Options): Options =>
  Object.assign(
    {},
    ...Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : { [name]: value })),
  );

/** Throws a RangeError that names what cannot be used, and what is allowed. */
export function checkOptions(options: RelayServerOptions): void {
  for (const name of INTEGERS) if (name in options) checkInteger(name, options[name]);
  for (const name of TIMERS) if (name in options) checkInteger(name, options[name], MAX_TIMER_MS);
  for (const [name, rate] of Object.entries({ handshakes: options.handshakes, ...ratesOf(options) }))
    if (rate !== undefined) checkRate(name, rate);
  checkList('allowedOrigins', options.allowedOrigins, LISTS.allowedOrigins);
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
  { item, example }: (typeof LISTS)[keyof typeof LISTS],
): void {
  const bad = items.find((each) => !item.test(each));
  if (bad === undefined) return;
  throw new RangeError(`${name} has '${bad}': expected it to look like ${example}`);
}

function checkTurn(turn: TurnOptions): void {
  checkList('turn.urls', turn.urls, LISTS.turnUrls);
  if ('secret' in turn) {
    checkText('turn.secret', turn.secret);
    if (turn.ttlS !== undefined) checkInteger('turn.ttlS', turn.ttlS);
  } else {
    checkText('turn.username', turn.username);
    checkText('turn.credential', turn.credential);
  }
}

function checkText(name: string, value: string): void {
  if (typeof value !== 'string' || value === '') throw new RangeError(`${name} is empty: expected a text`);
}
