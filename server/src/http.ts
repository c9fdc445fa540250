import { existsSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';

export interface HttpOptions {
  /** Folder of the built page; null serves none. */
  readonly staticDir: string | null;
  /** Folder of the built visualizer, served under {@link VISUALIZER}; null serves none. */
  readonly visualizerDir: string | null;
  /** Answers every other request instead of `staticDir`; null for none. */
  readonly app: RequestListener | null;
  readonly health: () => Readonly<Record<string, unknown>>;
}

/** Hidden files such as `.env` or `.git` are never served, except `.well-known/`. */
const HIDDEN = /(?:[/\\]|%2f|%5c)(?:\.|%2e)(?!well-known\/)/i;
const HASHED_ASSET = /^\/assets\//;
export const VISUALIZER = '/visualizer/';

/** Serves `/healthz` and the files of the built pages. Socket.IO handles its own path before this handler runs. */
export function createHttpHandler(options: HttpOptions): RequestListener {
  const { staticDir, visualizerDir, app, health } = options;
  const serveGame = serveFolder(staticDir);
  const serveVisualizer = serveFolder(visualizerDir);
  return (request, response) => {
    const path = pathOf(request);
    const isVisualizer = visualizerDir !== null && `${path}/`.startsWith(VISUALIZER);
    if (app !== null && path !== '/healthz' && !isVisualizer) return app(request, response);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return text(response, 405, 'method not allowed');
    }
    if (path === '/healthz') return json(response, health());
    // Without the trailing slash the page's relative links would not resolve. The redirect is relative because a proxy may serve all of this under a path.
    if (`${path}/` === VISUALIZER) return redirect(response, VISUALIZER.slice(1) + queryOf(request));
    if (!path.startsWith(VISUALIZER)) return serveGame(request, response);
    request.url = request.url?.slice(VISUALIZER.length - 1);
    serveVisualizer(request, response);
  };
}

/** Serves the files of a folder. If its page is not built yet, the response says so. */
function serveFolder(folder: string | null): RequestListener {
  if (folder === null) return (_request, response) => text(response, 404, 'not found');
  const files = sirv(folder, { dev: true, etag: true, setHeaders: cacheHeaders });
  return (request, response) => {
    if (HIDDEN.test(pathOf(request))) return text(response, 404, 'not found');
    if (!isRange(request.headers.range)) delete request.headers.range;
    response.on('pipe', (file) => {
      // A new build may delete a file while it is being read.
      file.on('error', () => response.destroy());
      // If the client hangs up, the file would stay open forever.
      response.on('close', () => file.destroy());
    });
    files(request, response, () => notFound(request, response, folder));
  };
}

/** Whether it is a single, well-ordered byte range. On any other, sirv throws, which would end the process; HTTP allows a server to ignore ranges. */
function isRange(range = ''): boolean {
  const [, first, last = first] = /^bytes=(\d{1,15})-(\d{1,15})?$/.exec(range) ?? [];
  return Number(first) <= Number(last);
}

function notFound(request: IncomingMessage, response: ServerResponse, staticDir: string): void {
  const isUnbuilt = pathOf(request) === '/' && !existsSync(join(staticDir, 'index.html'));
  if (isUnbuilt)
    text(
      response,
      503,
      'This page is not built yet. Run `npm run build:examples`, or start the server with `npm start`, which also builds it.',
    );
  else text(response, 404, 'not found');
}

// Built assets have a hash in their name and never change; the page itself must be revalidated.
function cacheHeaders(response: ServerResponse, path: string): void {
  response.setHeader(
    'Cache-Control',
    HASHED_ASSET.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  );
}

const pathOf = (request: IncomingMessage): string => request.url?.split('?', 1)[0] ?? '/';

// Parsed by URL, which escapes characters that are not allowed in a header.
const queryOf = (request: IncomingMessage): string => new URL(request.url ?? '/', 'http://localhost').search;

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { Location: location }).end();
}

function json(response: ServerResponse, body: Readonly<Record<string, unknown>>): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
}

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(body);
}
