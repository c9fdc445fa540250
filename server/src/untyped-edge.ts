import { Socket } from 'node:net';

import type { ClientEvent, ClientMessage } from './schemas';

/**
 * TypeScript does not see that `schemas[event].safeParse` yields the message of that very event when `event` is
 * generic; the schema has just checked it.
 */
export const typedMessage = <Event extends ClientEvent>(parsed: unknown): ClientMessage<Event> =>
  parsed as ClientMessage<Event>;

/** The part of ws's `WebSocket` that is used. */
export interface OpenWebSocket {
  readonly _socket: Socket;
  on(event: 'ping', listener: () => void): unknown;
}

/** The WebSocket beneath an Engine.IO transport, which its types hide; null where there is none. */
export function webSocketOf(transport: object): OpenWebSocket | null {
  const socket: unknown = Reflect.get(transport, 'socket');
  const isOpen =
    typeof socket === 'object' && socket !== null && Reflect.get(socket, '_socket') instanceof Socket;
  return isOpen ? (socket as OpenWebSocket) : null;
}

/** Asks before a poll's payload is taken apart: Engine.IO does so with any number of packets. */
export function guardPayloads(transport: object, mayPass: (payload: string) => boolean): void {
  const onData: unknown = Reflect.get(transport, 'onData');
  if (typeof onData !== 'function') return;
  const guarded = (payload: unknown): void => {
    if (typeof payload !== 'string' || mayPass(payload)) Reflect.apply(onData, transport, [payload]);
  };
  Reflect.set(transport, 'onData', guarded);
}

/** Limits of ws that Engine.IO does not hand on: a message in thousands of pieces costs more than its bytes. */
export function limitWebSockets(engine: object, limits: Readonly<Record<string, number>>): void {
  const server: unknown = Reflect.get(engine, 'ws');
  const options: unknown = typeof server === 'object' && server !== null && Reflect.get(server, 'options');
  if (typeof options === 'object' && options !== null) Object.assign(options, limits);
}

/** The query of a request as Engine.IO has read it; empty where the request is not for it. */
export function queryOf(request: object): Readonly<Record<string, unknown>> {
  const query: unknown = Reflect.get(request, '_query');
  return typeof query === 'object' && query !== null ? (query as Record<string, unknown>) : {};
}

/** The session that a request names; an object of no session where it names none. */
export function sessionOf(engine: object, request: object): object {
  const sessions: object = Object(Reflect.get(engine, 'clients'));
  return Object(Reflect.get(sessions, String(queryOf(request).sid)));
}

/**
 * A script tag sends no origin, and by JSONP Engine.IO tells a page of any origin what CORS would keep from it. Clients ask
 * for that no more.
 */
export function withoutJsonp(request: object, _response: object, next: () => void): void {
  Reflect.deleteProperty(queryOf(request), 'j');
  next();
}
