import { WebRTCManager } from 'holdfast';
import { takeSeat } from './signaling';
import type { Subject } from './subject';

const play =
  (preset: 'default' | 'rollback'): Subject =>
  async (party, { receive, troubled }) => {
    const { socket, me, other, join } = await takeSeat(party);
    const manager = new WebRTCManager(socket, party.game, me, {
      preset,
      iceServers: [...party.iceServers],
      logger: 'silent',
      reidentify: join,
    });
    manager.on('message', receive);
    manager.on('lost', troubled);
    void manager.connectToPeer(other);
    return (data) => void manager.send(data);
  };

export const holdfastDefault = play('default');
export const holdfastRollback = play('rollback');
