import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, get, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { io } from 'socket.io-client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CliOptionError, readCliOptions } from '../src/cli-options';
import { createHttpHandler } from '../src/http';
import type { RelayServerOptions } from '../src/options';
import { createRelayServer } from '../src/server';
import { mintTurnConfig } from '../src/turn';
import { Client, eventually, recordingLogger, startPair, startWorld } from './world';

describe('turn_config', () => {
  it('hands out fixed credentials, and the urls if they are configured', async () => {
    const turn = { username: 'u', credential: 'c', urls: ['turn:127.0.0.1:3478'], forceRelay: true };
    const world = await startWorld({ turn });
    const [one] = await startPair(world);
    const expected = { username: 'u', credential: 'c', force_relay: true, urls: turn.urls };
    expect(await one.hears('pyodide_game_ready')).toMatchObject([{ turn_config: expected }]);
    expect(await one.ask('holdfast_turn_config')).toEqual({ ok: true, turn_config: expected });
  });

  it('mints credentials that coturn accepts until they expire', () => {
    const config = mintTurnConfig({ secret: 'north', ttlS: 60 }, 'a game:1', 0, 1_000_999);
    const username = '1060:a_game_1.0';
    expect(config).toEqual({
      username,
      credential: createHmac('sha1', 'north').update(username).digest('base64'),
      force_relay: false,
      expires_at: 1060,
    });
  });

  it('is valid for four hours', () => {
    expect(mintTurnConfig({ secret: 'north' }, 'duel', 0, 0).expires_at).toBe(4 * 60 * 60);
  });

  it("has a username with one colon and short enough for coturn, whatever the players' names", () => {
    const { username } = mintTurnConfig({ secret: 'north', ttlS: 1 }, 'a:b', 'x'.repeat(128), 0);
    expect(username).toBe(`1:a_b.${'x'.repeat(32)}`);
  });

  it('is issued again to a player who asks, and to no stranger', async () => {
    const world = await startWorld({ turn: { secret: 'north' } });
    const [one] = await startPair(world, 'duel', ['a', 'b']);
    expect(await one.ask('holdfast_turn_config')).toMatchObject({
      ok: true,
      turn_config: { username: expect.stringMatching(/^\d+:duel\.a$/), expires_at: expect.any(Number) },
    });
    const stranger = await world.connect();
    expect(await stranger.ask('holdfast_turn_config')).toMatchObject({ error: { code: 'not-joined' } });
    expect(JSON.stringify(world.lines)).not.toContain('north');
  });
});

async function startSite() {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-site-'));
  const site = join(directory, 'dist');
  await mkdir(join(site, 'assets'), { recursive: true });
  await writeFile(join(directory, 'secret.txt'), 'secret');
  await writeFile(join(site, 'index.html'), '<title>duel</title>');
  await mkdir(join(site, '.git'));
  for (const hidden of ['.env', '.git/config']) await writeFile(join(site, hidden), 'secret');
  await mkdir(join(site, '.well-known'));
  await writeFile(join(site, '.well-known', 'security.txt'), 'for everybody');
  await writeFile(join(site, 'assets', 'main-abc.js'), 'export {};');
  const visualizer = join(directory, 'visualizer');
  await mkdir(join(visualizer, 'assets'), { recursive: true });
  await writeFile(join(visualizer, 'index.html'), '<title>visualizer</title>');
  await writeFile(join(visualizer, 'assets', 'elk-abc.js'), 'export {};');
  onTestFinished(() => rm(directory, { recursive: true }));
  return { world: await startWorld({ staticDir: site, visualizerDir: visualizer }), site };
}

/** Sends the request line as written: `fetch` would normalize the path. */
const rawGet = (port: number, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });

