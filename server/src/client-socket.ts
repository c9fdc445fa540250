import type { DefaultEventsMap, Socket } from 'socket.io';

import { type Intake, sizeOf } from './intake';
import { describeError, type RelayLogger } from './logger';
import { type RefusalCode, type Reply, refuse, type ServerToClient } from './protocol';
import { bucketFor } from './raw-message';
import { type ClientEvent, type ClientMessage, explain, schemas } from './schemas';
import { typedMessage } from './untyped-edge';

export type RelaySocket = Socket<DefaultEventsMap, ServerToClient>;

/** What may wait for one slow receiver before the relay stops adding to it. */
const MAX_BACKLOG_BYTES = 1024 * 1024;
/**
 * Refusals that are not the sender's fault, and so do not count against it: a player whose opponent reloads goes on offering, and must not be served
 * last for that. The rates bound these messages as all others.
 */
const NO_MISTAKES: ReadonlySet<RefusalCode> = new Set(['player-away', 'player-congested', 'no-such-player']);

export interface ClientSocketOptions {
  readonly socket: RelaySocket;
  readonly intake: Intake;
  readonly logger: RelayLogger;
}

/** One untrusted socket: parses what its intake lets through, answers acknowledgements, never throws. */
export class ClientSocket {
  readonly #options: ClientSocketOptions;
  readonly #warned = new Set<string>();
  #backlogBytes = 0;

  constructor(options: ClientSocketOptions) {
    this.#options = options;
    const { intake, logger } = options;
    this.#watchBacklog();
    intake.listener = {
      // One line for all events that are limited together.
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

  /** Listens for an event whose payload has a schema; `handle` answers, or throws and is reported. */
  on<Event extends ClientEvent>(event: Event, handle: (message: ClientMessage<Event>) => Reply): void {
    this.onUnchecked(event, (args) => {
      const parsed = schemas[event].safeParse(args[0]);
      if (!parsed.success) return this.#bad(event, explain(parsed.error));
      return handle(typedMessage<Event>(parsed.data));
    });
  }

  /** Listens for an event whose payload does not matter. */
  onUnchecked(event: string, handle: (args: unknown[]) => Reply): void {
    this.#options.socket.on(event, (...args: unknown[]) => {
      const reply = this.#guarded(event, () => handle(args));
      this.#answer(args, reply);
      if (!reply.ok && !NO_MISTAKES.has(reply.error.code)) this.#options.intake.spendRefusal();
    });
  }

  /** False when this receiver is too far behind. */
  emit<Event extends keyof ServerToClient>(
    event: Event,
    ...args: Parameters<ServerToClient[Event]>
  ): boolean {
    if (this.#backlogBytes > MAX_BACKLOG_BYTES) return false;
    this.#options.socket.emit(event, ...args);
    return true;
  }

  /** From now on it may send what players send. */
  sitDown(): void {
    this.#options.intake.isSeated = true;
  }

  /** Tells the client, and closes the transport beneath. */
  disconnect(): void {
    this.#options.socket.disconnect(true);
  }

  /** At most one line for each event of a socket, so that a flood does not become a flood of log lines. */
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
