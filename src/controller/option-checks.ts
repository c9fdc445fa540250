import { isPlayerId, type Plan, PRESETS } from '../../machines';
import { LEVELS } from '../log/logger';
import { isServer } from '../peer/ice-servers';
import { isIntegerIn, isRecord } from '../signaling/wire';

/**
 * Thrown by the constructor for an argument or option that cannot be used. `option` is its name; the message gives its value (for a credential only
 * the type) and what is allowed.
 */
export class OptionError extends TypeError {
  override readonly name = 'OptionError';
  constructor(
    readonly option: string,
    value: unknown,
    allowed: string,
  ) {
    super(`Holdfast: ${option} is ${describeValue(option, value)}; expected ${allowed}`);
  }
}

const describeValue = (option: string, value: unknown) => {
  if (Array.isArray(value)) return 'an array';
  if (/turn|iceServers/.test(option)) return typeof value;
  if (isRecord(value)) return 'an object';
  return typeof value === 'string' ? `'${value.slice(0, 40)}'` : String(value);
};

/** The longest timer delay in browsers; a longer one overflows and fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

type Check = [isAllowed: (value: unknown) => boolean, allowed: string];

const isString = (value: unknown) => typeof value === 'string';
const isFunction = (value: unknown) => typeof value === 'function';
/** `negotiated` and `id` are not allowed, because the other end gets the channel from the browser and recognises it by its label. Browsers accept only one of the two limits. */
const isChannelOptions = (value: unknown) => {
  if (!isRecord(value)) return false;
  const { negotiated, id, label = '', maxRetransmits, maxPacketLifeTime } = value;
  const limits = [maxRetransmits, maxPacketLifeTime].filter((limit) => limit !== undefined);
  return (
    !negotiated &&
    id === undefined &&
    isString(label) &&
    limits.length < 2 &&
    limits.every(isIntegerIn(0, 65_535))
  );
};
const oneOf = (...words: unknown[]): Check => [
  (value) => words.includes(value),
  words.map(String).join(' | '),
];
const durationFrom = (minMs: number): Check => [
  (value) => typeof value === 'number' && value >= minMs && value <= MAX_DELAY_MS,
  `a number of ms from ${minMs} to ${MAX_DELAY_MS}`,
];
const duration = durationFrom(0);
/** For intervals: with 0 a page would make hundreds of connections a second. */
const interval = durationFrom(1);
const textOrNull: Check = [(value) => value === null || isString(value), 'a string or null'];
const hasMethods = (...methods: string[]): Check => [
  (value) => isRecord(value) && methods.every((method) => isFunction(value[method])),
  `an object with ${methods.map((method) => `${method}()`).join(', ')}`,
];

const socketLike = hasMethods('on', 'emit');
const identity: Check = [isPlayerId, 'a number, or a string of 1 to 256 characters'];
const logger = hasMethods('debug', 'info', 'warn', 'error');
const levels = oneOf(...LEVELS);

const CHECKS: Readonly<Record<string, Check>> = {
  ...Object.fromEntries(Object.keys(PRESETS.default).map((timing) => [timing, duration])),
  offerRenewalMs: interval,
  directRetryMs: interval,
  heartbeatMs: interval,
  turnUsername: textOrNull,
  turnCredential: textOrNull,
  // Null, because upstream's server may send `force_relay: null`.
  forceRelay: oneOf(true, false, null),
  iceServers: [
    (value) => isFunction(value) || (Array.isArray(value) && value.every(isServer)),
    'an array of RTCIceServer, each with urls, or a function that returns one',
  ],
  preset: oneOf(...Object.keys(PRESETS)),
  channel: [
    isChannelOptions,
    'an RTCDataChannelInit with a label, without negotiated and id, with maxRetransmits or maxPacketLifeTime from 0 to 65535, or neither',
  ],
  quality: [
    (value) =>
      isRecord(value) &&
      Object.entries(value).every(
        ([name, ms]) => ms === undefined || (name === 'pollInterval' ? interval : duration)[0](ms),
      ),
    'an object with warningLatency, criticalLatency and pollInterval (at least 1), in ms',
  ],
  sendWhileLost: oneOf('hand-over', 'drop'),
  logger: [
    (value) => (typeof value === 'string' ? levels : logger)[0](value),
    `${logger[1]}, or ${levels[1]}`,
  ],
  inspect: [(value) => isFunction(value) || hasMethods('next')[0](value), 'a function or an observer'],
  recovery: hasMethods('plan'),
  reidentify: [isFunction, 'a function'],
  providerTimeoutMs: duration,
  environment: [isRecord, 'an object'],
  maxIceRestarts: [isIntegerIn(0, 100), 'a whole number from 0 to 100'],
};

function check(option: string, value: unknown, [isAllowed, allowed]: Check): void {
  if (!isAllowed(value)) throw new OptionError(option, value, allowed);
}

/** Checks all options and ignores unknown ones. @throws OptionError for the first one that cannot be used. */
export function validate(options: object): void {
  if (!isRecord(options)) throw new OptionError('options', options, 'an object');
  for (const [option, rule] of Object.entries(CHECKS))
    if (options[option] !== undefined) check(option, options[option], rule);
}

const [isKind] = oneOf('ice-restart', 'rebuild', 'rebuild-relay');

/** Whether a policy's plan is valid. An attempt without valid times would start again without a pause; one with an unknown kind would be a rebuild. */
export const isPlan = ({ kind, delayMs, deadlineMs, renewMs }: Partial<Plan> = {}) =>
  isKind(kind) && [delayMs, deadlineMs].every(duration[0]) && interval[0](renewMs);

/** @throws OptionError if `socket` is not a socket (for example undefined, or a promise of one), or if an id is not a player id. */
export function checkIdentity(socket: unknown, gameId: unknown, myPlayerId: unknown): void {
  check('socket', socket, socketLike);
  check('gameId', gameId, identity);
  check('myPlayerId', myPlayerId, identity);
}