describe('the page', () => {
  it('is served with its assets and without stale caching', async () => {
    const { world } = await startSite();
    const page = await fetch(`${world.url}/?game=1`);
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('duel');
    const asset = await fetch(`${world.url}/assets/main-abc.js`);
    expect(asset.headers.get('content-type')).toContain('javascript');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect((await fetch(`${world.url}/none`)).status).toBe(404);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const post = await fetch(world.url, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(world.url, { method: 'HEAD' })).status).toBe(200);
  });

  it.each([
    ['/.well-known/security.txt', 'for everybody'],
    ['/?back=/.env', '<title>duel</title>'],
  ])('is served when a dot in the URL hides nothing: %s', async (path, text) => {
    const { world } = await startSite();
    expect(await (await fetch(world.url + path)).text()).toBe(text);
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/visualizer/../../secret.txt',
    '/visualizer/%2e%2e/secret.txt',
    '/.env',
    '/%2eenv',
    '/assets%2F..%2F.env',
    '/.git/config',
    '/assets/../.git/config?x',
    '/%',
    '/visualizer?\f&\xff',
    '//',
    '*',
  ])('serves nothing outside its folder and no hidden file for %s', async (path) => {
    const { world } = await startSite();
    const answer = await rawGet(world.server.address?.port ?? 0, path);
    expect(answer).toMatch(/^HTTP\/1\.1 \d/);
    expect(answer).not.toContain('secret');
  });

  it.each(['bytes=5-2', 'bytes=1-99999999999999999999', 'bytes=-5', 'bytes=0-1,3-4', 'lines=1-2', 'bytes='])(
    'is sent whole when the range %s is not one that it supports',
    async (range) => {
      const { world } = await startSite();
      const answer = await fetch(world.url, { headers: { range } });
      expect([answer.status, await answer.text()]).toEqual([200, '<title>duel</title>']);
    },
  );

  it('is sent in part when a range asks for it', async () => {
    const { world } = await startSite();
    const partOf = async (range: string) => (await fetch(world.url, { headers: { range } })).text();
    expect(await Promise.all(['bytes=1-5', 'bytes=13-', 'bytes=99-'].map(partOf))).toEqual([
      'title',
      'title>',
      '',
    ]);
  });

  it('fails only its own request when a file is found but cannot be read, as during a build', async () => {
    const { world, site } = await startSite();
    const unreadable = createServer();
    await new Promise<void>((resolve) => unreadable.listen(join(site, 'gone.js'), resolve));
    onTestFinished(() => void unreadable.close());
    await expect(fetch(`${world.url}/gone.js`).then((answer) => answer.text())).rejects.toThrow();
    expect((await fetch(world.url)).status).toBe(200);
  });

  it('closes the file when the client hangs up', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-site-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'large.js'), Buffer.alloc(16 * 1024 * 1024));
    const handle = createHttpHandler({
      staticDir: directory,
      visualizerDir: null,
      app: null,
      health: () => ({}),
    });
    const files: Readable[] = [];
    const server = createHttpServer((request, response) => {
      response.on('pipe', (file: Readable) => files.push(file));
      handle(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    get({ host: '127.0.0.1', port, path: '/large.js' }, (answer) => answer.destroy());
    await eventually(() => expect(files.map(({ closed }) => closed)).toEqual([true]));
  });

  it('has the visualizer beside it, with and without the slash, and keeps the query', async () => {
    const { world } = await startSite();
    for (const path of ['/visualizer', '/visualizer/']) {
      for (const query of ['', '?game=duel', '?game=%20']) {
        const page = await fetch(`${world.url}${path}${query}`);
        expect([page.status, page.url]).toEqual([200, `${world.url}/visualizer/${query}`]);
        expect(await page.text()).toContain('visualizer');
      }
    }
    const asset = await fetch(`${world.url}/visualizer/assets/elk-abc.js`);
    expect([asset.status, asset.headers.get('cache-control')]).toEqual([
      200,
      expect.stringContaining('immutable'),
    ]);
    expect((await fetch(`${world.url}/visualizer/assets/main-abc.js`)).status).toBe(404);
  });

  it('redirects to the visualizer below whatever path a proxy serves it', async () => {
    const { world } = await startSite();
    const answer = await fetch(`${world.url}/visualizer?game=duel`, { redirect: 'manual' });
    const target = new URL(answer.headers.get('location') ?? '', 'https://study.example/games/visualizer');
    expect(target.href).toBe('https://study.example/games/visualizer/?game=duel');
  });

  it('says how to build it when it is not built', async () => {
    const world = await startWorld({ staticDir: '/nonexistent/dist' });
    const answer = await fetch(world.url);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toBe(
      'This page is not built yet. Run `npm run build:examples`, or start the server with `npm start`, which also builds it.',
    );
    expect((await fetch(`${world.url}/visualizer/`)).status).toBe(404);
  });

  it('answers /healthz', async () => {
    const world = await startWorld();
    await startPair(world);
    const answer = await fetch(`${world.url}/healthz`);
    const { 'cache-control': cache, 'content-type': type } = Object.fromEntries(answer.headers);
    expect([answer.status, cache, type]).toEqual([200, 'no-store', 'application/json']);
    expect(await answer.json()).toEqual({
      status: 'ok',
      sockets: 2,
      players: 2,
      games: 1,
      droppedRecords: 0,
    });
  });
});

