import type { ActorOptions, AnyActorLogic } from 'xstate';
import { defaultPolicy, PRESETS, type Preset, type RecoveryPolicy, type Timings } from '../../machines';
import { browserEnvironment, type Environment } from '../environment/environment';
import { carefulLogger, consoleLogger, type Logger, type LogLevel } from '../log/logger';
import type { QualityMonitorOptions } from '../stats/connection-quality-monitor';
import { isPlan, validate } from './option-checks';

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

/** What is handed on as it was given. */
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

/** Old data of a cut is worth nothing to a rollback game, and `maxRetransmits: 0` keeps it for a burst (docs/discoveries). */
const CHANNELS = {
  default: { ordered: false, maxRetransmits: 0 },
  rollback: { ordered: false, maxPacketLifeTime: 250 },
} as const;

type Given<Options> = { readonly [Name in keyof Options]?: Options[Name] | null | undefined };

/** Null, too, stands for what was not given. */
function withDefaults<Options extends object>(given: Given<Options>, defaults: Options): Options {
  const options = { ...defaults };
  for (const name of Object.keys(defaults) as (keyof Options)[]) options[name] = given[name] ?? options[name];
  return options;
}

/** A policy that throws, or whose plan is none, must not stop the machine. */
const careful = (policy: RecoveryPolicy, logger: Logger): RecoveryPolicy => ({
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
  const log = typeof logger === 'object' ? carefulLogger(logger) : consoleLogger(logger);
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
      ...(options.channel ?? CHANNELS[preset]),
      label: options.channel?.label ?? 'game',
    },
    quality: options.quality,
    logger: log,
    inspect: options.inspect,
    recovery: options.recovery && careful(options.recovery, log),
    environment: { ...browserEnvironment(), ...options.environment },
  };
}
