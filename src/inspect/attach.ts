import { isPlayerId, type PlayerId } from '../../machines';
import type { WebRTCManager } from '../webrtc-manager';
import { cleanPath, figure, treeOf } from './clean';
import type { RecordBody, SampleBody, SignalBody } from './records';

/** The public members of a manager that a recorder reads. */
export type WatchedManager = Pick<
  WebRTCManager,
  | 'on'
  | 'state'
  | 'socket'
  | 'gameId'
  | 'targetPeerId'
  | 'connectionType'
  | 'qualityMonitor'
  | 'peerConnection'
  | '_getIceServers'
>;

export interface AttachOptions {
  manager: WatchedManager;
  /** How often quality is sampled, in ms. */
  sampleMs: number;
  append(body: RecordBody): void;
  /** Names secrets that must not appear in any record. */
  hide(...secrets: readonly unknown[]): void;
}

const SIGNAL = 'webrtc_signal';
const SIGNAL_TYPES = ['offer', 'answer', 'ice-candidate', 'hello', 'bye'] as const;

type AnyListener = (event: unknown, message: unknown) => void;
/** The catch-all listeners of a Socket.IO client for outgoing packets. */
interface ObservableSocket {
  onAnyOutgoing(listener: AnyListener): unknown;
  offAnyOutgoing(listener: AnyListener): unknown;
}
const isObservable = (socket: object): socket is ObservableSocket =>
  'onAnyOutgoing' in socket &&
  typeof socket.onAnyOutgoing === 'function' &&
  'offAnyOutgoing' in socket &&
  typeof socket.offAnyOutgoing === 'function';

const isSame = (a: unknown, b: PlayerId) => isPlayerId(a) && String(a) === String(b);

/**
 * Records the signals, the path and the quality of a manager's link. Does not change the manager: its callbacks, methods and socket stay as
 * they are. Stops when the link is closed, and starts again if the manager connects to another player.
 *
 * @returns a function that stops it.
 */
export function watchManager(options: AttachOptions): () => void {
  const { manager } = options;
  hideCredentials(options);
  let stops: (() => void)[] = [];
  const stop = () => {
    for (const end of stops.splice(0)) end();
  };
  const follow = () => {
    if (manager.state === 'closed') stop();
    else if (stops.length === 0) stops = [watchSignals(options), watchQuality(options)];
  };
  let hasPath = false;
  const notePath = () => {
    const path = cleanPath(manager.connectionType);
    if (!path && !hasPath) return;
    hasPath = path !== null;
    options.append({ kind: 'path', path });
  };
  notePath();
  follow();
  const ends = [
    manager.on('state', () => {
      follow();
      if (!manager.connectionType) notePath();
    }),
    manager.on('path', notePath),
    stop,
  ];
  return () => {
    for (const end of ends.splice(0)) end();
  };
}

function hideCredentials({ manager, hide }: AttachOptions): void {
  try {
    for (const { username, credential } of manager._getIceServers()) hide(username, credential);
  } catch {
    // The game may have replaced `_getIceServers` with anything.
  }
}

/** Records only the signals of this pair of players, because several links may share a socket. */
function watchSignals({ manager, append }: AttachOptions): () => void {
  const { socket } = manager;
  const note = (direction: SignalBody['direction'], message: unknown) => {
    const { type, game_id, from_player_id, target_player_id } = treeOf(message);
    const other = direction === 'in' ? from_player_id : target_player_id;
    const { gameId, targetPeerId } = manager;
    const isOurs =
      (game_id === undefined || isSame(game_id, gameId)) &&
      // The manager's listener runs before this one, so an offer that it accepts has set `targetPeerId`.
      targetPeerId !== null &&
      isSame(other, targetPeerId);
    if (isOurs)
      append({ kind: 'signal', direction, type: SIGNAL_TYPES.find((known) => known === type) ?? 'other' });
  };
  const onIn = (message: unknown) => note('in', message);
  const onOut: AnyListener = (event, message) => {
    if (event === SIGNAL) note('out', message);
  };
  socket.on(SIGNAL, onIn);
  if (isObservable(socket)) socket.onAnyOutgoing(onOut);
  return () => {
    socket.off?.(SIGNAL, onIn);
    if (isObservable(socket)) socket.offAnyOutgoing(onOut);
  };
}

const LIVE: readonly string[] = ['checking', 'connected', 'disconnected', 'restarting'];

/** Records a sample every `sampleMs`, and one at once whenever the quality changes. */
function watchQuality({ manager, sampleMs, append }: AttachOptions): () => void {
  let isStopped = false;
  const sample = async () => {
    const { peerConnection: pc, qualityMonitor: monitor } = manager;
    if (!pc || !monitor || !LIVE.includes(manager.state)) return;
    const stats = await pc.getStats().catch(() => null);
    if (isStopped || !stats) return;
    append(sampleOf(manager.state, monitor.status, monitor._extractQualityMetrics(stats)));
  };
  const timer = setInterval(() => void sample(), sampleMs);
  const end = manager.on('quality', (change) => append(sampleOf(manager.state, change.status, change)));
  return () => {
    isStopped = true;
    clearInterval(timer);
    end();
  };
}

/** Round trip and jitter are null unless the link is connected: figures from before the silence say nothing about it. */
function sampleOf(state: string, status: SampleBody['status'] | null, metrics: object | null): SampleBody {
  const { currentRtt, avgRtt, jitter, loss } = treeOf(metrics);
  const isUp = state === 'connected';
  return {
    kind: 'sample',
    rttMs: isUp ? (rounded(currentRtt) ?? rounded(avgRtt)) : null,
    jitterMs: isUp ? rounded(jitter) : null,
    loss: rounded(loss),
    status: (isUp && status) || 'unknown',
  };
}

const rounded = (value: unknown): number | null => {
  const found = figure(value);
  return found === null ? null : Math.round(found * 1_000) / 1_000;
};
