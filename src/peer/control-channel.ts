import type { Logger } from '../log/logger';
import { nameOf } from '../log/name-of';
import { SignalError } from '../signaling/wire';
import { AgeGate } from './age-gate';
import {
  CONTROL_CHANNEL_ID,
  CONTROL_CHANNEL_LABEL,
  type ControlFrame,
  decodeFrame,
  encodeFrame,
} from './control-frames';
import { put } from './put';
import { RoundTrips } from './round-trips';

export interface ControlListener {
  /** Something was heard, on this channel or the game's. */
  heard(): void;
  /** The other end answered us. */
  echoed(isFirst: boolean): void;
  moved(): void;
  bye(): void;
}

export interface ControlOptions {
  /** Whether the game channel is open, and not given up. */
  isOpen(): boolean;
  /** Nothing is said or heard but `bye`. */
  isMute(): boolean;
  now(): number;
  logger: Logger;
}

/** Pings follow each other this fast on a fresh channel, until one is answered. */
const HELLO_INTERVAL_MS = 100;

/** The control channel of one connection, and the signs of life that it and the game channel give. */
export class ControlChannel {
  /** Both ends know it. */
  isAgreed = false;
  /** Since the last doubt, or the newest generation. */
  isHeard = false;
  /** Bytes went there and back. */
  hasEcho = false;
  lastHeardAtMs: number;
  readonly ages = new AgeGate();
  readonly roundTrips = new RoundTrips();
  readonly #options: ControlOptions;
  readonly #listener: ControlListener;
  #channel: RTCDataChannel | null = null;
  #hello: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ControlOptions, listener: ControlListener) {
    this.#options = options;
    this.#listener = listener;
    this.lastHeardAtMs = options.now();
  }

  /** Whether both ends agreed on heartbeats and the channel for them is open. */
  get hasHeartbeat(): boolean {
    return this.isAgreed && this.#channel?.readyState === 'open';
  }

  open(pc: RTCPeerConnection): void {
    if (!this.isAgreed) return;
    if (this.#channel) return this.sayHello();
    try {
      const channel = pc.createDataChannel(CONTROL_CHANNEL_LABEL, {
        negotiated: true,
        id: CONTROL_CHANNEL_ID,
        ordered: false,
        maxPacketLifeTime: 250,
      });
      channel.onopen = () => this.sayHello();
      channel.onmessage = ({ data }) => this.#onFrame(data);
      this.#channel = channel;
    } catch (error) {
      // The page, or the peer, has a channel of this id.
      this.isAgreed = false;
      this.#options.logger.debug('[WebRTC] no heartbeat', nameOf(error));
    }
  }

  /** In a turn of its own: the game, on whichever end, is told first that it may play. */
  sayHello(): void {
    if (!this.hasHeartbeat || !this.#options.isOpen() || this.#hello !== undefined || this.hasEcho) return;
    const say = () => {
      this.#hello = setTimeout(say, HELLO_INTERVAL_MS);
      this.ping();
    };
    this.#hello = setTimeout(say, 0);
  }

  /** @returns its number, or null where no heartbeat is agreed. */
  ping(): number | null {
    if (!this.hasHeartbeat) return null;
    const seq = this.roundTrips.start(this.#options.now());
    this.send({ type: 'ping', seq });
    return seq;
  }

  send(frame: ControlFrame): void {
    const { isMute, logger } = this.#options;
    if (this.hasHeartbeat && (!isMute() || frame.type === 'bye'))
      put(this.#channel, encodeFrame(frame), logger);
  }

  /** On either channel. */
  hear(): void {
    if (!this.isHeard) this.roundTrips.excuse(this.lastHeardAtMs);
    this.lastHeardAtMs = this.#options.now();
    this.isHeard = true;
    this.ages.hear(() => this.ping());
    this.#listener.heard();
  }

  close(): void {
    clearTimeout(this.#hello);
    if (this.#channel) this.#channel.onopen = this.#channel.onmessage = null;
  }

  #onFrame(data: unknown): void {
    const { isMute, logger } = this.#options;
    const frame = decodeFrame(data);
    if (!frame) return logger.debug('[WebRTC]', new SignalError('malformed', 'control'));
    if (frame.type === 'bye') return this.#listener.bye();
    if (isMute()) return;
    if (frame.type === 'ping') {
      this.send({ type: 'pong', seq: frame.seq });
      // Who is heard for the first time may have missed our first ping.
      if (!this.isHeard && !this.hasEcho) this.ping();
    } else this.#noteEcho(frame);
    this.hear();
    if (frame.type === 'moved') this.send({ type: 'moved-too' });
    if (frame.type === 'moved' || frame.type === 'moved-too') this.#listener.moved();
  }

  #noteEcho(frame: ControlFrame): void {
    // A pong that nobody asked for proves nothing.
    if (frame.type === 'pong') {
      if (!this.roundTrips.end(frame.seq, this.#options.now())) return;
      this.ages.echo(frame.seq);
    }
    this.#listener.echoed(!this.hasEcho);
    this.hasEcho = true;
    clearTimeout(this.#hello);
  }
}
