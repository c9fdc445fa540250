import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SocketLike, socketIoTransport } from '../../src/signaling/socket-io-transport';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Listener = Parameters<SocketLike['on']>[1];
const signal = { game_id: 'g', target_player_id: 2, type: 'offer', payload: {} };

/** A Socket.IO client as far as the adapter uses it; `answers` decides what the server acknowledges. */
function startSocket(answers: (event: string) => unknown = () => undefined, transports?: unknown[]) {
  const listeners = new Map<string, Set<Listener>>();
  const emitted: string[] = [];
  const settings = { delay: 1_000, delayMax: 5_000, timeout: 20_000 };
  let engineCloses = 0;
  const setting = (name: keyof typeof settings) => (value?: unknown) => {
    if (typeof value === 'number') settings[name] = value;
    return settings[name];
  };
  const socket = {
    connected: true,
    on: (event: string, listener: Listener) => {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
    },
    off: (event: string, listener: Listener) => void listeners.get(event)?.delete(listener),
    emit: (event: string, ...args: unknown[]) => {
      emitted.push(event);
      const [acknowledge] = args.slice(-1);
      const answer = answers(event);
      if (answer !== undefined && typeof acknowledge === 'function') acknowledge(answer);
    },
    io: {
      engine: {
        close: () => {
          engineCloses += 1;
        },
      },
      reconnectionDelay: setting('delay'),
      reconnectionDelayMax: setting('delayMax'),
      timeout: setting('timeout'),
      ...(transports && { opts: { transports } }),
    },
  };
  return {
    socket,
    emitted,
    settings,
    get engineCloses() {
      return engineCloses;
    },
    fire: (event: string, ...args: unknown[]) => {
      for (const listener of listeners.get(event) ?? []) listener(...args);
    },
    count: () => [...listeners.values()].reduce((sum, { size }) => sum + size, 0),
  };
}

const CALM = { delay: 1_000, delayMax: 5_000, timeout: 20_000 };
const HASTY = { delay: 250, delayMax: 250, timeout: 500 };

