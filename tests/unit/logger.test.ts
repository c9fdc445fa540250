import { afterEach, describe, expect, it, vi } from 'vitest';
import { consoleLogger, type LogLevel } from '../../src/log/logger';

afterEach(() => void vi.restoreAllMocks());

const METHODS = ['debug', 'info', 'warn', 'error'] as const;

/** The levels that reach the console. */
function heardAt(level?: LogLevel) {
  const spies = METHODS.map((method) => vi.spyOn(console, method).mockImplementation(() => {}));
  const logger = consoleLogger(level);
  for (const method of METHODS) logger[method]('[WebRTC]', method, 7);
  return METHODS.filter((_, index) => spies[index]?.mock.calls.length === 1);
}

describe('the console logger', () => {
  it.each<[LogLevel, readonly string[]]>([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ])('at %s writes %j', (level, heard) => {
    expect(heardAt(level)).toEqual(heard);
  });

  it('writes from info on by default', () => {
    expect(heardAt()).toEqual(['info', 'warn', 'error']);
  });

  it('passes the line on as it is', () => {
    const info = vi.spyOn(console, 'info').mockImplementation(() => {});
    consoleLogger().info('[WebRTC]', { a: 1 });
    expect(info.mock.calls).toEqual([['[WebRTC]', { a: 1 }]]);
  });
});
