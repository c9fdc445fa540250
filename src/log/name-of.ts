/** What is logged of an error of the browser's: it may quote SDP or addresses, but for its name. */
export const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'error');