describe('a fast reconnection', () => {
  it('closes the engine, retries faster, and restores the caller’s settings afterwards', () => {
    const world = startSocket();
    const transport = socketIoTransport(world.socket);
    transport.onUpChange(() => {});
    transport.reconnect();
    expect([world.engineCloses, world.settings]).toEqual([1, HASTY]);
    world.fire('connect');
    expect(world.settings).toEqual(CALM);
  });

  it('requested twice restores the settings from before the first', () => {
    const world = startSocket();
    const transport = socketIoTransport(world.socket);
    transport.onUpChange(() => {});
    transport.reconnect();
    transport.reconnect();
    world.fire('connect');
    expect(world.settings).toEqual(CALM);
    transport.reconnect();
    expect(world.settings).toEqual(HASTY);
  });

  it.each([
    ['chromium', undefined, 500, 2_000],
    ['chromium', ['polling', 'websocket'], 500, 2_000],
    ['chromium', ['websocket'], 500, 6_500],
    ['firefox', ['polling', 'websocket'], 500, 2_000],
    ['firefox', ['websocket', 'polling'], 3_000, 21_000],
    ['other', ['websocket'], 500, 2_000],
  ] as const)(
    'in %s over %j gives each try %d ms at first and %d in the end',
    async (browser, transports, first, last) => {
      const world = startSocket(undefined, transports && [...transports]);
      const transport = socketIoTransport(world.socket, browser);
      transport.reconnect();
      expect(world.settings).toEqual({ ...HASTY, timeout: first });
      await vi.advanceTimersByTimeAsync(60_000);
      transport.reconnect();
      expect(world.settings.timeout).toBe(last);
    },
  );

  it('recognizes a WebSocket even if the game passed its class', () => {
    class ImportedWebSocket {
      get name() {
        return 'websocket';
      }
    }
    const world = startSocket(undefined, [ImportedWebSocket]);
    socketIoTransport(world.socket, 'firefox').reconnect();
    expect(world.settings.timeout).toBe(3_000);
  });

  it('slows down the longer the socket is missing, and starts fast again the next time', async () => {
    const world = startSocket();
    const transport = socketIoTransport(world.socket);
    const settingsAfter = async (ms: number) => {
      await vi.advanceTimersByTimeAsync(ms);
      transport.reconnect();
      return { ...world.settings };
    };
    expect(await settingsAfter(0)).toEqual(HASTY);
    expect(await settingsAfter(1_000)).toEqual(HASTY);
    expect(await settingsAfter(2_000)).toEqual({ delay: 600, delayMax: 600, timeout: 900 });
    expect(await settingsAfter(9_000)).toEqual({ delay: 1_000, delayMax: 1_000, timeout: 2_000 });
    transport.rest();
    expect(world.settings).toEqual(CALM);
    expect(await settingsAfter(0)).toEqual(HASTY);
  });

  it('gives a connection eight round trips of the path, and a ping and an offer four', async () => {
    const acknowledge: (() => void)[] = [];
    const world = startSocket();
    const { emit } = world.socket;
    world.socket.emit = (event, ...args) => {
      emit(event, ...args);
      const [answer] = args.slice(-1);
      if (typeof answer === 'function') acknowledge.push(() => answer({ ok: true }));
    };
    const transport = socketIoTransport(world.socket);
    const first = transport.ping(1_000);
    await vi.advanceTimersByTimeAsync(600);
    acknowledge[0]?.();
    expect(await first).toBe('alive');
    transport.reconnect();
    expect(world.settings.timeout).toBe(4_800);
    const second = transport.ping(1_000);
    await vi.advanceTimersByTimeAsync(2_300);
    acknowledge[1]?.();
    expect(await second).toBe('alive');
    transport.rest();
    transport.reconnect();
    expect(world.settings.timeout).toBe(8_000);
    const offered = transport.send(signal);
    await vi.advanceTimersByTimeAsync(3_900);
    acknowledge[2]?.();
    expect(await offered).toBe('relayed');
    const third = transport.ping(1_000);
    await vi.advanceTimersByTimeAsync(20);
    acknowledge[3]?.();
    await third;
    transport.rest();
    transport.reconnect();
    expect(world.settings).toEqual(HASTY);
  });

  it('of two links on one socket ends with the later one, and restores the settings', () => {
    const world = startSocket();
    const [one, two] = [socketIoTransport(world.socket), socketIoTransport(world.socket)];
    for (const transport of [one, two]) {
      transport.onUpChange(() => {});
      transport.reconnect();
    }
    one.rest();
    expect(world.settings.delay).toBe(HASTY.delay);
    world.fire('connect');
    expect(world.settings).toEqual(CALM);
    for (const transport of [one, two]) transport.dispose();
    expect(world.settings).toEqual(CALM);
  });

  it('is also ended by dispose(), which restores the settings', () => {
    const world = startSocket();
    const transport = socketIoTransport(world.socket);
    transport.reconnect();
    transport.dispose();
    expect(world.settings).toEqual(CALM);
  });

  it.each([
    ['restarts, once, the attempt of a socket that is down', true, ['disconnect', 'connect']],
    ['does not touch a socket that has left, or was disconnected by the server', false, []],
  ])('%s', (_, active, expected) => {
    const world = startSocket();
    const calls: string[] = [];
    const transport = socketIoTransport({
      ...world.socket,
      connected: false,
      active,
      connect: () => calls.push('connect'),
      disconnect: () => calls.push('disconnect'),
    });
    for (let time = 0; time < 2; time += 1) {
      transport.reconnect();
      expect([calls, world.engineCloses, world.settings.delay]).toEqual([expected, 0, HASTY.delay]);
    }
  });

  it.each([
    ['a manager with fewer members', { connected: true, io: {} }],
    ['a socket that is down and cannot be restarted', { connected: false, active: true, io: {} }],
    ['a socket without a manager', { connected: true }],
    ['a socket with nothing else', {}],
  ])('does what it can with %s', (_, shown) => {
    const { on, emit } = startSocket().socket;
    const transport = socketIoTransport({ on, emit, ...shown });
    transport.onSignal(() => {});
    expect(() => transport.reconnect()).not.toThrow();
    expect(() => transport.dispose()).not.toThrow();
  });

  it.each([[false], [20_000]])('restores a connect timeout of %s', (timeout) => {
    const world = startSocket();
    const given: unknown[] = [];
    const io = {
      ...world.socket.io,
      timeout: (...args: unknown[]) => {
        given.push(...args);
        return timeout;
      },
    };
    const transport = socketIoTransport({ ...world.socket, io });
    transport.reconnect();
    transport.dispose();
    expect(given).toEqual([HASTY.timeout, timeout]);
  });
});

