/** Every deadline and threshold of the connection, in ms unless named otherwise. Each is an option of the manager. */
export interface Timings {
  /** How long a first connect may take. Browsers give up on a black hole after 11–15 s, or never when no candidate arrives. */
  connectTimeoutMs: number;
  /** How long the higher id waits for the designated offerer before it offers too: upstream may order ids otherwise. */
  offererPatienceMs: number;
  /** How often an unanswered first offer is sent again; a peer that was not listening yet has lost the first. */
  offerRenewalMs: number;
  /** How long a suspect link may heal by itself before recovery starts. */
  disconnectTimeoutMs: number;
  /** How long a suspicion is kept from the game, so that a blip heals silently. */
  disconnectGraceMs: number;
  /** How long recovery may take in all, waits for signaling included. */
  recoveryBudgetMs: number;
  /** How long the link must hold before the attempts are given back: a flapping link must not restart for ever. */
  stableMs: number;
  /** How often a relayed link that could be direct tries for a direct path, beside the link, without an outage. */
  directRetryMs: number;
  /** How often a ping is sent on the control channel. */
  heartbeatMs: number;
  /** Silence that makes a link suspect: five heartbeats, with the preset `rollback` eight. More than any jitter with which a game is playable. */
  silenceMs: number;
  /** How many attempts there are before the link is given up; counted anew after `stableMs`. A count. */
  maxIceRestarts: number;
}

/** Upstream's numbers where it has them: patient, for games that can wait. */
const defaults: Timings = {
  connectTimeoutMs: 15_000,
  offererPatienceMs: 3_000,
  offerRenewalMs: 1_000,
  disconnectTimeoutMs: 5_000,
  disconnectGraceMs: 500,
  recoveryBudgetMs: 90_000,
  stableMs: 10_000,
  directRetryMs: 30_000,
  heartbeatMs: 200,
  silenceMs: 1_000,
  maxIceRestarts: 3,
};

/** Named sets of timings. `rollback` serves 60 Hz rollback games: a second of silence is an outage there. */
export const PRESETS = {
  default: defaults,
  rollback: { ...defaults, disconnectTimeoutMs: 100, disconnectGraceMs: 0, heartbeatMs: 100, silenceMs: 800 },
} as const satisfies Record<string, Timings>;

export type Preset = keyof typeof PRESETS;
