/** The payload of upstream's event `webrtc_signal`, client to server. */
export interface OutgoingSignal {
  game_id: string | number;
  target_player_id: string | number;
  type: string;
  payload: unknown;
}

/** The fate of a signal: `relayed` if the relay passed it on, `refused` if it did not or could not be sent, `unknown` if the relay gave no answer. */
export type Delivery = 'relayed' | 'refused' | 'unknown';

/**
 * The interface to signaling. Every adapter passes the tests of tests/support/signaling-acceptance.ts.
 *
 * No method throws: a signal that cannot be sent is `refused`. Incoming signals are passed on unparsed.
 */
export interface SignalingTransport {
  readonly isUp: boolean;
  /**
   * Sends a signal. For an offer it settles when the relay acknowledges or refuses it, or after 1 s without an answer (later on a slow path). Other
   * signals ask for no acknowledgement, because nothing depends on it, and settle at once.
   */
  send(signal: OutgoingSignal): Promise<Delivery>;
  /** Pings the server; `unsupported` if it has never answered a ping. */
  ping(timeoutMs: number): Promise<'alive' | 'silent' | 'unsupported'>;
  /** Drops a connection that only seems to be up and makes a new one as soon as the network allows. Call it at intervals until the connection is up. */
  reconnect(): void;
  /** Returns to the game's own pace of reconnecting, which {@link reconnect} sped up. */
  rest(): void;
  /** Passes incoming signals on, unparsed. @returns a function that removes the listener. */
  onSignal(listener: (raw: unknown) => void): () => void;
  /** Calls the listener when the connection goes up or down. @returns a function that removes it. */
  onUpChange(listener: (isUp: boolean) => void): () => void;
  /** Removes all listeners, stops all timers and restores the game's settings. */
  dispose(): void;
}
