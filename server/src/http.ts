import { existsSync } from 'node:fs';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import sirv from 'sirv';

export interface HttpOptions {
  /** The built page; null serves none. */
  readonly staticDir: string | null;
  readonly health: () => Readonly<Record<string, unknown>>;
}

const HASHED_ASSET = /^\/assets\//;

/** `/healthz`, and the files of the built page. Socket.IO takes its own path before this is asked. */
export function createHttpHandler({ staticDir, health }: HttpOptions): RequestListener {
  const files =
    staticDir === null ? null : sirv(staticDir, { dev: true, etag: true, setHeaders: cacheHeaders });
  return (request, response) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return text(response, 405, 'method not allowed');
    }
    if (pathOf(request) === '/healthz') return json(response, health());
    if (files === null || staticDir === null) return text(response, 404, 'not found');
    files(request, response, () => notFound(request, response, staticDir));
  };
}

/**
 * Returns a function that cuts off every connection. Needed at the end: a client that does not read would keep a
 * WebSocket's closing handshake waiting for half a minute.
 */
export function trackConnections(http: Server): () => void {
  const connections = new Set<Socket>();
  http.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  return () => {
    for (const connection of connections) connection.destroy();
  };
}

function notFound(request: IncomingMessage, response: ServerResponse, staticDir: string): void {
  const unbuilt = pathOf(request) === '/' && !existsSync(join(staticDir, 'index.html'));
  if (unbuilt)
    text(response, 503, 'The page is not built yet: run `npm run build`, or `npm start`, which does both.');
  else text(response, 404, 'not found');
}

// Built assets carry a hash in their name; the page itself must be asked for again after each build.
function cacheHeaders(response: ServerResponse, path: string): void {
  response.setHeader(
    'Cache-Control',
    HASHED_ASSET.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  );
}

const pathOf = (request: IncomingMessage): string => request.url?.split('?', 1)[0] ?? '/';

function json(response: ServerResponse, body: Readonly<Record<string, unknown>>): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(body);
}
