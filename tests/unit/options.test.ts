import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { PRESETS } from '../../machines';
import { OptionError } from '../../src/controller/option-checks';
import { resolveOptions } from '../../src/controller/options';

/** Options as JavaScript callers may write them. */
const resolveUntyped = (options: unknown): ReturnType<typeof resolveOptions> =>
  Reflect.apply(resolveOptions, undefined, [options]);

function errorOf(option: string, value: unknown): OptionError {
  try {
    resolveUntyped({ [option]: value });
  } catch (error) {
    if (error instanceof OptionError) return error;
    throw error;
  }
  throw new Error('not refused');
}

const LEVELS = 'debug | info | warn | error | silent';

const REFUSED: [option: string, value: unknown, shown: string, allowed: string][] = [
  ['forceRelay', 'yes', "'yes'", 'true | false'],
  ['forceRelay', 1, '1', 'true | false'],
  ['preset', 'fast', "'fast'", 'default | rollback'],
  ['preset', 'toString', "'toString'", 'default | rollback'],
  ['preset', ['rollback'], 'an array', 'default | rollback'],
  ['preset', Object.create(null), 'an object', 'default | rollback'],
  ['sendWhileLost', 'queue', "'queue'", 'hand-over | drop'],
  ['logger', 'loud', "'loud'", LEVELS],
  ['logger', { debug() {} }, 'an object', 'an object with debug(), info(), warn(), error()'],
  ['logger', null, 'null', LEVELS],
  ['inspect', 7, '7', 'a function or an observer'],
  ['inspect', {}, 'an object', 'a function or an observer'],
  ['inspect', { next: 7 }, 'an object', 'a function or an observer'],
  ['reidentify', 'rejoin', "'rejoin'", 'a function'],
  ['recovery', {}, 'an object', 'an object with plan()'],
  ['environment', 'window', "'window'", 'an object'],
  ['channel', 'game', "'game'", 'an RTCDataChannelInit'],
  ['channel', { negotiated: true, id: 5 }, 'an object', 'without negotiated'],
  ['channel', { id: 5 }, 'an object', 'without negotiated'],
  ['channel', { maxRetransmits: 0, maxPacketLifeTime: 100 }, 'an object', 'or neither'],
  ['channel', { maxRetransmits: -1 }, 'an object', 'from 0 to 65535'],
  ['channel', { maxRetransmits: null }, 'an object', 'from 0 to 65535'],
  ['channel', { maxPacketLifeTime: 65_536 }, 'an object', 'from 0 to 65535'],
  ['channel', { maxPacketLifeTime: 'long' }, 'an object', 'from 0 to 65535'],
  ['channel', { label: 5 }, 'an object', 'a label'],
  ['iceServers', [{}], 'an array', 'an array of RTCIceServer'],
  ['iceServers', [{ urls: 5 }], 'an array', 'an array of RTCIceServer'],
  ['iceServers', [{ urls: ['stun:stun.example', null] }], 'an array', 'an array of RTCIceServer'],
  ['iceServers', [{ urls: [] }], 'an array', 'an array of RTCIceServer'],
  ['iceServers', [{ urls: 'stun:stun.example' }, {}], 'an array', 'an array of RTCIceServer'],
  ['providerTimeoutMs', -1, '-1', 'a number of ms'],
  ['quality', 150, '150', 'warningLatency'],
  ['quality', { warningLatency: '150' }, 'an object', 'warningLatency'],
  ['quality', { warningLatency: 150, criticalLatency: '300' }, 'an object', 'warningLatency'],
  ['quality', { pollInterval: 0 }, 'an object', 'pollInterval (at least 1)'],
  ['maxIceRestarts', -1, '-1', 'a whole number from 0 to 100'],
  ['maxIceRestarts', 2.5, '2.5', 'a whole number from 0 to 100'],
  ['maxIceRestarts', 101, '101', 'a whole number from 0 to 100'],
  ['maxIceRestarts', '3', "'3'", 'a whole number from 0 to 100'],
  ['maxIceRestarts', Number.POSITIVE_INFINITY, 'Infinity', 'a whole number from 0 to 100'],
  ...Object.keys(PRESETS.default)
    .filter((key) => key !== 'maxIceRestarts')
    .flatMap((key): [string, unknown, string, string][] => [
      [key, -1, '-1', 'a number of ms'],
      [key, Number.NaN, 'NaN', 'a number of ms'],
      [key, '5000', "'5000'", 'a number of ms'],
      [key, 2 ** 31, '2147483648', 'a number of ms'],
    ]),
];

for (const repeated of ['offerRenewalMs', 'directRetryMs', 'heartbeatMs'])
  REFUSED.push([repeated, 0, '0', 'a number of ms from 1 to']);

