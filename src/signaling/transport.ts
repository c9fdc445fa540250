/** What goes to the relay, as upstream's `webrtc_signal`. */
export interface OutgoingSignal {
  game_id: string | number;
  target_player_id: string | number;
  type: string;
  payload: unknown;
}

/** What became of a signal: the relay passed it on, it did not, or it does not say. */
export type Delivery = 'relayed' | 'refused' | 'unknown';

/**
 * The seam to signaling: send, receive, up or down. Every adapter passes tests/support/signaling-acceptance.ts.
 *
 * Nothing here throws: a signal that cannot be sent is `refused`, what arrives is handed on unread.
 */
export interface SignalingTransport {
  readonly isUp: boolean;
  /**
   * For an offer it settles when the relay acknowledged or refused it, or kept silent for a second, longer on a slow path. For any other signal no
   * acknowledgement is asked, since nothing depends on it, and it settles at once.
   */
  send(signal: OutgoingSignal): Promise<Delivery>;
  /** Asks the server for a sign of life; `unsupported` where it has never answered any. */
  ping(timeoutMs: number): Promise<'alive' | 'silent' | 'unsupported'>;
  /** Drops a connection that only seems to be up, and makes a new one as soon as the network allows. Called again and again until it is there. */
  reconnect(): void;
  /** Ends the hurry of {@link reconnect}. */
  restorePace(): void;
  /** Hands on what arrives, unread. @returns its undo. */
  onSignal(listener: (raw: unknown) => void): () => void;
  /** Tells when the connection goes up or down. @returns its undo. */
  onUpChange(listener: (isUp: boolean) => void): () => void;
  /** Ends everything that this adapter began, and restores what it changed. */
  dispose(): void;
}
