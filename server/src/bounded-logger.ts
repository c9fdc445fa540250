import type { LogFields, RelayLogger } from './logger';
import { type Rate, TokenBucket } from './rate-limit';

/** A player causes about three lines in all; a flood of strangers must not fill the disk. */
export const DEFAULT_LOG_RATE: Rate = { perSecond: 50, burst: 500 };

type Level = keyof RelayLogger;

/** Limits the rate of lines of each level, and logs how many it suppressed before the next line that passes. */
export function boundedLogger(logger: RelayLogger, rate: Rate, now: () => number): RelayLogger {
  const bounded = (level: Level) => {
    const bucket = new TokenBucket(rate, now());
    let suppressed = 0;
    return (message: string, fields?: LogFields): void => {
      if (!bucket.take(now())) {
        suppressed += 1;
        return;
      }
      if (suppressed > 0) logger[level]('log lines suppressed', { level, count: suppressed });
      suppressed = 0;
      logger[level](message, fields);
    };
  };
  return { debug: bounded('debug'), info: bounded('info'), warn: bounded('warn'), error: bounded('error') };
}
