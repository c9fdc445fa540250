/** Where log lines go. One `info` for each step in a connection's life, `debug` for the rest; never SDP, an address or a credential. */
export interface Logger {
  debug(...line: unknown[]): void;
  info(...line: unknown[]): void;
  warn(...line: unknown[]): void;
  error(...line: unknown[]): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** Writes to the console what is at least as grave as `level`. */
export function consoleLogger(level: LogLevel = 'info'): Logger {
  const at = (own: Exclude<LogLevel, 'silent'>) =>
    LEVELS.indexOf(own) < LEVELS.indexOf(level) ? () => {} : (...line: unknown[]) => console[own](...line);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