describe('an application of the game', () => {
  const app: RequestListener = (request, response) => void response.end(`${request.method} ${request.url}`);
  const fetchText = async (url: string, init?: RequestInit) => (await fetch(url, init)).text();

  it('answers every request that is not for the relay, whatever its method', async () => {
    const { url } = await startWorld({ app });
    expect(await fetchText(`${url}/surveys?id=1`, { method: 'POST' })).toBe('POST /surveys?id=1');
    expect(await fetchText(`${url}/visualizer/`)).toBe('GET /visualizer/');
  });

  it('leaves Socket.IO, /healthz and the visualizer to the relay', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-site-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, 'index.html'), '<title>visualizer</title>');
    const world = await startWorld({ app, visualizerDir: directory });
    await startPair(world);
    expect(JSON.parse(await fetchText(`${world.url}/healthz`))).toMatchObject({ players: 2 });
    expect(await fetchText(`${world.url}/visualizer`)).toContain('visualizer</title>');
  });

  it('is refused together with a folder of pages', () => {
    expect(() => createRelayServer({ app, staticDir: '/page' })).toThrow(
      new RangeError('app and staticDir are both set: expected one of them to serve the pages'),
    );
  });
});

describe('the server', () => {
  it('admits pages of allowed origins and of its own, and no others', async () => {
    const world = await startWorld({ allowedOrigins: ['https://game.example'] });
    const from = (origin: string) =>
      new Promise<boolean>((resolve) => {
        const socket = io(world.url, { transports: ['websocket'], forceNew: true, extraHeaders: { origin } });
        onTestFinished(() => {
          socket.close();
        });
        socket.once('connect', () => resolve(true));
        socket.once('connect_error', () => resolve(false));
      });
    expect(await from('https://game.example')).toBe(true);
    expect(await from(world.url)).toBe(true);
    // Its own origin, behind a proxy that speaks TLS.
    expect(await from(world.url.replace('http:', 'https:'))).toBe(true);
    expect(await from('https://evil.example')).toBe(false);
  });

  it('answers polling, with which browsers start, for any origin or only for the allowed ones', async () => {
    const grant = async (options: RelayServerOptions, origin: string) => {
      const { url } = await startWorld(options);
      const answer = await fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
      return answer.headers.get('access-control-allow-origin');
    };
    const allowedOrigins = ['https://game.example'];
    expect(await grant({}, 'https://game.example')).toBe('*');
    expect(await grant({ allowedOrigins }, 'https://game.example')).toBe('https://game.example');
    expect(await grant({ allowedOrigins }, 'https://evil.example')).toBeNull();
  });

  it('rejects when the port is taken, and can be closed afterwards', async () => {
    const world = await startWorld();
    const second = createRelayServer({ logger: recordingLogger([]) });
    await expect(second.listen(world.server.address?.port ?? 0)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await second.close();
  });

  it('closes with players connected, twice if asked, and takes no more connections', async () => {
    const world = await startWorld();
    const [one] = await startPair(world);
    const gone = one.gone;
    await world.server.close();
    await world.server.close();
    expect(await gone).toBe('transport close');
    expect(world.server.address).toBeNull();
    await expect(Client.connect(world.url)).rejects.toThrow();
  });

  it('leaves no timer that would keep it in memory once it is closed', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { server } = await startWorld();
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    await server.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('logs that the system refused a connection, and goes on', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    onTestFinished(() => listen.mockRestore());
    const world = await startWorld();
    const [http] = listen.mock.contexts;
    if (http instanceof Server) http.emit('error', new Error('accept EMFILE'));
    const fields = { error: 'Error: accept EMFILE' };
    expect(world.lines).toEqual([{ level: 'error', message: 'HTTP server error', fields }]);
    await startPair(world);
  });

  it('treats an undefined member as a missing one', async () => {
    const unset: object = { maxSockets: undefined, maxLogTotalBytes: undefined, rates: { bytes: undefined } };
    const world = await startWorld(unset);
    await (await world.connect()).join('duel', 0);
  });

  it('accepts a `seatHoldMs` longer than any timer, because no timer runs for it', () => {
    expect(() => createRelayServer({ seatHoldMs: 30 * 24 * 3_600_000 })).not.toThrow();
  });

  const TIMERS = ['joinTimeoutMs', 'penaltyMs', 'pingIntervalMs', 'pingTimeoutMs'];

  it.each(TIMERS)('accepts for %s the longest time that a timer takes, and no longer', (name) => {
    expect(() => createRelayServer({ [name]: 2 ** 31 - 1 })).not.toThrow();
    expect(() => createRelayServer({ [name]: 2 ** 31 })).toThrow(
      new RegExp(`^${name} is 2147483648: expected`),
    );
  });

  it.each([
    ...TIMERS,
    ...['playersPerGame', 'seatHoldMs', 'maxGames', 'maxSockets', 'maxUnjoinedSockets'],
    ...['maxSocketsPerAddress', 'maxLogFileBytes', 'maxLogTotalBytes'],
  ])('accepts for %s only whole numbers from 1', (name) => {
    expect(() => createRelayServer({ [name]: 1 })).not.toThrow();
    for (const bad of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '4', null])
      expect(() => createRelayServer({ [name]: bad })).toThrow(
        `${name} is ${bad}: expected an integer from 1`,
      );
  });

  it.each<[name: string, RelayServerOptions]>([
    ['handshakes', { handshakes: { perSecond: Number.NaN, burst: 1 } }],
    ['handshakes', { handshakes: { perSecond: 1, burst: Number.POSITIVE_INFINITY } }],
    ['handshakes', { handshakes: { perSecond: 0, burst: 1 } }],
    ['rates.bytes', { rates: { bytes: { perSecond: 1, burst: 0 } } }],
    ['allowedOrigins', { allowedOrigins: ['https://game.example', 'https://www.game.example/'] }],
    ['allowedOrigins', { allowedOrigins: ['*'] }],
    ['allowedOrigins', { allowedOrigins: ['http://game.example:80'] }],
    ['allowedOrigins', { allowedOrigins: ['https://game.example:443'] }],
    ['allowedOrigins', { allowedOrigins: ['https://spiel.münchen.example'] }],
    ['turn.urls', { turn: { secret: 's', urls: ['turn.example.org:3478'] } }],
    ['turn.ttlS', { turn: { secret: 's', ttlS: 0 } }],
    ['turn.secret', { turn: { secret: '' } }],
    // As from an environment variable that is missing.
    ['turn.secret', { turn: Object({ secret: undefined }) }],
    ['turn.username', { turn: { username: '', credential: 'c' } }],
    ['turn.credential', { turn: { username: 'u', credential: '' } }],
  ])('refuses a bad %s by name, and says what is allowed', (name, options) => {
    expect(() => createRelayServer(options)).toThrow(RangeError);
    expect(() => createRelayServer(options)).toThrow(new RegExp(`^${name} (?:is|contains) .*: expected `));
  });
});

