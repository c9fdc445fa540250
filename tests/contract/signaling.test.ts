import { createFakeWorld, type FakeSocket } from 'holdfast/testing';
import { io, type Socket, type SocketOptions } from 'socket.io-client';
import { vi } from 'vitest';
import { socketIoTransport } from '../../src/signaling/socket-io-transport';
import { startRelay } from '../support/relay';
import { describeSignaling, type SignalingWorld } from '../support/signaling-acceptance';

const HOUR_MS = 3_600_000;
const EVENTS = ['webrtc_signal', 'connect', 'disconnect'];

async function createWorldOfFakes(): Promise<SignalingWorld> {
  vi.useFakeTimers();
  const world = createFakeWorld({ gameId: 'duel', playerIds: [0, 'one'] });
  const { socket } = world.a;
  const [one, two] = [socketIoTransport(socket), socketIoTransport(world.b.socket)];
  await vi.advanceTimersByTimeAsync(0);
  return {
    gameId: 'duel',
    ids: [0, 'one'],
    one,
    two,
    breakOne: () => socket.down(),
    mendOne: () => socket.up(),
    freezeOne: () => socket.freeze(),
    loseOneForAnHour: () => loseForAnHour(socket),
    settingsOfOne: () => [
      socket.io.reconnectionDelay(),
      socket.io.reconnectionDelayMax(),
      socket.io.timeout(),
    ],
    listenersOfOne: () => socket.listenerCount(),
    silence: () => {
      world.relay.acknowledges = false;
    },
    dispose: async () => {
      for (const transport of [one, two]) transport.dispose();
      world.dispose();
      vi.useRealTimers();
    },
  };
}

/** Ends the connection of either kind of socket, which then waits an hour before it reconnects by itself. */
function loseForAnHour({ io }: Socket | FakeSocket): void {
  io.reconnectionDelay(HOUR_MS);
  io.reconnectionDelayMax(HOUR_MS);
  io.engine.close();
}

/** Joins the game on every connection, with the token of the last one, as a game does. */
async function connect(
  url: string,
  playerId: string | number,
  options: Partial<SocketOptions>,
): Promise<Socket> {
  const socket = io(url, { transports: ['websocket'], forceNew: true, reconnectionDelay: 900, ...options });
  let token: unknown;
  let seated = () => {};
  const isSeated = new Promise<void>((resolve) => {
    seated = resolve;
  });
  socket.on('connect', () => {
    const join = { game_id: 'duel', player_id: playerId, resume_token: token };
    socket.emit('join_game', join, (...answers: ({ resume_token?: unknown } | null)[]) => {
      token = answers.at(-1)?.resume_token;
      seated();
    });
  });
  await isSeated;
  return socket;
}

/** The page receives nothing any more: its TCP socket is not read. */
function freeze(socket: Socket): void {
  const webSocket: unknown = Reflect.get(socket.io.engine.transport, 'ws');
  if (typeof webSocket !== 'object' || webSocket === null) throw new Error('not a WebSocket');
  const tcp: unknown = Reflect.get(webSocket, '_socket');
  if (typeof tcp !== 'object' || tcp === null || !('pause' in tcp) || typeof tcp.pause !== 'function')
    throw new Error('no TCP socket beneath');
  tcp.pause();
}

async function createWorldOfSocketIo(options: Partial<SocketOptions> = {}): Promise<SignalingWorld> {
  const relay = await startRelay();
  const [first, second] = [await connect(relay.url, 0, options), await connect(relay.url, 'one', options)];
  const [one, two] = [socketIoTransport(first), socketIoTransport(second)];
  const own = EVENTS.map((event) => first.listeners(event).length).reduce((a, b) => a + b);
  return {
    gameId: 'duel',
    ids: [0, 'one'],
    one,
    two,
    breakOne: () => first.disconnect(),
    mendOne: () => first.connect(),
    freezeOne: () => freeze(first),
    loseOneForAnHour: () => loseForAnHour(first),
    settingsOfOne: () => [first.io.reconnectionDelay(), first.io.reconnectionDelayMax(), first.io.timeout()],
    listenersOfOne: () => EVENTS.map((event) => first.listeners(event).length).reduce((a, b) => a + b) - own,
    silence: () => {
      const emit = first.emit.bind(first);
      first.emit = (event, message) => emit(event, message);
    },
    dispose: async () => {
      for (const transport of [one, two]) transport.dispose();
      for (const socket of [first, second]) socket.disconnect();
      await relay.stop();
    },
  };
}

describeSignaling('fake sockets', createWorldOfFakes);
describeSignaling('Socket.IO and the relay', () => createWorldOfSocketIo());
describeSignaling('Socket.IO with retries and the relay', () =>
  createWorldOfSocketIo({ retries: 1, ackTimeout: 10_000 }),
);
