import type { ActorOptions, AnyActorLogic } from 'xstate';
import { defaultPolicy, PRESETS, type Preset, type RecoveryPolicy, type Timings } from '../../machines';
import { browserEnvironment, type Environment } from '../environment/environment';
import { consoleLogger, type Logger, type LogLevel, safeLogger } from '../log/logger';
import type { QualityMonitorOptions } from '../stats/connection-quality-monitor';
import { isPlan, validate } from './option-checks';

/** ICE servers: an array, or a function that returns an array or a promise of one. The function is called for each connection and attempt, so that credentials are fresh. */
export type IceServersOption =
  | readonly RTCIceServer[]
  | (() => readonly RTCIceServer[] | Promise<readonly RTCIceServer[]>);

/** The options and label of the game channel; `negotiated` and `id` are not allowed. */
export type ChannelOptions = RTCDataChannelInit & { label?: string };

/** Options of the manager; all are optional, durations in ms. Those of {@link Timings} are explained there. */
export interface WebRTCManagerOptions extends Partial<Timings> {
  /** User name for upstream's TURN servers. They are used if both this and `turnCredential` are given and `iceServers` is not. */
  turnUsername?: string | null;
  /** The password for `turnUsername`. */
  turnCredential?: string | null;
  /** If true, only paths over a TURN server are used (`iceTransportPolicy: 'relay'`). */
  forceRelay?: boolean | null;
  /** Used instead of Google's STUN and Open Relay's TURN servers. */
  iceServers?: IceServersOption;
  /** Timings and channel for a kind of game: `default`, or `rollback` for 60 Hz rollback games. */
  preset?: Preset;
  /** The game channel. Default: label `'game'`, unordered and without retransmission; with the preset `rollback` unordered, resent for up to 250 ms. */
  channel?: ChannelOptions;
  /** RTT thresholds of the event `quality`, and how often it is sampled: {@link QualityMonitorOptions}. */
  quality?: QualityMonitorOptions;
  /** What `send()` does in an outage: pass data to the channel, as upstream does (the default), or drop it and return false (the default of the preset `rollback`). */
  sendWhileLost?: 'hand-over' | 'drop';
  /** Receives the log lines; or the lowest level that goes to the console, default `info`. */
  logger?: Logger | LogLevel;
  /** An XState inspector: a function or an observer that receives every inspection event of the machines. */
  inspect?: NonNullable<ActorOptions<AnyActorLogic>['inspect']>;
  /** Plans each attempt or gives up. Default: `defaultPolicy`, which yours may wrap, and which decides if yours throws or returns an invalid plan. */
  recovery?: RecoveryPolicy;
  /**
   * Called each time the socket connects after construction, before signaling counts as up. Join the game again here, with the seat's resume token,
   * because the server knows a player by the socket. May return a promise.
   */
  reidentify?: () => unknown;
  /** How long `iceServers` and `reidentify` may take; default 10 000. After that the last known servers are used, and signaling counts as up. */
  providerTimeoutMs?: number;
  /** Replaces the browser's connections, clock and random source, for tests and for other runtimes. */
  environment?: Partial<Environment>;
}

/** Options that need no conversion: the given value or the default. */
interface PlainOptions {
  turnUsername: string | null;
  turnCredential: string | null;
  forceRelay: boolean;
  iceServers: IceServersOption | null;
  sendWhileLost: 'hand-over' | 'drop';
  reidentify: () => unknown;
  providerTimeoutMs: number;
}

export interface ResolvedOptions extends PlainOptions {
  timings: Timings;
  channel: RTCDataChannelInit & { label: string };
  quality: QualityMonitorOptions | undefined;
  logger: Logger;
  inspect: WebRTCManagerOptions['inspect'];
  recovery: RecoveryPolicy | undefined;
  environment: Environment;
}

/** After an outage, `maxRetransmits: 0` delivers everything sent meanwhile in one burst, which is useless to a rollback game (docs/discoveries). */
const CHANNEL_PRESETS = {
  default: { ordered: false, maxRetransmits: 0 },
  rollback: { ordered: false, maxPacketLifeTime: 250 },
} as const;

type Given<Options> = { readonly [Name in keyof Options]?: Options[Name] | null | undefined };

/** Fills in the defaults; null also means the default. */
function withDefaults<Options extends object>(given: Given<Options>, defaults: Options): Options {
  const options = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof Options)[]) options[name] = given[name] ?? options[name];
  return options;
}

/** Wraps a custom policy. If it throws or returns an invalid plan, the default policy decides, so that the machine goes on. */
const withFallback = (policy: RecoveryPolicy, logger: Logger): RecoveryPolicy => ({
  plan(input, random) {
    try {
      const plan = policy.plan(input, random);
      if (plan === null || isPlan(plan)) return plan;
      throw new TypeError('neither a plan nor null');
    } catch (error) {
      logger.error('[WebRTC] recovery.plan failed', error);
      return defaultPolicy.plan(input, random);
    }
  },
});

/** Checks the options and fills in the defaults. @throws OptionError for the first option that cannot be used. */
export function resolveOptions(options: WebRTCManagerOptions): ResolvedOptions {
  validate(options);
  const { logger, preset = 'default' } = options;
  const resolvedLogger = typeof logger === 'object' ? safeLogger(logger) : consoleLogger(logger);
  return {
    ...withDefaults<PlainOptions>(options, {
      turnUsername: null,
      turnCredential: null,
      forceRelay: false,
      iceServers: null,
      sendWhileLost: preset === 'rollback' ? 'drop' : 'hand-over',
      reidentify: () => {},
      providerTimeoutMs: 10_000,
    }),
    timings: withDefaults<Timings>(options, PRESETS[preset]),
    channel: {
      ...(options.channel ?? CHANNEL_PRESETS[preset]),
      label: options.channel?.label ?? 'game',
    },
    quality: options.quality,
    logger: resolvedLogger,
    inspect: options.inspect,
    recovery: options.recovery && withFallback(options.recovery, resolvedLogger),
    environment: { ...browserEnvironment(), ...options.environment },
  };
}
