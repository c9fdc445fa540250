/** A process of misbehaving sockets with its own event loop. Driven by messages; ends with its parent. */
import { setPriority } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { RawSocket } from '../../tests/support/raw-web-socket';
import { type Attack, attackOf } from './attacks';

export interface AttackerSettings {
  readonly port: number;
  readonly first: number;
  readonly count: number;
}
export interface AttackerOrder {
  readonly type: 'begin' | 'report' | 'rest';
}
export interface AttackerReport {
  readonly connections: number;
  readonly frames: number;
  readonly bytes: number;
  readonly open: number;
}

const NICENESS = 19;
const PULSE_MS = 25;
/** How much one process may write per pulse. */
const MAX_FRAMES = 1_500;
const MAX_BYTES = 2_000_000;
/** An evicted attacker reconnects after this, ±50 %. */
const RETURN_MS = 1_000;
/** Time until all are connected, slow enough for the relay to admit them. */
const GATHERING_MS = 12_000;

const settings: AttackerSettings = JSON.parse(process.argv[2] ?? '{}');
const totals = { connections: 0, frames: 0, bytes: 0 };
const slots = new Map<number, { attack: Attack; socket: RawSocket | null }>();
let state: 'resting' | 'gathering' | 'attacking' = 'resting';
let turn = 0;

function open(index: number): void {
  if (state === 'resting') return;
  const slot = slots.get(index) ?? { attack: attackOf(index), socket: null };
  slots.set(index, slot);
  if (slot.socket) return;
  totals.connections += 1;
  const socket = new RawSocket({
    port: settings.port,
    localAddress: addressOf(index),
    onOpen: (opened) => slot.attack.open(opened),
    onText: (text) => slot.attack.hear?.(socket, text),
    onClose: () => {
      slot.socket = null;
      setTimeout(() => open(index), RETURN_MS * (0.5 + Math.random()));
    },
  });
  slot.socket = socket;
}

/** Ten sockets per address. */
const addressOf = (index: number): string =>
  `127.1.${Math.floor(index / 2_500)}.${1 + (Math.floor(index / 10) % 250)}`;

/** The sockets take turns until the budget of the pulse is spent. */
function pulse(): void {
  let [frames, bytes] = [0, 0];
  for (let step = 0; step < settings.count && frames < MAX_FRAMES && bytes < MAX_BYTES; step += 1) {
    turn = (turn + 1) % settings.count;
    const slot = slots.get(settings.first + turn);
    if (!slot?.socket?.isOpen || slot.socket.isFull) continue;
    for (const data of slot.attack.pulse) {
      slot.socket.write(data);
      frames += 1;
      bytes += data.length;
    }
  }
  totals.frames += frames;
  totals.bytes += bytes;
}

async function gather(): Promise<void> {
  state = 'gathering';
  for (let step = 0; step < settings.count; step += 1) {
    open(settings.first + step);
    await wait(GATHERING_MS / settings.count);
  }
  state = 'attacking';
}

function rest(): void {
  state = 'resting';
  for (const { socket } of slots.values()) socket?.destroy();
}

const report = (): AttackerReport => ({
  ...totals,
  open: [...slots.values()].filter(({ socket }) => socket?.isOpen).length,
});

process.on('message', async (order: AttackerOrder) => {
  if (order.type === 'begin') await gather();
  if (order.type === 'rest') rest();
  process.send?.(report());
});
process.on('disconnect', () => process.exit());

// A real attacker has its own machine; here it gets the CPU time that the others leave.
setPriority(NICENESS);
setInterval(() => state === 'attacking' && pulse(), PULSE_MS);
process.send?.(report());
