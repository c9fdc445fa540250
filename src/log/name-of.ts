/** What is logged of a server's word for something: what is more than words may quote anything. */
export const wordOf = (text: unknown) =>
  typeof text === 'string' && /^[\w -]{1,40}$/.test(text) ? text : 'unknown';

/** What is logged of an error of the browser's: it may quote SDP or addresses, but for its name. */
export const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'error');
