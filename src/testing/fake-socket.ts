import type { FakeRelay } from './fake-relay';
import { type RunTask, runAtOnce } from './fake-target';
import { Alarm, type Timers } from './timers';

type Listener = (...args: never[]) => unknown;

interface Emitted {
  event: string;
  message: unknown;
  ack: ((answer: unknown) => void) | null;
  /** No answer will come. */
  fail?: (error: Error) => void;
}

/** Socket.IO's defaults, in ms. */
const RECONNECTION_DELAY_MS = 1_000;
const RECONNECTION_DELAY_MAX_MS = 5_000;
const TIMEOUT_MS = 20_000;
/** A socket that hears nothing calls itself connected for this long: ping interval and timeout of Socket.IO. */
const PING_TIMEOUT_MS = 45_000;

/** A Socket.IO client socket in memory: buffers while it is down, reconnects by itself, and can be made deaf without knowing. */
export class FakeSocket {
  /** As Socket.IO says it: false from `down()` on, true all through `freeze()`, until its ping timeout. */
  connected = true;
  /** False once it left, or was sent away: it does not come back by itself. */
  active = true;
  /** The part of Socket.IO's manager that hurries a reconnection. */
  readonly io = {
    engine: { close: () => this.#lose('forced close') },
    reconnectionDelay: (delayMs?: number) => this.#setting('reconnectionDelayMs', delayMs),
    reconnectionDelayMax: (delayMs?: number) => this.#setting('reconnectionDelayMaxMs', delayMs),
    timeout: (timeoutMs?: number | boolean) => this.#setting('timeoutMs', timeoutMs),
  };
  readonly #relay: FakeRelay;
  readonly #run: RunTask;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #onlookers = new Set<Listener>();
  readonly #settings: Record<string, number | boolean> = {
    reconnectionDelayMs: RECONNECTION_DELAY_MS,
    reconnectionDelayMaxMs: RECONNECTION_DELAY_MAX_MS,
    timeoutMs: TIMEOUT_MS,
  };
  readonly #timers: Timers;
  readonly #reconnection: Alarm;
  readonly #pingTimeout: Alarm;
  readonly #onConnect: (socket: FakeSocket) => void;
  #buffer: Emitted[] = [];
  /** Sent, and to be told if no answer comes. */
  readonly #asked = new Set<Emitted>();
  #session = 0;
  #isReachable = true;

  /** `onConnect` is called on each connection but the first, before the `connect` listeners. As with Socket.IO, what was kept is sent before both. */
  constructor(
    relay: FakeRelay,
    timers: Timers,
    onConnect: (socket: FakeSocket) => void = () => {},
    run: RunTask = runAtOnce,
  ) {
    this.#relay = relay;
    this.#run = run;
    this.#onConnect = onConnect;
    this.#timers = timers;
    this.#reconnection = new Alarm(timers);
    this.#pingTimeout = new Alarm(timers);
    relay.connect(this);
  }

  /** Listens to an event of the relay, or to `connect` and `disconnect`. */
  on(event: string, listener: Listener): this {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return this;
  }

  /** Listens to an event until it came. */
  once(event: string, listener: Listener): this {
    const only: Listener = (...args) => {
      this.off(event, only);
      Reflect.apply(listener, undefined, args);
    };
    return this.on(event, only);
  }

  /** Takes a listener back. */
  off(event: string, listener: Listener): this {
    this.#listeners.get(event)?.delete(listener);
    return this;
  }

  /** Hears whatever is sent, as it is sent. */
  onAnyOutgoing(listener: Listener): this {
    this.#onlookers.add(listener);
    return this;
  }

  offAnyOutgoing(listener: Listener): this {
    this.#onlookers.delete(listener);
    return this;
  }

