import type { ActorOptions, AnyActorLogic } from 'xstate';
import { defaultPolicy, PRESETS, type Preset, type RecoveryPolicy, type Timings } from '../../machines';
import { browserEnvironment, type Environment } from '../environment/environment';
import { consoleLogger, type Logger, type LogLevel, safeLogger } from '../log/logger';
import type { QualityMonitorOptions } from '../stats/connection-quality-monitor';
import { isPlan, validate } from './option-checks';

/** An array, or a function that returns one or fetches it. The function is called for each connection and each attempt, so that credentials are fresh. */
export type IceServersOption =
  | readonly RTCIceServer[]
  | (() => readonly RTCIceServer[] | Promise<readonly RTCIceServer[]>);

/** What a data channel is made with, and its label; without `negotiated` and `id`. */
export type ChannelOptions = RTCDataChannelInit & { label?: string };

/** Every option is optional; durations in ms. {@link Timings} has a default and a reason for each of its own. */
export interface WebRTCManagerOptions extends Partial<Timings> {
  /** User name at the TURN servers of upstream's list, which are used where this and `turnCredential` are both given and `iceServers` is not. */
  turnUsername?: string | null;
  /** The password for `turnUsername`. */
  turnCredential?: string | null;
  /** True: only paths over a TURN server are used (`iceTransportPolicy: 'relay'`). */
  forceRelay?: boolean | null;
  /** In place of Google's STUN and Open Relay's TURN servers. */
  iceServers?: IceServersOption;
  /** Timings and channel for a kind of game: `default`, or `rollback` for 60 Hz rollback games. */
  preset?: Preset;
  /** The game channel; `'game'`, unordered and without retransmission, unless the preset says otherwise. */
  channel?: ChannelOptions;
  /** Above which RTT `quality` warns, and how often it is sampled: {@link QualityMonitorOptions}. */
  quality?: QualityMonitorOptions;
  /** What `send()` does in an outage: hand over to the channel, as upstream does, or drop and return false, the preset `rollback`'s way. */
  sendWhileLost?: 'hand-over' | 'drop';
  /** Where log lines go, or from which level on the console gets them. */
  logger?: Logger | LogLevel;
  /** An XState inspector: receives every event and transition of the machines. */
  inspect?: NonNullable<ActorOptions<AnyActorLogic>['inspect']>;
  /** Plans each attempt, or gives up; `defaultPolicy` unless given, which it may wrap. Where it throws, or returns no plan, that one decides. */
  recovery?: RecoveryPolicy;
  /**
   * Called whenever the socket connects from here on, before signaling counts as up: join the game anew, with the seat's resume token, since the
   * server knows a player by its socket. May return a promise.
   */
  reidentify?: () => unknown;
  /** How long `iceServers` and `reidentify` may take; 10 000. After that the last known servers are used, and signaling counts as up. */
  providerTimeoutMs?: number;
  /** In place of the browser's connections, clock and random numbers: for tests, and for other runtimes. */
  environment?: Partial<Environment>;
}

/** Options that are used as they were given, or by default. */
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

/** After a cut, `maxRetransmits: 0` delivers all that was sent meanwhile in one burst, which a rollback game has no use for (docs/discoveries). */
const CHANNEL_PRESETS = {
  default: { ordered: false, maxRetransmits: 0 },
  rollback: { ordered: false, maxPacketLifeTime: 250 },
} as const;

type Given<Options> = { readonly [Name in keyof Options]?: Options[Name] | null | undefined };

/** Null stands for the default, too. */
function withDefaults<Options extends object>(given: Given<Options>, defaults: Options): Options {
  const options = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof Options)[]) options[name] = given[name] ?? options[name];
  return options;
}

/** A policy that throws, or returns no plan, must not stop the machine: the default one decides in its place. */
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

/** @throws OptionError for the first option that cannot be used. Unknown options are left alone. */
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
