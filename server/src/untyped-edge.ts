import { Socket } from 'node:net';

import type { ClientEvent, ClientMessage } from './schemas';

/**
 * If `event` is generic, TypeScript cannot infer that `schemas[event].safeParse` returns the message of that event. The schema has
 * just checked it.
 */
export const typedMessage = <Event extends ClientEvent>(parsed: unknown): ClientMessage<Event> =>
  parsed as ClientMessage<Event>;

/** The part of ws's `WebSocket` that is used. */
export interface OpenWebSocket {
  readonly _socket: Socket;
  on(event: 'ping', listener: () => void): unknown;
}

/** The WebSocket under an Engine.IO transport, which its types hide; null if there is none. */
export function webSocketOf(transport: object): OpenWebSocket | null {
  const socket: unknown = Reflect.get(transport, 'socket');
  const isOpen =
    typeof socket === 'object' && socket !== null && Reflect.get(socket, '_socket') instanceof Socket;
  return isOpen ? (socket as OpenWebSocket) : null;
}

/** Asks `mayPass` before the payload of a poll is split into packets, which Engine.IO does for any number of them. */
export function guardPayloads(transport: object, mayPass: (payload: string) => boolean): void {
  const onData: unknown = Reflect.get(transport, 'onData');
  if (typeof onData !== 'function') return;
  const guarded = (payload: unknown): void => {
    if (typeof payload !== 'string' || mayPass(payload)) Reflect.apply(onData, transport, [payload]);
  };
  Reflect.set(transport, 'onData', guarded);
}

/** Sets limits of ws that Engine.IO does not pass on. A message in thousands of fragments costs more than its bytes. */
export function limitWebSockets(engine: object, limits: Readonly<Record<string, number>>): void {
  const server: unknown = Reflect.get(engine, 'ws');
  const options: unknown = typeof server === 'object' && server !== null && Reflect.get(server, 'options');
  if (typeof options === 'object' && options !== null) Object.assign(options, limits);
}

/** The query of a request as parsed by Engine.IO; empty if the request is not for Engine.IO. */
export function queryOf(request: object): Readonly<Record<string, unknown>> {
  const query: unknown = Reflect.get(request, '_query');
  return typeof query === 'object' && query !== null ? (query as Record<string, unknown>) : {};
}

/** The Engine.IO session that a request names; an empty object if it names none. */
export function sessionOf(engine: object, request: object): object {
  const sessions: object = Object(Reflect.get(engine, 'clients'));
  return Object(Reflect.get(sessions, String(queryOf(request).sid)));
}

/**
 * Disables JSONP. A script tag sends no origin, so JSONP would give a page of any origin what CORS keeps from it. Current clients do
 * not use it.
 */
export function withoutJsonp(request: object, _response: object, next: () => void): void {
  Reflect.deleteProperty(queryOf(request), 'j');
  next();
}
