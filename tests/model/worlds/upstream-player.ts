import { UpstreamPeer } from '../../compat/upstream-peer';
import type { Seat } from './seat';

/** The other end of a mixed pair, with upstream's game around it: it asks for a restart when the link is lost. */
export class UpstreamPlayer {
  readonly kind = 'upstream';
  readonly seat: Seat;
  readonly tab: Seat['tab'];
  readonly peer: UpstreamPeer;

  constructor(seat: Seat, gameId: string) {
    this.seat = seat;
    this.tab = seat.tab;
    this.peer = new UpstreamPeer({
      socket: seat.socket,
      gameId,
      myPlayerId: seat.playerId,
      createPeerConnection: seat.environment.createPeerConnection,
      onLost: () => this.ask(),
    });
  }

  /** Its Firefox has ended the channel without notice: the other end sees ICE and a channel that are up. */
  get isDeaf(): boolean {
    const { dataChannel } = this.peer;
    return dataChannel !== null && dataChannel.readyState !== 'open';
  }

  /** Only its Chromium has failed: it receives, but sends nothing (docs/discoveries/the-browser-table.md). Without a heartbeat nobody notices. */
  get isUnheard(): boolean {
    return this.peer.peerConnection?.connectionState === 'disconnected';
  }

  get heard(): readonly string[] {
    return this.peer.messages.map(String);
  }

  connect(to: Seat): void {
    this.tab.run(() => void this.peer.connectToPeer(to.playerId));
  }

  ask(): void {
    this.tab.run(() => void this.peer.attemptIceRestart());
  }

  send(text: string): void {
    this.tab.run(() => void this.peer.send(text));
  }

  close(): void {
    this.tab.run(() => this.peer.close());
  }
}
