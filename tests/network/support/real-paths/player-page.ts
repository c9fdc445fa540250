/** Runs in a page as `window.player`: one end of a path, with the real library. */

import { WebRTCManager } from 'holdfast';
import { io, type Socket } from 'socket.io-client';
import { arrowKey, pathOfValue } from '../../../machines/edges';
import { type Pace, pacedPolicy } from './pace';

type Options = NonNullable<ConstructorParameters<typeof WebRTCManager>[3]>;
type Inspect = NonNullable<Options['inspect']>;
type Inspected = Parameters<Extract<Inspect, (event: never) => void>>[0];

export interface Seat {
  readonly url: string;
  readonly gameId: string;
  readonly me: number;
  readonly other: number;
  readonly options: Options;
  /** Null leaves the recovery to the library. */
  readonly pace: Pace | null;
}

/** What a machine in the page did, as JSON. `arrow`: which arrow of its chart it took, by `arrowKey`. */
export type Told =
  | { readonly kind: 'arrow'; readonly machine: 'connection' | 'outage'; readonly key: string }
  | { readonly kind: 'inspected'; readonly inspected: unknown };

declare global {
  interface Window {
    /** A binding of the DevTools protocol: strings leave the page in order, at once. */
    tell?(json: string): void;
    player: ReturnType<typeof createPlayer>;
  }
}

function createPlayer() {
  let told = 0;
  let socket: Socket | undefined;
  let manager: WebRTCManager | undefined;
  let other = 0;
  let leaves = { connection: 'new', outage: 'unborn' };

  const tell = (fact: Told) => {
    told += 1;
    window.tell?.(JSON.stringify(fact));
  };
  const theManager = () => {
    if (!manager) throw new Error('player.start() comes first');
    return manager;
  };
  const inspect = (event: Inspected): void => {
    const { type, rootId } = event;
    const { sessionId, id } = Object(event.actorRef);
    const machine = sessionId === rootId ? 'connection' : id === 'outage' ? 'outage' : null;
    const snapshot = 'snapshot' in event && 'value' in event.snapshot ? event.snapshot : null;
    if (type === '@xstate.microstep' && machine && snapshot) {
      for (const taken of event._transitions)
        tell({ kind: 'arrow', machine, key: arrowKey(leaves[machine], taken) });
      leaves[machine] = pathOfValue(snapshot.value);
    }
    if (type !== '@xstate.event' && type !== '@xstate.snapshot') return;
    const seen = snapshot && { value: snapshot.value, context: Object(snapshot).context };
    const inspected = { type, rootId, actorRef: { sessionId, id }, event: event.event, snapshot: seen };
    tell({ kind: 'inspected', inspected });
  };

  return {
    async start({ url, gameId, me, other: theirs, options, pace }: Seat): Promise<void> {
      const opened = io(url, {
        transports: ['websocket'],
        reconnectionDelay: 50,
        reconnectionDelayMax: 50,
        randomizationFactor: 0,
      });
      const join = () => opened.timeout(2_000).emitWithAck('join_game', { game_id: gameId, player_id: me });
      socket = opened;
      other = theirs;
      told = 0;
      leaves = { connection: 'new', outage: 'unborn' };
      await new Promise<void>((resolve) => opened.once('connect', () => resolve()));
      await join();
      manager = new WebRTCManager(opened, gameId, me, {
        logger: 'silent',
        iceServers: [],
        ...options,
        reidentify: join,
        ...(pace && { inspect, recovery: pacedPolicy(pace) }),
      });
    },
    connect: (): void => void theManager().connectToPeer(other),
    restart: (): void => void theManager().attemptIceRestart(),
    close: (): void => theManager().close(),
    closeChannel: (): void => theManager().dataChannel?.close(),
    look: () => ({
      state: manager?.state ?? 'none',
      signaling: manager?.peerConnection?.signalingState ?? 'none',
    }),
    /** Ends the run. @returns how many facts were reported in total. */
    end(): number {
      manager?.close();
      socket?.close();
      return told;
    },
  };
}

window.player = createPlayer();
