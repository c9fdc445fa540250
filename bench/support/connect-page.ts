/** Runs in the page: one connect after another, with the library and with the bare browser API, over the same signaling. */

import './global';
import type { WebRTCManager as Manager } from 'holdfast';
import type { Samples } from './figures';
import { type MemorySocket, memorySockets } from './memory-sockets';

declare global {
  interface Window {
    benchConnect(counts: { warmUp: number; runs: number }): Promise<Samples>;
  }
}

const IDS = [1, 2] as const;
const MAX_CONNECT_MS = 20_000;
const CHANNEL = { ordered: false, maxRetransmits: 0 };

const joined = () => memorySockets(IDS, (arrive) => queueMicrotask(arrive));

/** Milliseconds from the call until the channel is open on both ends. */
async function connectByHoldfast(): Promise<number> {
  const managers = joined().map(
    (socket, index) =>
      new window.Holdfast.WebRTCManager(socket, 'bench', index + 1, { iceServers: [], logger: 'silent' }),
  );
  const open = managers.map(
    (manager) =>
      new Promise<void>((resolve) => {
        manager.onDataChannelOpen = resolve;
      }),
  );
  const startedAtMs = performance.now();
  managers.forEach((manager, index) => void manager.connectToPeer(2 - index));
  await inTime(Promise.all(open), () => managers.map((manager) => describeEnd(manager)).join('; '));
  const tookMs = performance.now() - startedAtMs;
  for (const manager of managers) manager.close();
  return tookMs;
}

async function connectBare(): Promise<number> {
  const [here, there] = joined();
  const startedAtMs = performance.now();
  const answerer = bareEnd(there);
  const offerer = bareEnd(here);
  const open = [
    untilOpen(offerer.createDataChannel('game', CHANNEL)),
    new Promise<void>((resolve) => {
      answerer.ondatachannel = ({ channel }) => void untilOpen(channel).then(resolve);
    }),
  ];
  await offerer.setLocalDescription();
  send(here, 'offer', offerer.localDescription);
  await inTime(Promise.all(open), () => `bare: ${offerer.connectionState}, ${answerer.connectionState}`);
  const tookMs = performance.now() - startedAtMs;
  offerer.close();
  answerer.close();
  return tookMs;
}

/** What any game would write: it answers offers and trickles candidates. */
function bareEnd(socket: MemorySocket): RTCPeerConnection {
  const connection = new RTCPeerConnection({ iceServers: [] });
  connection.onicecandidate = ({ candidate }) => candidate && send(socket, 'ice-candidate', candidate);
  const take = async (type: string, payload: RTCSessionDescriptionInit & RTCIceCandidateInit) => {
    if (type === 'ice-candidate') return connection.addIceCandidate(payload);
    await connection.setRemoteDescription(payload);
    if (type !== 'offer') return;
    await connection.setLocalDescription();
    send(socket, 'answer', connection.localDescription);
  };
  socket.on('webrtc_signal', (signal) => {
    const { type, payload } = Object(signal);
    void take(type, payload);
  });
  return connection;
}

function send(socket: MemorySocket, type: string, payload: unknown): void {
  socket.emit('webrtc_signal', { game_id: 'bench', type, payload });
}

function untilOpen(channel: RTCDataChannel): Promise<void> {
  if (channel.readyState === 'open') return Promise.resolve();
  return new Promise((resolve) => {
    channel.onopen = () => resolve();
  });
}

/** A connect that hangs ends the measurement with an error that says why. */
function inTime(open: Promise<unknown>, describe: () => string): Promise<unknown> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(
      () => reject(new Error(`no connect within ${MAX_CONNECT_MS} ms: ${describe()}`)),
      MAX_CONNECT_MS,
    );
  });
  return Promise.race([open, late]);
}

function describeEnd(manager: Manager): string {
  const { state, peerConnection, dataChannel } = manager;
  const { signalingState, iceConnectionState, connectionState } = peerConnection ?? {};
  return [state, signalingState, iceConnectionState, connectionState, dataChannel?.readyState].join(' ');
}

/** Lets the browser clean up closed connections, so that they do not affect the next run. */
const rest = () => new Promise((resolve) => setTimeout(resolve, 50));

window.benchConnect = async ({ warmUp, runs }) => {
  const holdfast: number[] = [];
  const bare: number[] = [];
  for (let run = -warmUp; run < runs; run += 1) {
    // Each runs first equally often.
    const order = run % 2 === 0 ? ([true, false] as const) : ([false, true] as const);
    for (const isHoldfast of order) {
      const tookMs = await (isHoldfast ? connectByHoldfast() : connectBare());
      if (run >= 0) (isHoldfast ? holdfast : bare).push(tookMs);
      await rest();
    }
  }
  return { holdfast, bare };
};
