import { afterEach, describe, expect, it, vi } from 'vitest';
import { consoleLogger, describeError, type RelayLogger } from '../src/logger';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

afterEach(() => void vi.restoreAllMocks());

/** The console's lines after one call of each level. */
function written(logger: RelayLogger): string[] {
  const lines: string[] = [];
  for (const level of LEVELS)
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(`${level}: ${line}`));
  for (const level of LEVELS) logger[level]('player joined', { game: 'du\u2028el', player: 1 });
  logger.info('closed');
  return lines;
}

describe('the log on the console', () => {
  it('has one line for each message, with its fields as JSON in which no line break is left', () => {
    const line = '[relay] player joined {"game":"du\\u2028el","player":1}';
    expect(written(consoleLogger())).toEqual([
      `info: ${line}`,
      `warn: ${line}`,
      `error: ${line}`,
      'info: [relay] closed',
    ]);
  });

  it('has debug lines when it is verbose', () => {
    expect(written(consoleLogger(true))[0]).toMatch(/^debug: \[relay\] player joined/);
  });
});

describe('an error in a log', () => {
  it.each([
    ['its class and message, without a stack', new TypeError('no such header'), 'TypeError: no such header'],
    ['its text if it is not an Error', 'a text', 'a text'],
  ])('is logged as %s', (_, error, told) => expect(describeError(error)).toBe(told));
});
