import type { Lab } from './lab.js';
import type { Loopback } from './loopback.js';
import type { Match, MatchOptions } from './match.js';
import type { Peer } from './namespaces.js';

/** The times of a fault, in ms of the wall clock. */
export interface FaultTimes {
  faultAtMs: number;
  /** The end of the fault, or its start if it has no end. */
  healedAtMs: number;
}

interface Traits {
  name: string;
  title: string;
  browsers: MatchOptions['browsers'];
  match?: Partial<MatchOptions>;
  manager?: MatchOptions['manager'];
  /** The ends that remain, and the state in which each must end. */
  end: Partial<Record<Peer, 'connected' | 'failed' | 'closed'>>;
  /** What must not happen from the fault on: a *lost* announced to the game, or even a suspicion of the link. */
  forbids?: 'lost' | 'suspicion';
  /** Which of the Figures is the one of this cell; null if there is nothing to measure. */
  figure: 'afterHealMs' | 'outageMs' | 'silenceMs' | null;
  /** For the median. */
  goalMs: number | null;
  /** For the worst run, if the goal applies to each of five. */
  worstMs?: number;
}

/** A cell that runs in the lab of network namespaces, which needs root. */
export interface LabCell extends Traits {
  on: 'lab';
  fault(match: Match<Lab>): Promise<FaultTimes>;
}

/** A cell for which a stretch of bad UDP, or a hidden page, is fault enough. */
export interface LoopbackCell extends Traits {
  on: 'loopback';
  fault(match: Match<Loopback>): Promise<FaultTimes>;
}

/** One cell of the matrix: a fault between two browsers, and the required end. */
export type Cell = LabCell | LoopbackCell;

export const BOTH_CONNECTED = { a: 'connected', b: 'connected' } as const;