describe('the command line', () => {
  it('reads flags before the environment', () => {
    const env = { PORT: '1', TURN_SECRET: 's', TURN_URLS: 'turn:a, turn:b', FORCE_RELAY: '1' };
    expect(
      readCliOptions(
        ['--port', '0', '--data-dir', '/d', '--static-dir', '/s', '--visualizer-dir', '/v'],
        env,
      ),
    ).toEqual({
      port: 0,
      host: '127.0.0.1',
      server: {
        dataDir: '/d',
        staticDir: '/s',
        visualizerDir: '/v',
        turn: { secret: 's', urls: ['turn:a', 'turn:b'], forceRelay: true },
      },
    });
    expect(readCliOptions([], {})).toMatchObject({ port: 3000 });
    expect(readCliOptions(['--max-sockets-per-address', '40'], {})).toMatchObject({
      server: { maxSocketsPerAddress: 40 },
    });
    expect(readCliOptions([], { PLAYERS_PER_GAME: '4' })).toMatchObject({ server: { playersPerGame: 4 } });
    expect(readCliOptions(['--help'], {})).toBeNull();
  });

  it('resolves a relative folder from where npm was started, or else from the working directory', () => {
    const args = ['--data-dir', './logs', '--static-dir', '../page', '--visualizer-dir', '/v'];
    expect(readCliOptions(args, { INIT_CWD: '/home/user' })?.server).toEqual({
      dataDir: '/home/user/logs',
      staticDir: '/home/page',
      visualizerDir: '/v',
    });
    expect(readCliOptions(args, {})?.server.dataDir).toBe(join(process.cwd(), 'logs'));
  });

  it('accepts origins and TURN servers as browsers write them', () => {
    const origins = [
      'https://game.example',
      'http://localhost:5173',
      'http://[::1]:8080',
      'capacitor://localhost',
      // The origin of a page in a sandbox, or of a file.
      'null',
    ];
    const urls = ['turn:a:3478?transport=udp', 'turns:[::1]', 'stun:b'];
    const env = { ALLOWED_ORIGINS: origins.join(), TURN_URLS: urls.join(' , '), TURN_SECRET: 's' };
    expect(readCliOptions([], env)?.server).toMatchObject({ allowedOrigins: origins, turn: { urls } });
  });

  it.each<[string[], boolean]>([
    [['--inspect'], true],
    [['--inspect', '--port', '0'], true],
    [['--inspect', '1'], true],
    [['--inspect=1'], true],
    [['--inspect', '0'], false],
    [['--inspect=0'], false],
  ])('reads %j; a bare flag means 1', (args, expected) => {
    const withForceRelay = args.map((arg) => arg.replace('inspect', 'force-relay'));
    expect(readCliOptions(args, { INSPECT: expected ? '0' : '1' })?.server.inspect ?? false).toBe(expected);
    expect(
      readCliOptions(withForceRelay, { TURN_SECRET: 's', FORCE_RELAY: expected ? '0' : '1' })?.server.turn,
    ).toEqual({ secret: 's', forceRelay: expected });
  });

  it.each<[string, string[], Record<string, string>]>([
    ['PORT', [], { PORT: 'many' }],
    ['PORT', ['--port', '70000'], {}],
    ['MAX_SOCKETS_PER_ADDRESS', ['--max-sockets-per-address', '0'], {}],
    ['PLAYERS_PER_GAME', [], { PLAYERS_PER_GAME: 'four' }],
    ['FORCE_RELAY', [], { FORCE_RELAY: 'perhaps' }],
    ['FORCE_RELAY', [], { FORCE_RELAY: '1' }],
    ['INSPECT', [], { INSPECT: 'perhaps' }],
    ['INSPECT', ['--inspect=perhaps'], {}],
    ['TURN_URLS', [], { TURN_URLS: 'turn:x' }],
    ['TURN_URLS', [], { TURN_URLS: 'turn:a, b:3478', TURN_SECRET: 's' }],
    ['TURN_URLS', [], { TURN_URLS: 'turn://a:3478', TURN_SECRET: 's' }],
    ['ALLOWED_ORIGINS', ['--allowed-origins', 'https://game.example/'], {}],
    ['ALLOWED_ORIGINS', ['--allowed-origins', 'https://a.example,game.example'], {}],
    ['ALLOWED_ORIGINS', ['--allowed-origins', '*'], {}],
    ['TURN_CREDENTIAL', [], { TURN_USERNAME: 'u' }],
    ['--nonsense', ['--nonsense'], {}],
  ])('refuses a bad %s by name', (name, args, env) => {
    expect(() => readCliOptions(args, env)).toThrow(CliOptionError);
    expect(() => readCliOptions(args, env)).toThrow(name);
  });
});
