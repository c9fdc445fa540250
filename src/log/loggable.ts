/** A server's text for the log: unchanged if it is a few plain words, otherwise `unknown`, because it may quote an address or a credential. */
export const loggableText = (text: unknown) =>
  typeof text === 'string' && /^[\w -]{1,40}$/.test(text) ? text : 'unknown';

/** A browser's error for the log: its name only, because its message may quote SDP or an address. */
export const errorName = (error: unknown) => (error instanceof Error ? error.name : 'error');
