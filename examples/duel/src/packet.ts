/** The wire format of the game: two fixed layouts, big-endian. Anything else is refused. */

/**
 * A side is at most 2 × delay + 1 frames ahead of the first input that the other side still lacks. Each packet repeats this many
 * inputs, so that any single packet is enough, without acknowledgements or retransmission.
 */
export const REPEATED_INPUTS = 12;
const MAX_FRAME = 0x7fff_ffff;
const MAX_WINS = 0xffff;
const MAX_INPUT = 31;
const VERSION = 1;
const KIND_HELLO = 0xd1;
const KIND_INPUTS = 0xd2;
const HELLO_BYTES = 14;
const INPUTS_HEADER_BYTES = 29;

/** Agrees on a match. `session` identifies this page load, `peer` the last session received from the other side (0: none yet). */
export interface Hello {
  readonly kind: 'hello';
  readonly session: number;
  readonly peer: number;
  readonly wins: readonly [number, number];
}

/** The last input is that of `frame`; the inputs before it are those of the preceding frames. */
export interface Inputs {
  readonly kind: 'inputs';
  readonly match: number;
  readonly frame: number;
  readonly inputs: readonly number[];
  /** `hash` is that of the state after `hashFrame` frames; frame 0 means no hash. */
  readonly hashFrame: number;
  readonly hash: number;
  /** Clock in units of 0.1 ms. `echo` is the newest `sentAt` received and `held` the time since then; both are 0 before the first. */
  readonly sentAt: number;
  readonly echo: number;
  readonly held: number;
}

export type Packet = Hello | Inputs;
export type Refusal = {
  readonly kind: 'refused';
  readonly reason: 'not-binary' | 'length' | 'version' | 'range';
};

export function encodePacket(packet: Packet): Uint8Array<ArrayBuffer> {
  return packet.kind === 'hello' ? encodeHello(packet) : encodeInputs(packet);
}

/** Never throws, whatever the other browser or the relay sends. */
export function decodePacket(data: unknown): Packet | Refusal {
  const view = viewOf(data);
  if (view === null) return refuse('not-binary');
  if (view.byteLength < 2) return refuse('length');
  if (view.getUint8(1) !== VERSION) return refuse('version');
  const kind = view.getUint8(0);
  if (kind === KIND_HELLO) return decodeHello(view);
  return kind === KIND_INPUTS ? decodeInputs(view) : refuse('version');
}

function refuse(reason: Refusal['reason']): Refusal {
  return { kind: 'refused', reason };
}

function viewOf(data: unknown): DataView | null {
  if (data instanceof ArrayBuffer) return new DataView(data);
  return ArrayBuffer.isView(data) ? new DataView(data.buffer, data.byteOffset, data.byteLength) : null;
}

function encodeHello({ session, peer, wins }: Hello): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HELLO_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, KIND_HELLO);
  view.setUint8(1, VERSION);
  view.setUint32(2, session);
  view.setUint32(6, peer);
  view.setUint16(10, Math.min(MAX_WINS, wins[0]));
  view.setUint16(12, Math.min(MAX_WINS, wins[1]));
  return bytes;
}

function decodeHello(view: DataView): Hello | Refusal {
  if (view.byteLength !== HELLO_BYTES) return refuse('length');
  const session = view.getUint32(2);
  if (session === 0) return refuse('range');
  return { kind: 'hello', session, peer: view.getUint32(6), wins: [view.getUint16(10), view.getUint16(12)] };
}

function encodeInputs(packet: Inputs): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(INPUTS_HEADER_BYTES + packet.inputs.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, KIND_INPUTS);
  view.setUint8(1, VERSION);
  view.setUint32(2, packet.match);
  view.setUint32(6, packet.frame);
  view.setUint32(10, packet.hashFrame);
  view.setUint32(14, packet.hash);
  view.setUint32(18, packet.sentAt);
  view.setUint32(22, packet.echo);
  view.setUint16(26, packet.held);
  view.setUint8(28, packet.inputs.length);
  bytes.set(packet.inputs, INPUTS_HEADER_BYTES);
  return bytes;
}

function decodeInputs(view: DataView): Inputs | Refusal {
  if (view.byteLength < INPUTS_HEADER_BYTES) return refuse('length');
  const count = view.getUint8(28);
  if (count < 1 || count > REPEATED_INPUTS) return refuse('range');
  if (view.byteLength !== INPUTS_HEADER_BYTES + count) return refuse('length');
  const frame = view.getUint32(6);
  const hashFrame = view.getUint32(10);
  const inputs = Array.from({ length: count }, (_, i) => view.getUint8(INPUTS_HEADER_BYTES + i));
  const inRange = frame <= MAX_FRAME && hashFrame <= frame && count <= frame + 1;
  if (!inRange || inputs.some((input) => input > MAX_INPUT)) return refuse('range');
  return {
    kind: 'inputs',
    match: view.getUint32(2),
    frame,
    inputs,
    hashFrame,
    hash: view.getUint32(14),
    sentAt: view.getUint32(18),
    echo: view.getUint32(22),
    held: view.getUint16(26),
  };
}
