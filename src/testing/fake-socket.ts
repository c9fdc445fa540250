import type { FakeRelay } from './fake-relay';
import { type RunTask, runAtOnce } from './fake-target';
import { Alarm, type Timers } from './timers';

type Listener = (...args: never[]) => unknown;

interface Emitted {
  event: string;
  message: unknown;
  ack: ((answer: unknown) => void) | null;
  /** Called if no answer will come. */
  fail?: (error: Error) => void;
}

/** Socket.IO's defaults, in ms. */
const RECONNECTION_DELAY_MS = 1_000;
const RECONNECTION_DELAY_MAX_MS = 5_000;
const TIMEOUT_MS = 20_000;
/** A socket that receives nothing counts as connected for this long: Socket.IO's ping interval plus its ping timeout. */
const PING_TIMEOUT_MS = 45_000;

/** A Socket.IO client socket in memory. It buffers while it is down, reconnects by itself, and can lose its network without noticing. */
export class FakeSocket {
  /** As in Socket.IO: false from `down()` on, but true after `freeze()` until the ping timeout. */
  connected = true;
  /** False once it has left or the relay has disconnected it: it does not reconnect by itself. */
  active = true;
  /** The part of Socket.IO's manager that can speed up a reconnection. */
  readonly io = {
    engine: { close: () => this.#loseConnection('forced close') },
    reconnectionDelay: (delayMs?: number) => this.#setting('reconnectionDelayMs', delayMs),
    reconnectionDelayMax: (delayMs?: number) => this.#setting('reconnectionDelayMaxMs', delayMs),
    timeout: (timeoutMs?: number | boolean) => this.#setting('timeoutMs', timeoutMs),
  };
  readonly #relay: FakeRelay;
  readonly #run: RunTask;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #outgoingListeners = new Set<Listener>();
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
  /** Messages that were sent and are waiting for their acknowledgement. */
  readonly #awaitingAck = new Set<Emitted>();
  #session = 0;
  #isReachable = true;

  /** `onConnect` is called on each connection except the first, before the `connect` listeners. As in Socket.IO, buffered messages are sent before both. */
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

  /** Listens to the next occurrence of an event. */
  once(event: string, listener: Listener): this {
    const only: Listener = (...args) => {
      this.off(event, only);
      Reflect.apply(listener, undefined, args);
    };
    return this.on(event, only);
  }

  /** Removes a listener. */
  off(event: string, listener: Listener): this {
    this.#listeners.get(event)?.delete(listener);
    return this;
  }

  /** Calls the listener with everything that is sent, when it is sent. */
  onAnyOutgoing(listener: Listener): this {
    this.#outgoingListeners.add(listener);
    return this;
  }

  offAnyOutgoing(listener: Listener): this {
    this.#outgoingListeners.delete(listener);
    return this;
  }

  /** How many listeners there are for one event, or for all. The latter includes those of `onAnyOutgoing`. */
  listenerCount(event?: string): number {
    const sets =
      event === undefined ? [...this.#listeners.values()] : [this.#listeners.get(event) ?? new Set()];
    const outgoing = event === undefined ? this.#outgoingListeners.size : 0;
    return sets.reduce((sum, { size }) => sum + size, outgoing);
  }

  /** Sends a message to the relay, or buffers it until the socket is up again. The last argument may be a callback for the acknowledgement. */
  emit(event: string, message?: unknown, ack?: unknown): this {
    const emitted: Emitted = {
      event,
      message: typeof message === 'function' ? undefined : message,
      ack: isAck(message) ? message : isAck(ack) ? ack : null,
    };
    this.#sendOrBuffer(emitted);
    return this;
  }

  /** Resolves with the acknowledgement; rejects if the connection ends first. */
  emitWithAck(event: string, message?: unknown): Promise<unknown> {
    return this.#request(event, message, null);
  }

  /** Sets how long the next message waits for its acknowledgement. */
  timeout(timeoutMs: number): Pick<FakeSocket, 'emitWithAck'> {
    return { emitWithAck: (event, message) => this.#request(event, message, timeoutMs) };
  }

  /** Reconnects a socket that has left or that the relay has disconnected. */
  connect(): this {
    this.active = true;
    if (!this.connected) this.#reconnection.arm(0, () => this.#retry());
    return this;
  }

  /** Disconnects and does not reconnect. */
  disconnect(): this {
    this.#reconnection.cancel();
    this.active = false;
    this.#loseConnection('io client disconnect');
    return this;
  }

  /** The network to the relay fails, and the socket notices at once. */
  down(): void {
    this.#isReachable = false;
    this.#loseConnection('transport close');
  }

  /** The network to the relay fails, but the socket counts as connected until its ping timeout. */
  freeze(): void {
    this.#isReachable = false;
    if (this.connected) this.#pingTimeout.arm(PING_TIMEOUT_MS, () => this.#loseConnection('ping timeout'));
  }

  /** The page disappears: the relay notices, and the page gets no event. */
  vanish(): void {
    this.#isReachable = false;
    this.#reconnection.cancel();
    this.#pingTimeout.cancel();
    this.#relay.disconnect(this);
  }

  /** The network to the relay is back. A socket that is down reconnects at once; a frozen one continues. */
  up(): void {
    this.#isReachable = true;
    this.#pingTimeout.cancel();
    if (!this.connected && this.active) this.#connect();
  }

  // — called by the relay

  receive(event: string, message: unknown): void {
    if (this.connected && this.#isReachable) this.#notify(event, message);
  }

  drop(reason: string): void {
    this.#loseConnection(reason);
  }

  #sendOrBuffer(emitted: Emitted): void {
    if (this.connected) this.#send(emitted);
    else this.#buffer.push(emitted);
  }

  #request(event: string, message: unknown, timeoutMs: number | null): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const deadline = new Alarm(this.#timers);
      const settle = () => {
        deadline.cancel();
        this.#awaitingAck.delete(emitted);
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
        deadline.arm(timeoutMs, () => this.#run(() => fail(new Error('operation has timed out'))));
      this.#sendOrBuffer(emitted);
    });
  }

  #send(emitted: Emitted): void {
    const { event, message, ack, fail } = emitted;
    if (fail) this.#awaitingAck.add(emitted);
    for (const listener of [...this.#outgoingListeners]) Reflect.apply(listener, undefined, [event, message]);
    if (!this.#isReachable) return;
    const session = this.#session;
    const isSame = () => session === this.#session && this.#isReachable;
    this.#relay.handle(this, event, message, ack && ((answer) => isSame() && this.#run(() => ack(answer))));
  }

  #loseConnection(reason: string): void {
    if (!this.connected) return;
    this.connected = false;
    this.active &&= !reason.startsWith('io ');
    this.#session += 1;
    this.#pingTimeout.cancel();
    if (reason === 'io client disconnect') this.#relay.leave(this);
    else this.#relay.disconnect(this);
    this.#notify('disconnect', reason);
    for (const { fail } of [...this.#awaitingAck])
      this.#run(() => fail?.(new Error('socket has been disconnected')));
    if (this.active) this.#reconnect();
  }

  #reconnect(): void {
    this.#reconnection.arm(Number(this.#settings.reconnectionDelayMs), () => this.#retry());
  }

  #retry(): void {
    if (this.#isReachable) this.#connect();
    else this.#reconnect();
  }

  #connect(): void {
    this.#reconnection.cancel();
    this.connected = true;
    this.#relay.connect(this);
    for (const emitted of this.#buffer.splice(0)) this.#send(emitted);
    this.#onConnect(this);
    this.#notify('connect', undefined);
  }

  #notify(event: string, message: unknown): void {
    this.#run(() => {
      for (const listener of [...(this.#listeners.get(event) ?? [])])
        Reflect.apply(listener, undefined, [message]);
    });
  }

  /** A getter without an argument and a setter with one, as in Socket.IO. */
  #setting(name: string, value: number | boolean | undefined): number | boolean | undefined {
    if (value !== undefined) this.#settings[name] = value;
    return value === undefined ? this.#settings[name] : undefined;
  }
}

const isAck = (value: unknown): value is (answer: unknown) => void => typeof value === 'function';
