export type LogFields = Readonly<Record<string, unknown>>;

/** Receives the relay's log lines. Fields never contain a payload, a credential or an address. */
export interface RelayLogger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const escaped = (text: string): string =>
  text.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** JSON with escapes for characters that some readers take as a line break (U+2028), or that move a terminal's cursor (U+009B) or reverse its text (U+202E). */
export const printableJson = (value: object): string =>
  JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);

// Escaped so that a hostile id cannot forge a log line.
const line = (message: string, fields?: LogFields): string =>
  fields === undefined ? `[relay] ${message}` : `[relay] ${message} ${printableJson(fields)}`;

/** Writes to the console; `debug` lines only if `verbose`. */
export const consoleLogger = (verbose = false): RelayLogger => ({
  debug: (message, fields) => {
    if (verbose) console.debug(line(message, fields));
  },
  info: (message, fields) => console.info(line(message, fields)),
  warn: (message, fields) => console.warn(line(message, fields)),
  error: (message, fields) => console.error(line(message, fields)),
});

/** Class and message of an error, without its stack, which contains paths. */
export const describeError = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
