/** Runs in a page as `window.soak`: a game that plays for hours, and keeps nothing of it. */

import { WebRTCManager } from 'holdfast';
import { createRecorder, type SessionRecord } from 'holdfast/inspect';
import { io, type Socket } from 'socket.io-client';
import { installCensus } from '../../../browser/census';
import { installRemains, type Remains } from '../../../browser/remains';

type Signal = { type: string; payload: unknown };

declare global {
  interface Window {
    /** Carries a signal through the bad network; null if it gets lost. */
    carry(signal: Signal): Promise<Signal | null>;
  }
}

const HZ = 60;
/** What a recorder keeps; all records also leave the page. */
const MAX_RECORDS = 100;
const JOIN_TIMEOUT_MS = 1_000;

export interface SoakLook extends Remains {
  readonly state: string;
  readonly attempts: number;
  /** Acknowledgements that the socket still waits for. */
  readonly acks: number;
  /** Wall clock of the newest message's sending. */
  readonly newestSentAtMs: number;
  readonly received: number;
}

function createSoak() {
  let outbox: SessionRecord[] = [];
  let newestSentAtMs = 0;
  let received = 0;
  let socket: Socket;
  let manager: WebRTCManager;

  /** As in the README, but patient: a frozen relay answers late. */
  const join = (seat: object) => {
    let resumeToken: string | undefined;
    return async () => {
      while (socket.connected) {
        const answer = await socket
          .timeout(JOIN_TIMEOUT_MS)
          .emitWithAck('join_game', { ...seat, resume_token: resumeToken })
          .catch(() => null);
        if (answer?.ok) {
          resumeToken = answer.resume_token;
          return;
        }
      }
    };
  };

  return {
    async start({ url, me, other }: { url: string; me: number; other: number }): Promise<void> {
      socket = io(url, { transports: ['websocket'] });
      await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
      window.sockets = [socket];
      const reidentify = join({ game_id: 'soak', player_id: me });
      await reidentify();
      const recorder = createRecorder({ label: `player ${me}`, maxRecords: MAX_RECORDS });
      recorder.subscribe((record) => outbox.push(record));
      const inspect = recorder.inspect;
      manager = new WebRTCManager(socket, 'soak', me, {
        preset: 'rollback',
        iceServers: [],
        logger: 'silent',
        reidentify,
        inspect,
      });
      recorder.attach(manager);
      const send = manager._sendSignal.bind(manager);
      let way: Promise<unknown> = Promise.resolve();
      manager._sendSignal = (type, payload) => {
        const carried = way.then(() => window.carry({ type, payload }));
        way = carried;
        return carried.then((signal) => signal && send(signal.type, signal.payload));
      };
      manager.on('message', (data) => {
        received += 1;
        newestSentAtMs = Math.max(newestSentAtMs, Number(data));
      });
      setInterval(() => manager.send(String(Date.now())), 1_000 / HZ);
      void manager.connectToPeer(other);
    },
    look: (): SoakLook => ({
      ...window.remains(),
      state: manager.state,
      attempts: manager.iceRestartAttempts,
      acks: Object.keys(Object(Reflect.get(socket, 'acks'))).length,
      newestSentAtMs,
      received,
    }),
    /** The records since the last call. */
    take(): SessionRecord[] {
      const taken = outbox;
      outbox = [];
      return taken;
    },
  };
}

declare global {
  interface Window {
    soak: ReturnType<typeof createSoak>;
  }
}

// Before anything is created.
installCensus();
installRemains();
window.soak = createSoak();
