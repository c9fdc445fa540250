/** Runs in the page as `window.driver`: acts as a game client, and records what the library reports. */

import { WebRTCManager } from 'holdfast';
import { io, type Socket } from 'socket.io-client';
import { type Arrival, decodeMessage, encodeMessage, reportTraffic, type TrafficReport } from './traffic';

export type PlayerId = string | number;
type ManagerOptions = NonNullable<ConstructorParameters<typeof WebRTCManager>[3]>;

/** One callback, event, socket event, outgoing signal or mark, by both clocks. */
export interface DriverRecord {
  readonly source: 'callback' | 'event' | 'socket' | 'signal' | 'mark';
  readonly name: string;
  readonly detail: unknown;
  /** `performance.now()` of this page. */
  readonly atMs: number;
  /** `Date.now()`: comparable between the pages of one machine. */
  readonly wallMs: number;
}

export interface Look {
  readonly state: string;
  readonly ready: boolean;
  readonly usable: boolean;
  readonly connectionState: string | null;
  readonly iceRestartAttempts: number;
  readonly sent: number;
  /** How often `send()` returned false. */
  readonly refused: number;
  readonly received: number;
}

const CALLBACKS = [
  'onDataChannelOpen',
  'onDataChannelClose',
  'onConnectionFailed',
  'onConnectionTypeDetected',
  'onQualityDegraded',
  'onConnectionLost',
  'onConnectionRestored',
] as const;

const EVENTS = ['open', 'close', 'failed', 'closed', 'lost', 'restored', 'path', 'quality', 'state'] as const;

const SOCKET_EVENTS = ['connect', 'disconnect', 'connect_error'] as const;

