/** Runs in a separate page: a player that speaks only upstream's protocol. */

import { io } from 'socket.io-client';
import { UpstreamPeer } from '../compat/upstream-peer';

export interface UpstreamPage {
  enter(url: string, game: string, id: number): Promise<void>;
  readonly peer: UpstreamPeer;
}

declare global {
  interface Window {
    upstream: UpstreamPage;
  }
}

let peer: UpstreamPeer | undefined;

window.upstream = {
  async enter(url, game, id) {
    const socket = io(url, { transports: ['websocket'] });
    peer = new UpstreamPeer({
      socket,
      gameId: game,
      myPlayerId: id,
      createPeerConnection: (configuration) => new RTCPeerConnection(configuration),
    });
    await socket.emitWithAck('join_game', { game_id: game, player_id: id });
  },
  get peer() {
    if (peer === undefined) throw new Error('upstream.enter() comes first');
    return peer;
  },
};
