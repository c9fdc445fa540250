/** A process of honest players: pairs that exchange signals through the relay and measure how long that takes. */
import { Agent } from 'node:http';
import { io, type Socket } from 'socket.io-client';

export interface HonestSettings {
  readonly port: number;
  readonly games: number;
}
export type HonestOrder = { readonly type: 'phase' } | { readonly type: 'end' };
export interface HonestReport {
  /** Relay latency of each signal that arrived since the last order, in ms. */
  readonly latencies: readonly number[];
  readonly sent: number;
  readonly refused: number;
  /** Connections that the server or a timeout ended. */
  readonly dropped: number;
  /** Games that started meanwhile: two players connect, join, and receive `pyodide_game_ready`. */
  readonly newcomers: { readonly begun: number; readonly served: number; readonly slowestMs: number };
}

/** Two signals per second and player. A game in trouble sends more, a normal game fewer. */
const SIGNAL_MS = 500;
const REPORT_MS = 2_000;
const NEWCOMER_MS = 1_000;
const NEWCOMER_DEADLINE_MS = 20_000;

const settings: HonestSettings = JSON.parse(process.argv[2] ?? '{}');
const payload = {
  candidate: `candidate:1 1 udp 2122260223 ${'x'.repeat(12)} 50000 typ host`,
  sdpMid: '0',
  sdpMLineIndex: 0,
};

let report = fresh();
function fresh() {
  return {
    latencies: [] as number[],
    sent: 0,
    refused: 0,
    dropped: 0,
    newcomers: { begun: 0, served: 0, slowestMs: 0 },
  };
}

interface Sent {
  sentAt?: number;
}

async function player(game: string, id: number, localAddress: string): Promise<Socket> {
  const options = {
    transports: ['websocket'],
    forceNew: true,
    agent: new Agent({ localAddress }),
    reconnectionDelay: 250,
    reconnectionDelayMax: 1_000,
  };
  // In Node the client accepts an agent object, which its types do not declare.
  const socket: Socket = Reflect.apply(io, undefined, [`http://127.0.0.1:${settings.port}`, options]);
  let token: unknown;
  const ready = new Promise<void>((resolve) => socket.on('pyodide_game_ready', () => resolve()));
  socket.on('connect', async () => {
    const reply = await socket
      .timeout(10_000)
      .emitWithAck('join_game', { game_id: game, player_id: id, resume_token: token })
      .catch(() => ({}));
    token = reply.resume_token ?? token;
  });
  socket.on('disconnect', (reason) => {
    if (reason !== 'io client disconnect') report.dropped += 1;
    if (reason === 'io server disconnect') socket.connect();
  });
  socket.on('webrtc_signal', ({ payload: { sentAt } }: { payload: Sent }) => {
    if (sentAt !== undefined) report.latencies.push(performance.now() - sentAt);
  });
  await ready;
  return socket;
}

function playOn(socket: Socket, game: string, id: number): () => void {
  const signal = setInterval(() => {
    if (!socket.connected) return;
    report.sent += 1;
    const message = {
      game_id: game,
      target_player_id: 1 - id,
      type: 'ice-candidate',
      payload: { ...payload, sentAt: performance.now() },
    };
    socket.emit('webrtc_signal', message, (reply: { ok: boolean }) => {
      if (!reply.ok) report.refused += 1;
    });
  }, SIGNAL_MS);
  const health = setInterval(
    () =>
      socket.emit('p2p_health_report', {
        game_id: game,
        player_id: id,
        connection_type: 'direct',
        latency_ms: 20,
        status: 'healthy',
        episode: 1,
      }),
    REPORT_MS,
  );
  return () => {
    clearInterval(signal);
    clearInterval(health);
    socket.close();
  };
}

const addressOf = (game: number): string => `127.2.${Math.floor(game / 250)}.${1 + (game % 250)}`;

async function begin(game: string, address: string): Promise<(() => void)[]> {
  const [one, two] = await Promise.all([player(game, 0, address), player(game, 1, address)]);
  return [playOn(one, game, 0), playOn(two, game, 1)];
}

/** Players who join during the attack. */
async function welcome(number: number): Promise<void> {
  const began = performance.now();
  const deadline = new Promise<null>((resolve) => setTimeout(() => resolve(null), NEWCOMER_DEADLINE_MS));
  const stops = await Promise.race([begin(`newcomers-${number}`, `127.3.0.${1 + (number % 250)}`), deadline]);
  // Counted in the phase in which its result is known.
  const { newcomers } = report;
  newcomers.begun += 1;
  if (stops === null) return;
  newcomers.served += 1;
  newcomers.slowestMs = Math.max(newcomers.slowestMs, performance.now() - began);
  setTimeout(() => {
    for (const stop of stops) stop();
  }, NEWCOMER_MS);
}

process.on('message', (order: HonestOrder) => {
  if (order.type === 'end') process.exit();
  process.send?.(report satisfies HonestReport);
  report = fresh();
});
process.on('disconnect', () => process.exit());

for (let game = 0; game < settings.games; game += 1) {
  // Spread over a period, like real players.
  setTimeout(
    () => void begin(`honest-${game}`, addressOf(game)).then(noteSeated),
    (game / settings.games) * 2_000,
  );
}
let seated = 0;
function noteSeated(): void {
  seated += 1;
  if (seated < settings.games) return;
  process.send?.(report satisfies HonestReport);
  report = fresh();
  let number = 0;
  setInterval(() => void welcome(number++), NEWCOMER_MS);
}
