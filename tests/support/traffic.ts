/** Numbered, timed messages: what the driver sends, and what the arrived ones reveal. */

/** 'HFT1', which distinguishes these messages from a game's. */
const MAGIC = 0x48465431;
const HEADER_BYTES = 16;

/** An older message than this is useless to a game of 60 frames a second. */
const STALE_AFTER_MS = 500;

export interface Arrival {
  readonly seq: number;
  /** Wall clock of the sender and of the receiver, in ms: one machine, one clock. */
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
}

export interface TrafficReport {
  readonly received: number;
  readonly duplicates: number;
  /** Missing between the first and the last that arrived. */
  readonly missing: number;
  /** The longest run of consecutive numbers that never came. */
  readonly longestLoss: number;
  /** The longest time without an arrival, between the first and the last. */
  readonly longestSilenceMs: number;
  /** Arrived more than {@link STALE_AFTER_MS} after they were sent. */
  readonly stale: number;
  readonly oldestMs: number;
}

export function encodeMessage(seq: number, sentAtMs: number, sizeBytes: number): ArrayBuffer {
  const buffer = new ArrayBuffer(Math.max(HEADER_BYTES, sizeBytes));
  const view = new DataView(buffer);
  view.setUint32(0, MAGIC);
  view.setUint32(4, seq);
  view.setFloat64(8, sentAtMs);
  return buffer;
}

/** Null for anything that {@link encodeMessage} did not write. */
export function decodeMessage(data: unknown): { seq: number; sentAtMs: number } | null {
  if (!(data instanceof ArrayBuffer) || data.byteLength < HEADER_BYTES) return null;
  const view = new DataView(data);
  if (view.getUint32(0) !== MAGIC) return null;
  return { seq: view.getUint32(4), sentAtMs: view.getFloat64(8) };
}

export function reportTraffic(arrivals: readonly Arrival[]): TrafficReport {
  const numbers = [...new Set(arrivals.map(({ seq }) => seq))].sort((a, b) => a - b);
  const times = arrivals.map(({ receivedAtMs }) => receivedAtMs).sort((a, b) => a - b);
  const losses = steps(numbers).map((step) => step - 1);
  const ages = arrivals.map(({ sentAtMs, receivedAtMs }) => receivedAtMs - sentAtMs);
  return {
    received: arrivals.length,
    duplicates: arrivals.length - numbers.length,
    missing: losses.reduce((sum, loss) => sum + loss, 0),
    longestLoss: largest(losses),
    longestSilenceMs: largest(steps(times)),
    stale: ages.filter((age) => age > STALE_AFTER_MS).length,
    oldestMs: largest(ages),
  };
}

function steps(sorted: readonly number[]): number[] {
  return sorted.slice(1).map((value, index) => value - (sorted[index] ?? value));
}

/** Not `Math.max(...values)`: an hour of traffic is more than an argument list can hold. */
function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
