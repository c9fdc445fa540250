/** What is logged of a server's text: itself where it is a few plain words. Anything else may quote an address or a credential. */
export const loggableText = (text: unknown) =>
  typeof text === 'string' && /^[\w -]{1,40}$/.test(text) ? text : 'unknown';

/** What is logged of a browser's error: its name. Its message may quote SDP or an address. */
export const errorName = (error: unknown) => (error instanceof Error ? error.name : 'error');
