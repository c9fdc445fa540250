import type { ActorOptions, AnyActorLogic } from 'xstate';
import {
  defaultPolicy,
  type Plan,
  PRESETS,
  type Preset,
  type RecoveryPolicy,
  type Timings,
} from '../../machines';
import { browserEnvironment, type Environment } from '../environment/environment';
import { carefulLogger, consoleLogger, type Logger, type LogLevel } from '../log/logger';
import type { QualityMonitorOptions } from '../stats/connection-quality-monitor';

/** An array, or whoever fetches one; asked again for each attempt, so that credentials are fresh. */
export type IceServersOption =
  | readonly RTCIceServer[]
  | (() => readonly RTCIceServer[] | Promise<readonly RTCIceServer[]>);

/** What a data channel is made with, and its label; without `negotiated` and `id`. */
export type ChannelOptions = RTCDataChannelInit & { label?: string };

/** Every option is optional; durations in ms. {@link Timings} has a default and a reason for each of its own. */
export interface WebRTCManagerOptions extends Partial<Timings> {
  /** Upstream: both or STUN only. */
  turnUsername?: string | null;
  /** The user name's other half. */
  turnCredential?: string | null;
  /** Only relayed candidates are used. */
  forceRelay?: boolean | null;
  /** In place of Google's STUN and Open Relay's TURN servers. */
  iceServers?: IceServersOption;
  /** Timings and channel for a kind of game: `default`, or `rollback` for 60 Hz rollback games. */
  preset?: Preset;
  /** The game channel; `'game'`, unordered and without retransmission, unless the preset says otherwise. */
  channel?: ChannelOptions;
  /** From which RTT on `quality` warns, and how often it is sampled; 150, 300 and 2 000 ms. */
  quality?: QualityMonitorOptions;
  /** What `send()` does in an outage: hand over to the channel, as upstream does, or drop and return false, the preset `rollback`'s way. */
  sendWhileLost?: 'hand-over' | 'drop';
  /** Where log lines go, or from which level on the console gets them. */
  logger?: Logger | LogLevel;
  /** An XState inspector: receives every event and transition of the machines. */
  inspect?: NonNullable<ActorOptions<AnyActorLogic>['inspect']>;
  /** Plans each attempt, or gives up; may wrap `defaultPolicy`, which it is without this. */
  recovery?: RecoveryPolicy;
  /**
   * Called whenever the socket connects from here on, before signaling counts as up: join the game anew, with the seat's resume token, since the
   * server knows a player by its socket. May return a promise.
   */
  reidentify?: () => unknown;
  /** How long `iceServers` and `reidentify` may take, 10 s: then the last known servers are used, and signaling counts as up. */
  providerTimeoutMs?: number;
  /** The world, for tests and other runtimes. */
  environment?: Partial<Environment>;
}

export interface ResolvedOptions {
  timings: Timings;
  turnUsername: string | null;
  turnCredential: string | null;
  forceRelay: boolean;
  iceServers: IceServersOption | null;
  channel: RTCDataChannelInit & { label: string };
  quality: QualityMonitorOptions | undefined;
  sendWhileLost: 'hand-over' | 'drop';
  logger: Logger;
  inspect: WebRTCManagerOptions['inspect'];
  recovery: RecoveryPolicy | undefined;
  reidentify: () => unknown;
  providerTimeoutMs: number;
  environment: Environment;
}

/** An option, or the socket, that cannot be used; names it, the value and what is allowed. A credential's value is not shown. */
export class OptionError extends TypeError {
  override readonly name = 'OptionError';
  constructor(
    readonly option: string,
    value: unknown,
    allowed: string,
  ) {
    super(`Holdfast option ${option} is ${show(option, value)}; allowed: ${allowed}`);
  }
}

const show = (option: string, value: unknown) => {
  if (Array.isArray(value)) return 'an array';
  if (/turn|iceServers/.test(option)) return typeof value;
  if (isObject(value)) return 'an object';
  return typeof value === 'string' ? `'${value.slice(0, 40)}'` : String(value);
};

/** What browsers take as a timer's delay without wrapping around. */
const MAX_DELAY_MS = 2 ** 31 - 1;

type Check = [isAllowed: (value: unknown) => boolean, allowed: string];

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isText = (value: unknown) => typeof value === 'string';
const isUnsignedShort = (value: unknown) =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535;
/** The other end learns of the channel by its announcement, and knows it by its label; both limits at once no browser takes. */
const isChannel = (value: unknown) => {
  if (!isObject(value)) return false;
  const { negotiated, id, label = '', maxRetransmits, maxPacketLifeTime } = value as ChannelOptions;
  const limits = [maxRetransmits, maxPacketLifeTime].filter((limit) => limit !== undefined);
  return (
    !negotiated && id === undefined && isText(label) && limits.length < 2 && limits.every(isUnsignedShort)
  );
};
const isServer = (value: unknown) => {
  const urls = isObject(value) && 'urls' in value ? [value.urls].flat() : [];
  return urls.length > 0 && urls.every(isText);
};
const isFunction = (value: unknown) => typeof value === 'function';
const oneOf = (...words: unknown[]): Check => [(value) => words.includes(value), words.join(' | ')];
const from = (leastMs: number): Check => [
  (value) => typeof value === 'number' && value >= leastMs && value <= MAX_DELAY_MS,
  `a number of ms from ${leastMs} to ${MAX_DELAY_MS}`,
];
const duration = from(0);
/** What is done again and again needs one: a page asked for a thousand connections a second. */
const pause = from(1);
const textOrNull: Check = [(value) => value === null || isText(value), 'a string or null'];
const has = (...methods: string[]): Check => [
  (value) => isObject(value) && methods.every((method) => typeof Reflect.get(value, method) === 'function'),
  `an object with ${methods.map((method) => `${method}()`).join(', ')}`,
];

