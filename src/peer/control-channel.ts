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

export interface ControlListener {
  /** Something was heard, on this channel or the game's. */
  heard(): void;
  /** The other end answered a frame of ours: bytes went there and back. */
  echoed(isFirst: boolean): void;
  /** The other end sends on this connection now. */
  moved(): void;
  /** The other end leaves in good order. */
  bye(): void;
}

export interface ControlOptions {
  /** Whether the game channel is open, and not given up. */
  isOpen(): boolean;
  /** Whether this connection is to look dead: nothing but `bye` is sent or heeded. */
  isMuted(): boolean;
  now(): number;
  logger: Logger;
}

/** How fast pings follow each other on a fresh channel, until one is answered. */
const FIRST_PINGS_INTERVAL_MS = 100;

/** The control channel of one connection, and the signs of life that it and the game channel give. */
export class ControlChannel {
  /** Both ends said in their descriptions that they use it. */
  isEnabled = false;
  /** Something was heard since the link was last doubted, or its newest generation agreed. Set back by the link. */
  hasHeard = false;
  /** The other end has answered once: bytes went there and back. */
  hasEcho = false;
  /** On the clock of the options; at first when the channel was made. */
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

  /** Whether both ends agreed on heartbeats and the channel for them is open. */
  get hasHeartbeat(): boolean {
    return this.isEnabled && this.#channel?.readyState === 'open';
  }

  /** Makes the channel, or greets on the one that there is. */
  open(pc: RTCPeerConnection): void {
    if (!this.isEnabled) return;
    if (this.#channel) return this.pingUntilAnswered();
    try {
      const channel = pc.createDataChannel(CONTROL_CHANNEL_LABEL, {
        negotiated: true,
        id: CONTROL_CHANNEL_ID,
        ordered: false,
        maxPacketLifeTime: 250,
      });
      channel.onopen = () => this.pingUntilAnswered();
      channel.onmessage = ({ data }) => this.#handleFrame(data);
      this.#channel = channel;
    } catch (error) {
      // The browser refuses an id that the page, or the peer, uses already.
      this.isEnabled = false;
      this.#options.logger.debug('[WebRTC] no heartbeat', errorName(error));
    }
  }

  /** Pings until one is answered; later than this call, so that the game is told first that it may play. */
  pingUntilAnswered(): void {
    if (!this.hasHeartbeat || !this.#options.isOpen() || this.#pingTimer !== undefined || this.hasEcho)
      return;
    const pingAgain = () => {
      this.#pingTimer = setTimeout(pingAgain, FIRST_PINGS_INTERVAL_MS);
      this.ping();
    };
    this.#pingTimer = setTimeout(pingAgain, 0);
  }

  /** Sends a ping. @returns its number, or null where no heartbeat is agreed. */
  ping(): number | null {
    if (!this.hasHeartbeat) return null;
    const seq = this.roundTrips.notePing(this.#options.now());
    this.send({ type: 'ping', seq });
    return seq;
  }

  send(frame: ControlFrame): void {
    const { isMuted, logger } = this.#options;
    if (this.hasHeartbeat && (!isMuted() || frame.type === 'bye'))
      trySend(this.#channel, encodeFrame(frame), logger);
  }

  /** Something was heard, on this channel or the game's. */
  noteActivity(): void {
    if (!this.hasHeard) this.roundTrips.ignoreSince(this.lastHeardAtMs);
    this.lastHeardAtMs = this.#options.now();
    this.hasHeard = true;
    this.gate.onSignOfLife(() => this.ping());
    this.#listener.heard();
  }

  close(): void {
    clearTimeout(this.#pingTimer);
    if (this.#channel) this.#channel.onopen = this.#channel.onmessage = null;
  }

  #handleFrame(data: unknown): void {
    const { isMuted, logger } = this.#options;
    const frame = decodeFrame(data);
    if (!frame) return logger.debug('[WebRTC]', new SignalError('malformed', 'control'));
    if (frame.type === 'bye') return this.#listener.bye();
    if (isMuted()) return;
    if (frame.type === 'ping') {
      this.send({ type: 'pong', seq: frame.seq });
      // A peer whose first ping we hear may have missed ours, which left before its channel was there.
      if (!this.hasHeard && !this.hasEcho) this.ping();
    } else this.#handleEcho(frame);
    this.noteActivity();
    if (frame.type === 'moved') this.send({ type: 'moved-too' });
    if (frame.type === 'moved' || frame.type === 'moved-too') this.#listener.moved();
  }

  #handleEcho(frame: ControlFrame): void {
    // A pong proves nothing where we sent no such ping.
    if (frame.type === 'pong') {
      if (!this.roundTrips.notePong(frame.seq, this.#options.now())) return;
      this.gate.onEcho(frame.seq);
    }
    this.#listener.echoed(!this.hasEcho);
    this.hasEcho = true;
    clearTimeout(this.#pingTimer);
  }
}