function createDriver() {
  const records: DriverRecord[] = [];
  const arrivals: Arrival[] = [];
  const others: unknown[] = [];
  let socket: Socket | undefined;
  let manager: WebRTCManager | undefined;
  let sending: ReturnType<typeof setInterval> | undefined;
  let sent = 0;
  let refused = 0;
  /** Signals that are sent later; null if none are held. */
  let held: (() => unknown)[] | null = null;

  const record = (source: DriverRecord['source'], name: string, detail?: unknown) =>
    records.push({ source, name, detail: plain(detail), atMs: performance.now(), wallMs: Date.now() });
  const theSocket = () => present(socket, 'openSocket');
  const theManager = () => present(manager, 'create');

  const receive = (data: unknown) => {
    const message = decodeMessage(data);
    if (message === null) others.push(typeof data === 'string' ? data : String(data));
    else arrivals.push({ ...message, receivedAtMs: Date.now() });
  };
  const sendOne = (sizeBytes: number) => {
    const accepted = theManager().send(encodeMessage(sent, Date.now(), sizeBytes));
    if (!accepted) refused += 1;
    sent += 1;
  };
  const stopSending = () => clearInterval(sending);

  const driver = {
    /** Connects to the relay, over a WebSocket from the start, because a cut must hit one. */
    async openSocket(url: string): Promise<void> {
      const opened = io(url, { transports: ['websocket'] });
      socket = opened;
      for (const name of SOCKET_EVENTS) opened.on(name, (detail?: unknown) => record('socket', name, detail));
      await new Promise<void>((resolve, reject) => {
        opened.once('connect', () => resolve());
        opened.once('connect_error', reject);
      });
    },
    /** Joins a game and returns the relay's acknowledgement. */
    async join(gameId: string, playerId: PlayerId, resumeToken?: string): Promise<unknown> {
      const key = `seat of ${playerId} in ${gameId}`;
      const token = resumeToken ?? sessionStorage.getItem(key);
      const seat = { game_id: gameId, player_id: playerId, ...(token && { resume_token: token }) };
      const answer = await theSocket().emitWithAck('join_game', seat);
      if (answer?.resume_token) sessionStorage.setItem(key, answer.resume_token);
      return answer;
    },
    /** Makes the manager and listens to all its callbacks and events; `restartOnLost` does what upstream's game does. */
    create(gameId: string, playerId: PlayerId, options: ManagerOptions = {}, restartOnLost = false): void {
      const reidentify = () => driver.join(gameId, playerId);
      const made = new WebRTCManager(theSocket(), gameId, playerId, { reidentify, ...options });
      manager = made;
      for (const name of CALLBACKS) {
        made[name] = (detail?: unknown) => {
          record('callback', name, detail);
          if (name === 'onConnectionLost' && restartOnLost) void made.attemptIceRestart();
        };
      }
      made.onDataChannelMessage = receive;
      const sendSignal = made._sendSignal.bind(made);
      made._sendSignal = (type, payload) => {
        record('signal', type);
        const send = () => sendSignal(type, payload);
        return held && type === 'ice-candidate' ? void held.push(send) : send();
      };
      for (const name of EVENTS) made.on(name, (detail?: unknown) => record('event', name, detail));
    },
    connect(peerId: PlayerId): void {
      record('mark', 'connect');
      void theManager().connectToPeer(peerId);
    },
    /** Sends numbered messages at a steady rate; a late timer sends those that are due. */
    startSending(hz = 60, sizeBytes = 32): void {
      stopSending();
      const startedAtMs = performance.now();
      const already = sent;
      sending = setInterval(() => {
        const due = already + Math.floor(((performance.now() - startedAtMs) * hz) / 1000);
        while (sent < due) sendOne(sizeBytes);
      }, 1000 / hz);
    },
    stopSending,
    sendText: (text: string): boolean => theManager().send(text),
    restart: (): Promise<boolean> => theManager().attemptIceRestart(),
    /** Does what upstream's game does when the server pauses both players: it asks for a restart, and waits. */
    restartOnPause(): void {
      theSocket().on('p2p_pause', (pause: unknown) => {
        record('socket', 'p2p_pause', pause);
        void theManager().attemptIceRestart();
      });
    },
    /** Holds candidates from now on: the peer learns of them by ICE's own checks. */
    holdCandidates(): void {
      held = [];
    },
    sendHeldCandidates(): void {
      for (const send of held?.splice(0) ?? []) void send();
      held = null;
    },
    emit: (event: string, payload: unknown): void => void theSocket().emit(event, payload),
    close: (): void => theManager().close(),
    closeSocket: (): void => void theSocket().close(),
    mark: (name: string): void => void record('mark', name),
    connectionType: async (): Promise<unknown> => plain(await theManager().getConnectionType()),
    look: (): Look => ({
      state: theManager().state,
      ready: theManager().isReady(),
      usable: theManager().isConnectionUsable(),
      connectionState: theManager().getConnectionState(),
      iceRestartAttempts: theManager().iceRestartAttempts,
      sent,
      refused,
      received: arrivals.length,
    }),
    records: (): DriverRecord[] => records,
    /** Messages that the driver of the other page did not number. */
    others: (): unknown[] => others,
    arrivals: (): Arrival[] => arrivals,
    /** A report on what was received after `sinceWallMs`. */
    traffic: (sinceWallMs = 0): TrafficReport =>
      reportTraffic(arrivals.filter(({ receivedAtMs }) => receivedAtMs >= sinceWallMs)),
    /** Milliseconds from then until the arrival of something that was sent after it, or null. */
    freshAfter: (sinceWallMs: number): number | null => {
      const fresh = arrivals.filter(({ sentAtMs }) => sentAtMs >= sinceWallMs);
      return fresh.length === 0
        ? null
        : Math.min(...fresh.map(({ receivedAtMs }) => receivedAtMs)) - sinceWallMs;
    },
  };
  return driver;
}

function present<T>(value: T | undefined, maker: string): T {
  if (value === undefined) throw new Error(`driver.${maker}() comes first`);
  return value;
}

/** Records leave the page as JSON; an `Error` would leave as `{}`. */
function plain(detail: unknown): unknown {
  if (detail instanceof Error) return { name: detail.name, message: detail.message };
  return detail === undefined ? null : JSON.parse(JSON.stringify(detail));
}

export type Driver = ReturnType<typeof createDriver>;

declare global {
  interface Window {
    driver: Driver;
  }
}

window.driver = createDriver();
