import type { FakeEnd, FakeWorld } from 'holdfast/testing';
import { CONTROL_CHANNEL_ID, CONTROL_CHANNEL_LABEL } from '../../src/peer/control-frames';

/** How a page treats the frames of the other end: what it sends back for each. */
export type FrameHabit = (frame: string) => readonly string[];

/** Echoes pings, as every honest page does. */
export const echo: FrameHabit = (frame) => (frame.startsWith('p') ? [`q${frame.slice(1)}`] : []);
/** Sends echoes of a ping that nobody sent. */
export const forgeEchoes: FrameHabit = (frame) => (frame.startsWith('p') ? ['q999999'] : []);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** A page that speaks the protocol by hand: it makes as many connections as it likes, and follows no rule of docs/PROTOCOL.md. */
export class HostilePage {
  readonly #world: FakeWorld;
  readonly #end: FakeEnd;
  readonly #victim: string | number;
  readonly #pcs = new Map<number, RTCPeerConnection>();
  readonly #controls = new Map<number, RTCDataChannel>();
  readonly session = 'hostile';

  constructor(world: FakeWorld, end: FakeEnd, victim: string | number) {
    this.#world = world;
    this.#end = end;
    this.#victim = victim;
    end.socket.on('webrtc_signal', (signal: unknown) => void this.#take(signal));
  }

  /** Offers a connection of this number. */
  async offer(number: number, habit: FrameHabit = echo): Promise<void> {
    const pc = this.#end.environment.createPeerConnection({});
    this.#pcs.set(number, pc);
    pc.createDataChannel('game', { ordered: false, maxRetransmits: 0 });
    const init = { negotiated: true, id: CONTROL_CHANNEL_ID, ordered: false };
    const control = pc.createDataChannel(CONTROL_CHANNEL_LABEL, init);
    this.#controls.set(number, control);
    control.onmessage = ({ data }) => {
      for (const frame of habit(String(data))) control.send(frame);
    };
    pc.onicecandidate = ({ candidate }) => candidate && this.send('ice-candidate', { ...candidate });
    await pc.setLocalDescription();
    this.send('offer', { type: 'offer', sdp: pc.localDescription?.sdp, holdfast: this.member(number) });
  }

  /** Sends anything on the control channel of a connection. */
  say(number: number, frame: string | ArrayBuffer): void {
    const control = this.#controls.get(number);
    if (typeof frame === 'string') control?.send(frame);
    else control?.send(frame);
  }

  close(): void {
    for (const pc of this.#pcs.values()) pc.close();
  }

  send(type: string, payload: unknown): void {
    const { gameId: game_id } = this.#world;
    this.#end.socket.emit('webrtc_signal', { game_id, target_player_id: this.#victim, type, payload });
  }

  member(connection: number) {
    return { version: 1, session: this.session, connection, capabilities: ['heartbeat', 'rebuild'] };
  }

  async #take(signal: unknown): Promise<void> {
    if (!isRecord(signal) || signal.type !== 'answer' || !isRecord(signal.payload)) return;
    const { sdp, holdfast } = signal.payload;
    const pc = isRecord(holdfast) ? this.#pcs.get(Number(holdfast.connection)) : undefined;
    if (pc?.signalingState === 'have-local-offer')
      await pc.setRemoteDescription({ type: 'answer', sdp: String(sdp) });
  }
}
