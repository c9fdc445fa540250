/** Runs in the router's namespace: the relay and the pages on one port. */
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { attachStubRelay } from './stub-relay.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

const port = Number(process.env.LAB_PORT ?? '8080');
const staticDir = process.env.LAB_STATIC_DIR ?? '';

const http = createServer((request, response) => {
  const path = normalize(new URL(request.url ?? '/', 'http://lab').pathname);
  if (path === '/blank.html') sendBlank(response);
  else if (!path.startsWith('/socket.io/')) sendFile(path, response);
});
attachStubRelay(http);
http.listen(port, () => console.log('listening'));

/** A page of the lab's origin with the Socket.IO client on it: tests put their own script there. */
function sendBlank(response: ServerResponse<IncomingMessage>): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end('<!doctype html><title>lab</title><script src="/socket.io/socket.io.js"></script>');
}

function sendFile(path: string, response: ServerResponse<IncomingMessage>): void {
  if (staticDir === '') {
    response.writeHead(404).end();
    return;
  }
  const file = join(staticDir, path.endsWith('/') ? `${path}index.html` : path);
  const stream = createReadStream(file);
  stream.once('open', () => {
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    stream.pipe(response);
  });
  stream.once('error', () => response.writeHead(404).end());
}