  /** How many listeners there are, of one event or of all; onlookers count among all. */
  listenerCount(event?: string): number {
    const sets =
      event === undefined ? [...this.#listeners.values()] : [this.#listeners.get(event) ?? new Set()];
    const onlookers = event === undefined ? this.#onlookers.size : 0;
    return sets.reduce((sum, { size }) => sum + size, onlookers);
  }

  /** Sends to the relay, or keeps it until the socket is up again. The last argument may be the listener of an acknowledgement. */
  emit(event: string, message?: unknown, ack?: unknown): this {
    const emitted: Emitted = {
      event,
      message: typeof message === 'function' ? undefined : message,
      ack: isAck(message) ? message : isAck(ack) ? ack : null,
    };
    this.#hand(emitted);
    return this;
  }

  /** Resolves with the acknowledgement; rejects where the connection ends first. */
  emitWithAck(event: string, message?: unknown): Promise<unknown> {
    return this.#ask(event, message, null);
  }

  /** For one message, whose acknowledgement is waited for so long. */
  timeout(timeoutMs: number): Pick<FakeSocket, 'emitWithAck'> {
    return { emitWithAck: (event, message) => this.#ask(event, message, timeoutMs) };
  }

  /** Connects a socket that was sent away or has left; it does not by itself. */
  connect(): this {
    this.active = true;
    if (!this.connected) this.#reconnection.arm(0, () => this.#tryAgain());
    return this;
  }

  /** Leaves, and stays away. */
  disconnect(): this {
    this.#reconnection.cancel();
    this.active = false;
    this.#lose('io client disconnect');
    return this;
  }

  /** The network to the relay is gone, and the socket knows. */
  down(): void {
    this.#isReachable = false;
    this.#lose('transport close');
  }

  /** The network to the relay is gone, and the socket calls itself connected until its ping timeout. */
  freeze(): void {
    this.#isReachable = false;
    if (this.connected) this.#pingTimeout.arm(PING_TIMEOUT_MS, () => this.#lose('ping timeout'));
  }

  /** The page is gone: the relay learns it, the page nothing. */
  vanish(): void {
    this.#isReachable = false;
    this.#reconnection.cancel();
    this.#pingTimeout.cancel();
    this.#relay.disconnect(this);
  }

  /** The network to the relay is back; a socket that went down reconnects at once, one that was frozen goes on. */
  up(): void {
    this.#isReachable = true;
    this.#pingTimeout.cancel();
    if (!this.connected && this.active) this.#connect();
  }

  // — for the relay

  receive(event: string, message: unknown): void {
    if (this.connected && this.#isReachable) this.#tell(event, message);
  }

  drop(reason: string): void {
    this.#lose(reason);
  }

  #hand(emitted: Emitted): void {
    if (this.connected) this.#put(emitted);
    else this.#buffer.push(emitted);
  }

  #ask(event: string, message: unknown, timeoutMs: number | null): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const patience = new Alarm(this.#timers);
      const settle = () => {
        patience.cancel();
        this.#asked.delete(emitted);
        this.#buffer = this.#buffer.filter((each) => each !== emitted);
      };
      const ack = (answer: unknown) => {
        settle();
        resolve(answer);
      };
      const fail = (error: Error) => {
        settle();
        reject(error);
      };
      const emitted: Emitted = { event, message, ack, fail };
      if (timeoutMs !== null)
        patience.arm(timeoutMs, () => this.#run(() => fail(new Error('operation has timed out'))));
      this.#hand(emitted);
    });
  }

  #put(emitted: Emitted): void {
    const { event, message, ack, fail } = emitted;
    if (fail) this.#asked.add(emitted);
    for (const listener of [...this.#onlookers]) Reflect.apply(listener, undefined, [event, message]);
    if (!this.#isReachable) return;
    const session = this.#session;
    const isSame = () => session === this.#session && this.#isReachable;
    this.#relay.handle(this, event, message, ack && ((answer) => isSame() && this.#run(() => ack(answer))));
  }

  #lose(reason: string): void {
    if (!this.connected) return;
    this.connected = false;
    this.active &&= !reason.startsWith('io ');
    this.#session += 1;
    this.#pingTimeout.cancel();
    if (reason === 'io client disconnect') this.#relay.leave(this);
    else this.#relay.disconnect(this);
    this.#tell('disconnect', reason);
    for (const { fail } of [...this.#asked])
      this.#run(() => fail?.(new Error('socket has been disconnected')));
    if (this.active) this.#reconnect();
  }

  #reconnect(): void {
    this.#reconnection.arm(Number(this.#settings.reconnectionDelayMs), () => this.#tryAgain());
  }

  #tryAgain(): void {
    if (this.#isReachable) this.#connect();
    else this.#reconnect();
  }

  #connect(): void {
    this.#reconnection.cancel();
    this.connected = true;
    this.#relay.connect(this);
    for (const emitted of this.#buffer.splice(0)) this.#put(emitted);
    this.#onConnect(this);
    this.#tell('connect', undefined);
  }

  #tell(event: string, message: unknown): void {
    this.#run(() => {
      for (const listener of [...(this.#listeners.get(event) ?? [])])
        Reflect.apply(listener, undefined, [message]);
    });
  }

  /** Socket.IO's own: read without, set with an argument. */
  #setting(name: string, value: number | boolean | undefined): number | boolean | undefined {
    if (value !== undefined) this.#settings[name] = value;
    return value === undefined ? this.#settings[name] : undefined;
  }
}

const isAck = (value: unknown): value is (answer: unknown) => void => typeof value === 'function';
