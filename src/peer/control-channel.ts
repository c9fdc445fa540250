import { errorName } from '../log/loggable';
import type { Logger } from '../log/logger';
import { SignalError } from '../signaling/wire';
import {
  CONTROL_CHANNEL_ID,
  CONTROL_CHANNEL_LABEL,
  type ControlFrame,
  decodeFrame,
  encodeFrame,
} from './control-frames';
import { FreshnessGate } from './freshness-gate';
import { RoundTrips } from './round-trips';
import { trySend } from './try-send';

/** What a control channel reports to its link. */
export interface ControlListener {
  /** Data arrived, on this channel or on the game channel. */
  heard(): void;
  /** The other end answered a frame of ours, so data passes in both directions. `isFirst`: on this connection for the first time. */
  echoed(isFirst: boolean): void;
  /** The other end now sends on this connection. */
  moved(): void;
  /** The other end closes the link. */
  bye(): void;
}

export interface ControlOptions {
  /** Whether the game channel is open and the link is not suspended. */
  isOpen(): boolean;
  /** Whether this connection must look dead to the other end: then only `bye` is sent or handled. */
  isMute(): boolean;
  now(): number;
  logger: Logger;
}

/** The interval of pings on a new channel, until one is answered. */
const FIRST_PINGS_INTERVAL_MS = 100;

/** The control channel of one connection. It tracks the signs of life on both the control and the game channel. */
export class ControlChannel {
  /** Whether the peer's description says that it uses the control channel, as we do. */
  isAgreed = false;
  /** Whether data has arrived since the link was last suspect, or since its newest generation was negotiated. The link resets it. */
  hasHeard = false;
  /** Whether the other end has ever answered on this connection, so that data passed in both directions. */
  hasEcho = false;
  /** When data last arrived, in ms on the clock of the options; at first the creation time. */
  lastHeardAtMs: number;
  readonly gate = new FreshnessGate();
  readonly roundTrips = new RoundTrips();
  readonly #options: ControlOptions;
  readonly #listener: ControlListener;
  #channel: RTCDataChannel | null = null;
  #pingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ControlOptions, listener: ControlListener) {
    this.#options = options;
    this.#listener = listener;
    this.lastHeardAtMs = options.now();
  }

  /** Whether both ends use heartbeats and the control channel is open. */
  get hasHeartbeat(): boolean {
    return this.isAgreed && this.#channel?.readyState === 'open';
  }

  /** Creates the channel, or starts pinging on the existing one. */
  open(pc: RTCPeerConnection): void {
    if (!this.isAgreed) return;
    if (this.#channel) return this.startPings();
    try {
      const channel = pc.createDataChannel(CONTROL_CHANNEL_LABEL, {
        negotiated: true,
        id: CONTROL_CHANNEL_ID,
        ordered: false,
        maxPacketLifeTime: 250,
      });
      channel.onopen = () => this.startPings();
      channel.onmessage = ({ data }) => this.#handleFrame(data);
      this.#channel = channel;
    } catch (error) {
      // The browser refuses an id that the page or the peer already uses.
      this.isAgreed = false;
      this.#options.logger.debug('[WebRTC] no heartbeat', errorName(error));
    }
  }

  /** Pings until the peer answers. The first ping leaves in a later task, so that the game gets `open` first. */
  startPings(): void {
    if (!this.hasHeartbeat || !this.#options.isOpen() || this.#pingTimer !== undefined || this.hasEcho)
      return;
    const pingAgain = () => {
      this.#pingTimer = setTimeout(pingAgain, FIRST_PINGS_INTERVAL_MS);
      this.ping();
    };
    this.#pingTimer = setTimeout(pingAgain, 0);
  }

  /** Sends a ping. @returns its number, or null if there is no heartbeat. */
  ping(): number | null {
    if (!this.hasHeartbeat) return null;
    const seq = this.roundTrips.ping(this.#options.now());
    this.send({ type: 'ping', seq });
    return seq;
  }

  send(frame: ControlFrame): void {
    const { isMute, logger } = this.#options;
    if (this.hasHeartbeat && (!isMute() || frame.type === 'bye'))
      trySend(this.#channel, encodeFrame(frame), logger);
  }

  /** Data arrived, on this channel or on the game channel. */
  hear(): void {
    if (!this.hasHeard) this.roundTrips.ignore(this.lastHeardAtMs);
    this.lastHeardAtMs = this.#options.now();
    this.hasHeard = true;
    this.gate.hear(() => this.ping());
    this.#listener.heard();
  }

  close(): void {
    clearTimeout(this.#pingTimer);
    if (this.#channel) this.#channel.onopen = this.#channel.onmessage = null;
  }

  #handleFrame(data: unknown): void {
    const { isMute, logger } = this.#options;
    const frame = decodeFrame(data);
    if (!frame) return logger.debug('[WebRTC]', new SignalError('malformed', 'control'));
    if (frame.type === 'bye') return this.#listener.bye();
    if (isMute()) return;
    if (frame.type === 'ping') {
      this.send({ type: 'pong', seq: frame.seq });
      // A peer that sends its first ping may have missed ours, because it left before the peer's channel existed.
      if (!this.hasHeard && !this.hasEcho) this.ping();
    } else this.#handleEcho(frame);
    this.hear();
    if (frame.type === 'moved') this.send({ type: 'moved-too' });
    if (frame.type === 'moved' || frame.type === 'moved-too') this.#listener.moved();
  }

  #handleEcho(frame: ControlFrame): void {
    // A pong without a matching ping proves nothing.
    if (frame.type === 'pong') {
      if (!this.roundTrips.pong(frame.seq, this.#options.now())) return;
      this.gate.echo(frame.seq);
    }
    this.#listener.echoed(!this.hasEcho);
    this.hasEcho = true;
    clearTimeout(this.#pingTimer);
  }
}