const logger = has('debug', 'info', 'warn', 'error');
const levels = oneOf('debug', 'info', 'warn', 'error', 'silent');

const CHECKS: Readonly<Record<string, Check>> = {
  ...Object.fromEntries(Object.keys(PRESETS.default).map((timing) => [timing, duration])),
  offerRenewalMs: pause,
  directRetryMs: pause,
  heartbeatMs: pause,
  turnUsername: textOrNull,
  turnCredential: textOrNull,
  // A server's `force_relay` may be null.
  forceRelay: [(value) => value === null || typeof value === 'boolean', 'true | false | null'],
  iceServers: [
    (value) => isFunction(value) || (Array.isArray(value) && value.every(isServer)),
    'an array of RTCIceServer, each with urls, or a function that returns one',
  ],
  preset: oneOf(...Object.keys(PRESETS)),
  channel: [
    isChannel,
    'an RTCDataChannelInit without negotiated and id, with maxRetransmits or maxPacketLifeTime, from 0 to 65535, or neither, and a label',
  ],
  quality: [
    (value) =>
      isObject(value) &&
      Object.entries(value).every(
        ([name, ms]) => ms === undefined || (name === 'pollInterval' ? pause : duration)[0](ms),
      ),
    'an object of warningLatency, criticalLatency and pollInterval, at least 1, in ms',
  ],
  sendWhileLost: oneOf('hand-over', 'drop'),
  logger: [
    (value) => (typeof value === 'string' ? levels : logger)[0](value),
    `${logger[1]}, or ${levels[1]}`,
  ],
  inspect: [(value) => isFunction(value) || has('next')[0](value), 'a function or an observer'],
  recovery: has('plan'),
  reidentify: [isFunction, 'a function'],
  providerTimeoutMs: duration,
  environment: [isObject, 'an object'],
  maxIceRestarts: [
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100,
    'a whole number from 0 to 100',
  ],
};

function validate(options: object): void {
  if (!isObject(options)) throw new OptionError('options', options, 'an object');
  for (const [option, value] of Object.entries(options)) {
    const check = Object.hasOwn(CHECKS, option) ? CHECKS[option] : undefined;
    if (value !== undefined && check && !check[0](value)) throw new OptionError(option, value, check[1]);
  }
}

/** Old data of a cut is worth nothing to a rollback game, and `maxRetransmits: 0` keeps it for a burst (docs/discoveries). */
const CHANNELS = {
  default: { ordered: false, maxRetransmits: 0 },
  rollback: { ordered: false, maxPacketLifeTime: 250 },
} as const;

function withTimings(options: WebRTCManagerOptions): Timings {
  const timings: Timings = { ...PRESETS[options.preset ?? 'default'] };
  for (const key of Object.keys(timings) as (keyof Timings)[]) timings[key] = options[key] ?? timings[key];
  return timings;
}

/** One without its times would be attempted again and again without a pause. */
const isPlan = ({ delayMs, deadlineMs, renewMs }: Plan) =>
  [delayMs, deadlineMs].every(duration[0]) && pause[0](renewMs);

/** A policy that throws, or whose plan is none, must not stop the machine. */
const careful = (policy: RecoveryPolicy, logger: Logger): RecoveryPolicy => ({
  plan(input, random) {
    try {
      const plan = policy.plan(input, random);
      if (plan === null || isPlan(plan)) return plan;
      throw new TypeError('no plan');
    } catch (error) {
      logger.error('[WebRTC] recovery.plan threw', error);
      return defaultPolicy.plan(input, random);
    }
  },
});

/** @throws OptionError for what is no socket: undefined, say, or the promise of one. */
export function checkSocket(socket: unknown): void {
  const [isSocket, allowed] = has('on', 'emit');
  if (!isSocket(socket)) throw new OptionError('socket', socket, allowed);
}

/** @throws OptionError for the first option that cannot be used. Unknown options are left alone. */
export function resolveOptions(options: WebRTCManagerOptions): ResolvedOptions {
  validate(options);
  const { logger } = options;
  const log = typeof logger === 'object' ? carefulLogger(logger) : consoleLogger(logger);
  return {
    timings: withTimings(options),
    turnUsername: options.turnUsername ?? null,
    turnCredential: options.turnCredential ?? null,
    forceRelay: options.forceRelay ?? false,
    iceServers: options.iceServers ?? null,
    channel: {
      ...(options.channel ?? CHANNELS[options.preset ?? 'default']),
      label: options.channel?.label ?? 'game',
    },
    quality: options.quality,
    sendWhileLost: options.sendWhileLost ?? (options.preset === 'rollback' ? 'drop' : 'hand-over'),
    logger: log,
    inspect: options.inspect,
    recovery: options.recovery && careful(options.recovery, log),
    reidentify: options.reidentify ?? (() => {}),
    providerTimeoutMs: options.providerTimeoutMs ?? 10_000,
    environment: { ...browserEnvironment(), ...options.environment },
  };
}
