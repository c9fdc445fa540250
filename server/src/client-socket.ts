import type { DefaultEventsMap, Socket } from 'socket.io';

import { type Intake, sizeOf } from './intake';
import { describeError, type RelayLogger } from './logger';
import { type RefusalCode, type Reply, refuse, type ServerToClient } from './protocol';
import { bucketFor } from './raw-message';
import { type ClientEvent, type ClientMessage, explain, schemas } from './schemas';
import { typedMessage } from './untyped-edge';

export type RelaySocket = Socket<DefaultEventsMap, ServerToClient>;

/** How much may wait for one slow receiver before the relay drops further messages to it. */
const MAX_BACKLOG_BYTES = 1024 * 1024;
/**
 * Refusals that are not the sender's fault and do not count against it. A player whose opponent reloads keeps sending offers and must not be served last
 * for that. The rates limit these messages like all others.
 */
const NOT_SENDERS_FAULT: ReadonlySet<RefusalCode> = new Set([
  'player-away',
  'player-congested',
  'no-such-player',
]);

export interface ClientSocketOptions {
  readonly socket: RelaySocket;
  readonly intake: Intake;
  readonly logger: RelayLogger;
}

/** One untrusted socket. Parses the messages that its intake lets through and answers their acknowledgements. Never throws. */
export class ClientSocket {
  readonly #options: ClientSocketOptions;
  readonly #warned = new Set<string>();
  #backlogBytes = 0;

  constructor(options: ClientSocketOptions) {
    this.#options = options;
    const { intake, logger } = options;
    this.#watchBacklog();
    intake.listener = {
      // One log line for all events that share a rate limit.
      refused: (event, { code, message }) => this.warnOnce(`${bucketFor(event)} ${code}`, code, message),
      evicted: (why) => {
        logger.warn('socket closed', { socket: this.id, why });
        this.disconnect();
      },
    };
  }

  get id(): string {
    return this.#options.socket.id;
  }

  get socket(): RelaySocket {
    return this.#options.socket;
  }

  /** Listens for an event whose payload has a schema. If `handle` throws, the error is logged and the client gets `internal`. */
  on<Event extends ClientEvent>(event: Event, handle: (message: ClientMessage<Event>) => Reply): void {
    this.onUnchecked(event, (args) => {
      const parsed = schemas[event].safeParse(args[0]);
      if (!parsed.success) return this.#bad(event, explain(parsed.error));
      return handle(typedMessage<Event>(parsed.data));
    });
  }

  /** Listens for an event whose payload is not checked. */
  onUnchecked(event: string, handle: (args: unknown[]) => Reply): void {
    this.#options.socket.on(event, (...args: unknown[]) => {
      const reply = this.#guarded(event, () => handle(args));
      this.#answer(args, reply);
      if (!reply.ok && !NOT_SENDERS_FAULT.has(reply.error.code)) this.#options.intake.countRefusal();
    });
  }

  /** Returns false if this receiver is too far behind. */
  emit<Event extends keyof ServerToClient>(
    event: Event,
    ...args: Parameters<ServerToClient[Event]>
  ): boolean {
    if (this.#backlogBytes > MAX_BACKLOG_BYTES) return false;
    this.#options.socket.emit(event, ...args);
    return true;
  }

  /** From now on it may send the events of players. */
  markSeated(): void {
    this.#options.intake.isSeated = true;
  }

  /** Sends Socket.IO's DISCONNECT and closes the underlying transport. */
  disconnect(): void {
    this.#options.socket.disconnect(true);
  }

  /** Logs at most one line per socket and event, so that a flood of messages does not flood the log. */
  warnOnce(event: string, code: RefusalCode, message: string): void {
    if (this.#warned.has(event)) return;
    this.#warned.add(event);
    this.#options.logger.warn('message refused', { socket: this.id, event, code, message });
  }

  #watchBacklog(): void {
    const engine = this.#options.socket.conn;
    engine.on('packetCreate', (packet: { data?: unknown }) => {
      this.#backlogBytes += sizeOf(packet.data);
    });
    engine.on('flush', () => {
      this.#backlogBytes = 0;
    });
  }

  #guarded(event: string, handle: () => Reply): Reply {
    try {
      return handle();
    } catch (error) {
      this.#options.logger.error('handler failed', { socket: this.id, event, error: describeError(error) });
      return refuse('internal', 'the server could not handle this message');
    }
  }

  #bad(event: string, message: string): Reply {
    this.warnOnce(event, 'bad-payload', message);
    return refuse('bad-payload', message);
  }

  // Only the last argument can be an acknowledgement: Socket.IO puts it there.
  #answer(args: unknown[], reply: Reply): void {
    const ack = args.at(-1);
    if (typeof ack === 'function' && this.#backlogBytes <= MAX_BACKLOG_BYTES) ack(reply);
  }
}