describe('a signal', () => {
  it.each([
    ['relayed', { ok: true }],
    ['relayed', null],
    ['refused', { ok: false, error: { code: 'no-such-player', message: '' } }],
  ])('is %s if the relay answers %j', async (delivery, answer) => {
    const transport = socketIoTransport(startSocket(() => answer).socket);
    await expect(transport.send(signal)).resolves.toBe(delivery);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is `unknown` after a second if the relay acknowledges nothing', async () => {
    const transport = socketIoTransport(startSocket().socket);
    const delivery = transport.send(signal);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(delivery).resolves.toBe('unknown');
  });

  it.each(['answer', 'ice-candidate', 'hello', 'bye'])(
    'of type %s is `unknown` at once, because no acknowledgement is requested',
    async (type) => {
      const transport = socketIoTransport(startSocket(() => ({ ok: true })).socket);
      await expect(transport.send({ ...signal, type })).resolves.toBe('unknown');
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('is sent through a socket that does not say whether it is connected', async () => {
    const { connected: _, ...socket } = startSocket(() => ({ ok: true })).socket;
    const transport = socketIoTransport(socket);
    expect(transport.isUp).toBe(true);
    await expect(transport.send(signal)).resolves.toBe('relayed');
  });

  it('is refused and not buffered while the socket is down', async () => {
    const world = startSocket();
    world.socket.connected = false;
    const transport = socketIoTransport(world.socket);
    expect(transport.isUp).toBe(false);
    await expect(transport.send(signal)).resolves.toBe('refused');
    expect(world.emitted).toEqual([]);
  });
});

describe('a ping', () => {
  it('is `silent` at once, and not buffered, while the socket is down', async () => {
    const world = startSocket();
    world.socket.connected = false;
    await expect(socketIoTransport(world.socket).ping(1_000)).resolves.toBe('silent');
    expect([world.emitted, vi.getTimerCount()]).toEqual([[], 0]);
  });

  it('is `unsupported`, not `silent`, if the server never answered one', async () => {
    const transport = socketIoTransport(startSocket().socket);
    const answer = transport.ping(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(answer).resolves.toBe('unsupported');
  });

  it('is `silent` if the server has answered one before', async () => {
    let isAlive = true;
    const transport = socketIoTransport(startSocket(() => (isAlive ? { ok: true } : undefined)).socket);
    await expect(transport.ping(1_000)).resolves.toBe('alive');
    isAlive = false;
    const answer = transport.ping(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(answer).resolves.toBe('silent');
  });

  it('counts an answer that arrived while the page stalled, even after its time', async () => {
    const { socket } = startSocket();
    let acknowledge: unknown;
    socket.emit = (_, ...args) => {
      acknowledge = args.at(-1);
    };
    const answer = () => typeof acknowledge === 'function' && acknowledge({ ok: true });
    const transport = socketIoTransport(socket);
    const first = transport.ping(1_000);
    answer();
    await first;
    const second = transport.ping(1_000);
    // In Firefox, expired timers run before messages that arrived meanwhile.
    vi.runOnlyPendingTimers();
    answer();
    expect(await second).toBe('alive');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is `silent`, and does not reject, if a listener of the game throws on the outgoing event', async () => {
    let isBroken = false;
    const world = startSocket(() => {
      if (isBroken) throw new Error('a bug of the game');
      return { ok: true };
    });
    const transport = socketIoTransport(world.socket);
    await transport.ping(1_000);
    isBroken = true;
    await expect(transport.ping(1_000)).resolves.toBe('silent');
  });
});

describe('a socket with the option ackTimeout', () => {
  /** Socket.IO then passes an error or null as the first argument. */
  const startImpatient = () => {
    const asked: ((...answer: unknown[]) => void)[] = [];
    const { socket } = startSocket();
    socket.emit = (_, ...args) => {
      const [acknowledge] = args.slice(-1);
      if (typeof acknowledge === 'function') asked.push((...answer) => acknowledge(...answer));
    };
    return { transport: socketIoTransport(socket), answer: (...args: unknown[]) => asked.shift()?.(...args) };
  };

  it("yields the server's answer", async () => {
    const { transport, answer } = startImpatient();
    const delivery = transport.send(signal);
    answer(null, { ok: false, error: { code: 'player-away', message: '' } });
    await expect(delivery).resolves.toBe('refused');
  });

  it('treats its error as no answer: a dead connection is silent', async () => {
    const { transport, answer } = startImpatient();
    const first = transport.ping(1_000);
    answer(null, { ok: true });
    await expect(first).resolves.toBe('alive');
    const second = transport.ping(1_000);
    answer(new Error('operation has timed out'));
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(second).resolves.toBe('silent');
  });
});

describe('onUpChange()', () => {
  it('stops when its returned function is called', () => {
    const world = startSocket();
    const told: boolean[] = [];
    const stop = socketIoTransport(world.socket).onUpChange((isUp) => told.push(isUp));
    world.fire('disconnect');
    world.fire('connect');
    stop();
    world.fire('disconnect');
    expect([told, world.count()]).toEqual([[false, true], 0]);
  });
});

describe('dispose()', () => {
  it('leaves neither listener nor timer', () => {
    const world = startSocket();
    const transport = socketIoTransport(world.socket);
    transport.onSignal(() => {});
    transport.onUpChange(() => {});
    void transport.send(signal);
    void transport.ping(1_000);
    transport.dispose();
    expect([world.count(), vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('the log', () => {
  const said = (code: unknown) => ({ ok: false, error: { code, message: 'of 192.0.2.7' } });

  it('says why offers are refused, once until one passes or the reason changes', async () => {
    const answers: unknown[] = [said('not-joined'), said('not-joined'), said('player-away'), { ok: true }];
    answers.push(said('player-away'), { ok: false }, said('at 192.0.2.7'));
    const lines: string[] = [];
    const transport = socketIoTransport(startSocket(() => answers.shift()).socket, 'other', (line) =>
      lines.push(line),
    );
    while (answers.length > 0) await transport.send(signal);
    expect(lines).toEqual(
      ['not-joined', 'player-away', 'player-away', 'unknown'].map(
        (why) => `[WebRTC] the relay refused an offer: ${why}`,
      ),
    );
  });

  it('says when signaling goes down, and why, and that it is back', () => {
    const world = startSocket();
    const lines: string[] = [];
    socketIoTransport(world.socket, 'other', (line) => lines.push(line)).onUpChange(() => {});
    world.fire('disconnect', 'io server disconnect');
    world.fire('connect');
    world.fire('disconnect', { description: '192.0.2.7' });
    expect(lines).toEqual([
      '[WebRTC] signaling down: io server disconnect',
      '[WebRTC] signaling up',
      '[WebRTC] signaling down: unknown',
    ]);
  });
});
