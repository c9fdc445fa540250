import { afterEach, describe, expect, it, vi } from 'vitest';
import { consoleLogger, describeError, type RelayLogger } from '../src/logger';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

afterEach(() => void vi.restoreAllMocks());

/** What stands on the console after each level was spoken to. */
function written(logger: RelayLogger): string[] {
  const lines: string[] = [];
  for (const level of LEVELS)
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(`${level}: ${line}`));
  for (const level of LEVELS) logger[level]('player joined', { game: 'du\u2028el', player: 1 });
  logger.info('closed');
  return lines;
}

describe('the log on the console', () => {
  it('is a line for each message, with its fields as JSON that no line break ends', () => {
    const line = '[relay] player joined {"game":"du\\u2028el","player":1}';
    expect(written(consoleLogger())).toEqual([
      `info: ${line}`,
      `warn: ${line}`,
      `error: ${line}`,
      'info: [relay] closed',
    ]);
  });

  it('has debug lines where it is to be verbose', () => {
    expect(written(consoleLogger(true))[0]).toMatch(/^debug: \[relay\] player joined/);
  });
});

describe('an error in a log', () => {
  it.each([
    ['its class and message, without a stack', new TypeError('no such header'), 'TypeError: no such header'],
    ['its text, where it is none', 'a text', 'a text'],
  ])('is %s', (_, error, told) => expect(describeError(error)).toBe(told));
});
