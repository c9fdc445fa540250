import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { LIST_FORMATS, type RelayServerOptions } from './options';
import type { TurnOptions } from './turn';

export interface CliOptions {
  readonly port: number;
  readonly host: string;
  readonly server: RelayServerOptions;
}

/** Thrown for an invalid setting. The message names it and says what is allowed. */
export class CliOptionError extends Error {
  override readonly name = 'CliOptionError';
}

const DEFAULT_PORT = 3000;

export const USAGE = `Usage: npm start -- [flags]      (each flag can also be set by the environment variable beside it)
  --port            PORT             default 3000; 0 picks a free port
  --host            HOST             default 127.0.0.1; 0.0.0.0 accepts connections from other machines
  --data-dir        DATA_DIR         folder of the research log, one NDJSON file per game; default data/
  --static-dir      STATIC_DIR       folder of the page to serve; default the built example
  --visualizer-dir  VISUALIZER_DIR   folder served at /visualizer/; default the built visualizer
  --allowed-origins ALLOWED_ORIGINS  comma-separated origins whose pages may connect; default any
  --turn-urls       TURN_URLS        comma-separated, e.g. turn:turn.example.org:3478
  --turn-username   TURN_USERNAME    for fixed TURN credentials, together with TURN_CREDENTIAL
  --turn-credential TURN_CREDENTIAL
  --turn-secret     TURN_SECRET      coturn's static-auth-secret: mints credentials that expire
  --players-per-game PLAYERS_PER_GAME   seats in each game; default 2
  --max-sockets-per-address MAX_SOCKETS_PER_ADDRESS   default no limit; do not set it behind a proxy
  --force-relay     FORCE_RELAY      1: players connect through TURN only
  --inspect         INSPECT          1: anyone who knows a game's id may watch its records; for development
                                     (--force-relay and --inspect without a value mean 1)
  --help
Relative folders start from the folder where you run npm (for npm start, the root of the repository).`;

const text = { type: 'string' } as const;
/** In the form that `parseArgs` expects. */
const FLAGS = {
  port: text,
  host: text,
  'data-dir': text,
  'static-dir': text,
  'visualizer-dir': text,
  'allowed-origins': text,
  'turn-urls': text,
  'turn-username': text,
  'turn-credential': text,
  'turn-secret': text,
  'players-per-game': text,
  'max-sockets-per-address': text,
  'force-relay': text,
  inspect: text,
} as const;

type Flag = keyof typeof FLAGS;
type Settings = Readonly<Partial<Record<Flag, string>>>;

const SWITCHES = ['--force-relay', '--inspect'];

/** Flags take precedence over environment variables. Returns null for `--help`. */
export function readCliOptions(args: readonly string[], env: NodeJS.ProcessEnv): CliOptions | null {
  const { help, ...flags } = parse(args);
  if (help === true) return null;
  const variables = Object.fromEntries(Object.keys(FLAGS).map((flag) => [flag, env[variableOf(flag)]]));
  const settings: Settings = Object.fromEntries(
    Object.entries({ ...variables, ...flags }).filter(([, value]) => value !== undefined && value !== ''),
  );
  const turn = readTurn(settings);
  const origins = list(settings, 'allowed-origins');
  // npm runs a script in the folder of its package; INIT_CWD is where the user ran npm.
  const pathOf = (flag: Flag, byDefault: string) =>
    resolve(env.INIT_CWD ?? '', settings[flag] ?? fromHere(byDefault));
  return {
    port: readPort(settings.port),
    host: settings.host ?? '127.0.0.1',
    server: {
      dataDir: pathOf('data-dir', '../../data'),
      staticDir: pathOf('static-dir', '../../examples/duel/dist'),
      visualizerDir: pathOf('visualizer-dir', '../../visualizer/dist'),
      ...(origins === undefined ? {} : { allowedOrigins: origins }),
      ...(turn === undefined ? {} : { turn }),
      ...readCount(settings, 'players-per-game', 'playersPerGame'),
      ...readCount(settings, 'max-sockets-per-address', 'maxSocketsPerAddress'),
      ...(readSwitch(settings, 'inspect') ? { inspect: true } : {}),
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: args.map(withValue), options: { help: { type: 'boolean' }, ...FLAGS } }).values;
  } catch (error) {
    throw new CliOptionError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function readPort(value: string | undefined): number {
  if (value === undefined) return DEFAULT_PORT;
  const port = Number(value);
  if (/^\d+$/.test(value) && port <= 65_535) return port;
  throw new CliOptionError(`PORT is '${value}': expected a whole number from 0 to 65535`);
}

function readCount(settings: Settings, flag: Flag, option: keyof RelayServerOptions): RelayServerOptions {
  const value = settings[flag];
  if (value === undefined) return {};
  if (/^[1-9]\d{0,8}$/.test(value)) return { [option]: Number(value) };
  throw new CliOptionError(`${variableOf(flag)} is '${value}': expected a whole number of at least 1`);
}

function readTurn(settings: Settings): TurnOptions | undefined {
  const urls = list(settings, 'turn-urls');
  const common = { forceRelay: readSwitch(settings, 'force-relay'), ...(urls === undefined ? {} : { urls }) };
  const { 'turn-username': username, 'turn-credential': credential, 'turn-secret': secret } = settings;
  if (secret !== undefined) return { secret, ...common };
  if (username !== undefined && credential !== undefined) return { username, credential, ...common };
  if (username !== undefined || credential !== undefined) {
    throw new CliOptionError(
      'TURN_USERNAME and TURN_CREDENTIAL belong together: set both, or set TURN_SECRET instead',
    );
  }
  if (common.forceRelay || urls !== undefined) {
    const name = common.forceRelay ? 'FORCE_RELAY' : 'TURN_URLS';
    throw new CliOptionError(`${name} needs TURN_SECRET, or TURN_USERNAME and TURN_CREDENTIAL`);
  }
  return undefined;
}

/** `parseArgs` has no flags with an optional value, so a bare switch gets its `=1` here. */
function withValue(arg: string, at: number, args: readonly string[]): string {
  const isBare = SWITCHES.includes(arg) && (args[at + 1] ?? '-').startsWith('-');
  return isBare ? `${arg}=1` : arg;
}

function readSwitch(settings: Settings, flag: Flag): boolean {
  const value = settings[flag];
  if (value === undefined || value === '0' || value === 'false') return false;
  if (value === '1' || value === 'true') return true;
  throw new CliOptionError(`${variableOf(flag)} is '${value}': expected 1, true, 0 or false`);
}

const variableOf = (flag: string): string => flag.toUpperCase().replaceAll('-', '_');

const CHECKED = {
  'allowed-origins': LIST_FORMATS.allowedOrigins,
  'turn-urls': LIST_FORMATS.turnUrls,
} as const;

function list(settings: Settings, flag: keyof typeof CHECKED): string[] | undefined {
  const items = settings[flag]
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const bad = items?.find((item) => !CHECKED[flag].item.test(item));
  if (bad === undefined) return items;
  throw new CliOptionError(
    `${variableOf(flag)} contains '${bad}': expected something like ${CHECKED[flag].example}`,
  );
}

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
