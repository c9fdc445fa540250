import { createReadStream } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** A page of the lab's origin into which tests put their own script. */
const BLANK = '<!doctype html><title>lab</title>';

export interface PageServerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly staticDir?: string;
}

export interface PageServer {
  readonly http: Server;
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves `/blank.html` and, if given, a directory; leaves `/socket.io/` to whatever shares the server. */
export async function servePages(options: PageServerOptions): Promise<PageServer> {
  const { staticDir = '' } = options;
  const http = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://lab').pathname);
    if (path === '/blank.html') response.writeHead(200, { 'content-type': TYPES['.html'] }).end(BLANK);
    else if (path.startsWith('/socket.io/')) return;
    else if (staticDir === '') response.writeHead(404).end();
    else sendFile(join(staticDir, path.endsWith('/') ? `${path}index.html` : path), response);
  });
  await new Promise<void>((resolve) => http.listen(options.port, resolve));
  const address = http.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    http,
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function sendFile(file: string, response: ServerResponse): void {
  const stream = createReadStream(file);
  stream.once('open', () => {
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    stream.pipe(response);
  });
  stream.once('error', () => response.writeHead(404).end());
}
