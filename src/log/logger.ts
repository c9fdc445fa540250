/** Receives the log lines: `info` for each step of a connection, `warn` and `error` for faults, `debug` for the rest. No line contains SDP, an address or a credential. */
export interface Logger {
  debug(...line: unknown[]): void;
  info(...line: unknown[]): void;
  warn(...line: unknown[]): void;
  error(...line: unknown[]): void;
}

export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Passes lines of `level` or above on to `logger`. Ignores what `logger` throws, because a logger must not stop the link. */
export function safeLogger(logger: Logger, level: LogLevel = 'debug'): Logger {
  const filtered =
    (lineLevel: keyof Logger) =>
    (...line: unknown[]) => {
      if (LEVELS.indexOf(lineLevel) < LEVELS.indexOf(level)) return;
      try {
        logger[lineLevel](...line);
      } catch {}
    };
  return {
    debug: filtered('debug'),
    info: filtered('info'),
    warn: filtered('warn'),
    error: filtered('error'),
  };
}

/** A logger that writes lines of `level` or above to the console. */
export const consoleLogger = (level: LogLevel = 'info'): Logger => safeLogger(console, level);
