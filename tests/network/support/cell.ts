import type { Lab } from './lab.js';
import type { Loopback } from './loopback.js';
import type { Match, MatchOptions } from './match.js';
import type { Peer } from './namespaces.js';

/** What a fault leaves to look at. Times in ms of the wall clock. */
export interface FaultTimes {
  faultAtMs: number;
  /** The end of the fault, or its beginning where it has none. */
  healedAtMs: number;
}

interface Traits {
  name: string;
  title: string;
  browsers: MatchOptions['browsers'];
  match?: Partial<MatchOptions>;
  manager?: MatchOptions['manager'];
  /** Ends that are still there, and the state in which they must end. */
  end: Partial<Record<Peer, 'connected' | 'failed' | 'closed'>>;
  /** What must not be seen from the fault on: a *lost* told to the game, or even a link under suspicion. */
  forbids?: 'lost' | 'suspicion';
  /** What the figure of this cell is, of those in Figures; null where there is none to measure. */
  figure: 'afterHealMs' | 'outageMs' | 'silenceMs' | null;
  /** For the median. */
  goalMs: number | null;
  /** For the worst run, where the goal asks for each of five. */
  worstMs?: number;
}

/** A cell that is played in the lab of network namespaces, which needs root. */
export interface LabCell extends Traits {
  on: 'lab';
  fault(match: Match<Lab>): Promise<FaultTimes>;
}

/** A cell for which a bad stretch of UDP, or a hidden page, is fault enough. */
export interface LoopbackCell extends Traits {
  on: 'loopback';
  fault(match: Match<Loopback>): Promise<FaultTimes>;
}

/** One cell of the matrix: a fault between two browsers, and how it is to end. */
export type Cell = LabCell | LoopbackCell;

export const BOTH_CONNECTED = { a: 'connected', b: 'connected' } as const;
