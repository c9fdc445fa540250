/** Where log lines go. One `info` for each step in a connection's life, `debug` for the rest; never SDP, an address or a credential. */
export interface Logger {
  debug(...line: unknown[]): void;
  info(...line: unknown[]): void;
  warn(...line: unknown[]): void;
  error(...line: unknown[]): void;
}

export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Hands on to `logger` what is at least as grave as `level`. What that throws is dropped: a logger must not stop the link. */
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

/** Writes to the console what is at least as grave as `level`. */
export const consoleLogger = (level: LogLevel = 'info'): Logger => safeLogger(console, level);
