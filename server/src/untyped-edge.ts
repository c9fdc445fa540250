import type { ClientEvent, ClientMessage } from './schemas';

/**
 * TypeScript does not see that `schemas[event].safeParse` yields the message of that very event when `event` is
 * generic; the schema has just checked it.
 */
export const typedMessage = <Event extends ClientEvent>(parsed: unknown): ClientMessage<Event> =>
  parsed as ClientMessage<Event>;