describe('an option that cannot be used', () => {
  it.each(REFUSED)('%s: %j names itself, its value and what is allowed', (option, value, shown, allowed) => {
    const error = errorOf(option, value);
    expect([error.name, error.option]).toEqual(['OptionError', option]);
    expect(error.message).toContain(`Holdfast: ${option} is ${shown}; expected `);
    expect(error.message).toContain(allowed);
  });

  it.each<[string, unknown]>([
    ['turnCredential', 12_345_678],
    ['turnCredential', { secret: 'hunter2' }],
    ['turnCredential', ['hunter2']],
    ['turnUsername', 12_345_678],
    ['turnUsername', ['hunter2']],
    ['iceServers', 'turn:hunter2@relay.example'],
    ['iceServers', [{ username: 'hunter2' }]],
    ['iceServers', { username: 'hunter2', credential: 'hunter2' }],
  ])('%s never shows its value', (option, value) => {
    const { message } = errorOf(option, value);
    expect(message).not.toMatch(/hunter2|12345678/);
    expect(message).toMatch(/expected (a string or null|an array of RTCIceServer)/);
  });

  it('is reported as an array if one of its entries is at fault', () => {
    expect(errorOf('iceServers', [{ username: 'hunter2' }]).message).toBe(
      'Holdfast: iceServers is an array; expected an array of RTCIceServer, each with urls, or a function that returns one',
    );
  });

  it('is shown shortened', () => {
    expect(errorOf('preset', 'x'.repeat(1_000)).message.length).toBeLessThan(200);
  });

  it.each([
    [null, 'null'],
    ['options', "'options'"],
    [7, '7'],
  ])('may be the options themselves: %j', (options, shown) => {
    expect(() => resolveUntyped(options)).toThrow(OptionError);
    expect(() => resolveUntyped(options)).toThrow(`Holdfast: options is ${shown}; expected an object`);
  });
});

describe('options that can be used', () => {
  it('default to upstream’s numbers', () => {
    expect(resolveOptions({})).toMatchObject({
      timings: PRESETS.default,
      turnUsername: null,
      turnCredential: null,
      forceRelay: false,
      iceServers: null,
      channel: { label: 'game', ordered: false, maxRetransmits: 0 },
      sendWhileLost: 'hand-over',
      providerTimeoutMs: 10_000,
    });
  });

  it('keep their defaults for undefined', () => {
    expect(resolveUntyped({ forceRelay: null }).forceRelay).toBe(false);
    expect(resolveUntyped({ channel: { label: undefined } }).channel.label).toBe('game');
    expect(() => resolveUntyped({ quality: { pollInterval: undefined } })).not.toThrow();
    expect(resolveUntyped({ connectTimeoutMs: undefined, forceRelay: undefined })).toMatchObject({
      timings: PRESETS.default,
      forceRelay: false,
    });
  });

  it('accept upstream’s null credentials', () => {
    expect(resolveOptions({ turnUsername: null, turnCredential: null })).toMatchObject({
      turnUsername: null,
    });
  });

  it('accept zero for a time and for the attempts', () => {
    const { timings } = resolveOptions({ disconnectGraceMs: 0, maxIceRestarts: 0 });
    expect(timings).toEqual({ ...PRESETS.default, disconnectGraceMs: 0, maxIceRestarts: 0 });
    expect(resolveOptions({ quality: { warningLatency: 0 } }).quality).toEqual({ warningLatency: 0 });
  });

  it('accept the longest time of a browser’s timer, and a hundred attempts', () => {
    const { timings } = resolveOptions({ recoveryBudgetMs: 2 ** 31 - 1, maxIceRestarts: 100 });
    expect([timings.recoveryBudgetMs, timings.maxIceRestarts]).toEqual([2 ** 31 - 1, 100]);
  });

  it.each([
    ['a function', () => {}],
    ['an observer', { next() {} }],
  ])('accept %s as an inspector', (_, inspect) => {
    expect(resolveOptions({ inspect }).inspect).toBe(inspect);
  });

  it('accept a console level instead of a logger', () => {
    const heard = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => heard.mockRestore());
    resolveOptions({ logger: 'silent' }).logger.error('nobody hears this');
    resolveOptions({ logger: 'error' }).logger.error('this is heard');
    expect(heard.mock.calls).toEqual([['this is heard']]);
  });

  it('accept the game’s own way to rejoin, and do nothing by default', () => {
    const reidentify = () => 'joined';
    expect(resolveOptions({ reidentify }).reidentify).toBe(reidentify);
    expect(resolveOptions({}).reidentify()).toBeUndefined();
  });

  it('apply single timings over a preset', () => {
    expect(resolveOptions({ preset: 'rollback', silenceMs: 900 }).timings).toEqual({
      ...PRESETS.rollback,
      silenceMs: 900,
    });
  });

  it('of the rollback preset discard old data', () => {
    expect(resolveOptions({ preset: 'rollback' }).sendWhileLost).toBe('drop');
    expect(resolveOptions({ preset: 'rollback', sendWhileLost: 'hand-over' }).sendWhileLost).toBe(
      'hand-over',
    );
    expect(resolveOptions({ preset: 'rollback' }).channel).toEqual({
      label: 'game',
      ordered: false,
      maxPacketLifeTime: 250,
    });
  });

  it('replace the channel of a preset, which keeps its label', () => {
    expect(resolveOptions({ preset: 'rollback', channel: { ordered: true } }).channel).toEqual({
      label: 'game',
      ordered: true,
    });
  });

  it('may contain unknown members, as upstream’s callers pass them', () => {
    expect(resolveUntyped({ onSomething: 1 })).not.toHaveProperty('onSomething');
  });
});
