export type LogFields = Readonly<Record<string, unknown>>;

/** Where the relay reports. Fields never hold a payload, a credential or an address. */
export interface RelayLogger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const escaped = (text: string): string =>
  text.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** JSON without what ends a line for some readers (U+2028), moves a terminal's cursor (U+009B) or turns its letters round (U+202E). */
export const printableJson = (value: object): string =>
  JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);

// So that a hostile id cannot forge a line.
const line = (message: string, fields?: LogFields): string =>
  fields === undefined ? `[relay] ${message}` : `[relay] ${message} ${printableJson(fields)}`;

/** Writes to the console; `debug` stays silent unless `verbose`. */
export const consoleLogger = (verbose = false): RelayLogger => ({
  debug: (message, fields) => {
    if (verbose) console.debug(line(message, fields));
  },
  info: (message, fields) => console.info(line(message, fields)),
  warn: (message, fields) => console.warn(line(message, fields)),
  error: (message, fields) => console.error(line(message, fields)),
});

/** What an error may say in a log: its class and message, without a stack of paths. */
export const describeError = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
