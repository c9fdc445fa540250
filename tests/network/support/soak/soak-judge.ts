import type { Outage } from 'holdfast/inspect';
import type { SoakLook } from './soak-page.js';
import type { PageMetrics } from './soak-player.js';

/** One page at rest, between two faults. */
export interface Reading extends PageMetrics, SoakLook {
  /** The number of the fault before it; 0 is the reading before the first. */
  readonly round: number;
}

/**
 * These counts must be the same at rest after any number of faults. A surplus in one reading but not in the next belongs to a race that
 * was not over yet: the reading after the next comes 40 s after a fault, and a racer lives for 15 s.
 */
const COUNTS = ['open', 'timeouts', 'intervals', 'listeners', 'handlers', 'onSockets', 'acks'] as const;
type Count = (typeof COUNTS)[number];
/** A timer or an acknowledgement that is pending at the moment of the reading. */
const ROOM: Partial<Record<Count, number>> = { timeouts: 2, acks: 1 };
/** Closed connections that the browser has not released yet, and their listeners. */
const CONNECTIONS_ROOM = 4;
/** Chromium keeps one in ten of those that are closed while they gather (docs/discoveries/closed-while-gathering.md); a leak of ours would keep all. */
const KEPT_SHARE = 0.15;
const EVENT_LISTENERS_ROOM = 40;
/** The first rounds fill what is bounded: compiled code, windows of samples, the recorder. */
const WARM_UP_ROUNDS = 3;
/** A heap fluctuates; a leak grows with every fault. */
const HEAP_ROOM_BYTES = 512 * 1_024;

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

/** The median of the last third minus that of the first, after the warm-up; null if there are too few rounds to tell. */
export function heapGrowthBytes(readings: readonly Reading[]): number | null {
  const warm = readings.filter(({ round }) => round >= WARM_UP_ROUNDS).map(({ heapBytes }) => heapBytes);
  const third = Math.floor(warm.length / 3);
  return third === 0 ? null : median(warm.slice(-third)) - median(warm.slice(0, third));
}

/** The counts of a page that grow; empty for a page that keeps nothing. */
export function growthOf(readings: readonly Reading[]): string[] {
  const [first, ...later] = readings;
  const last = later.at(-1);
  if (!first || !last) return ['nothing was read'];
  const isMore = (reading: Reading, name: Count) => reading[name] > first[name] + (ROOM[name] ?? 0);
  const violations = later.flatMap((reading, index) =>
    COUNTS.filter((name) => isMore(reading, name) && isMore(later[index + 1] ?? reading, name)).map(
      (name) => `round ${reading.round}: ${reading[name]} ${name}, ${first[name]} at first`,
    ),
  );
  if (last.connections > first.connections + CONNECTIONS_ROOM + KEPT_SHARE * last.made)
    violations.push(`${last.connections} RTCPeerConnections are kept of ${last.made} that were made`);
  if (last.eventListeners > first.eventListeners + EVENT_LISTENERS_ROOM)
    violations.push(`${last.eventListeners} event listeners are kept, ${first.eventListeners} at first`);
  const heapGrowth = heapGrowthBytes(readings);
  if (heapGrowth !== null && heapGrowth > HEAP_ROOM_BYTES)
    violations.push(`the heap grew by ${Math.round(heapGrowth / 1_024)} KiB`);
  return violations;
}

/** What is wrong with the outages in a log; empty if each that was announced ended restored. */
export function outageFaultsOf(outages: readonly Outage[]): string[] {
  return outages.flatMap(({ seq, end, lostAtMs, endedAtMs }) => {
    if (end !== 'restored') return [`the outage at ${seq} ended ${end ?? 'never'}`];
    return lostAtMs !== null && (endedAtMs ?? 0) < lostAtMs
      ? [`the outage at ${seq} was told after its end`]
      : [];
  });
}

/** Announcements must strictly alternate: *lost*, then *restored*. */
export function pairingFaultsOf(announcements: readonly string[]): string[] {
  const told = announcements.filter((type) => type !== 'open');
  const faults = told.flatMap((type, index) => {
    const wanted = index % 2 === 0 ? 'lost' : 'restored';
    return type === wanted ? [] : [`announcement ${index + 1} is ${type}, not ${wanted}`];
  });
  return told.at(-1) === 'lost' && faults.length === 0 ? ['the last lost was never answered'] : faults;
}
