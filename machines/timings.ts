/** Every deadline and threshold of a connection, in ms unless stated otherwise. Each is an option of the manager. */
export interface Timings {
  /** How long a first connect may take. Browsers give up after 11–15 s if nothing answers, or never if no candidate arrives. */
  connectTimeoutMs: number;
  /** How long the higher id waits for the lower id's offer before it offers too, because upstream may order ids differently. */
  offererPatienceMs: number;
  /** How often an unanswered first offer is sent again, because a peer that was not listening yet has missed it. */
  offerRenewalMs: number;
  /** How long a suspect link may take to heal by itself before recovery starts. */
  disconnectTimeoutMs: number;
  /** How long a link is suspect before `lost` fires, so that a blip heals unnoticed. */
  disconnectGraceMs: number;
  /** How long recovery may take in total, including waits for signaling. */
  recoveryBudgetMs: number;
  /** How long the link must stay up before the attempt count returns to 0, so that a flapping link does not restart for ever. */
  stableMs: number;
  /** How often a relayed link that could be direct tries a direct path, beside the link and without an outage. */
  directRetryMs: number;
  /** How often a ping is sent on the control channel. */
  heartbeatMs: number;
  /** How much silence makes a link suspect: five heartbeats, or eight with the preset `rollback`. More than any jitter at which a game is playable. */
  silenceMs: number;
  /** How many attempts are made before the link fails (a count). The count returns to 0 after `stableMs`. */
  maxIceRestarts: number;
}

/** Upstream's values where it has them: long ones, for games that can wait. */
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

/** Named sets of timings. `rollback` is for 60 Hz rollback games, where a second of silence is an outage. */
export const PRESETS = {
  default: defaults,
  rollback: { ...defaults, disconnectTimeoutMs: 100, disconnectGraceMs: 0, heartbeatMs: 100, silenceMs: 800 },
} as const satisfies Record<string, Timings>;

export type Preset = keyof typeof PRESETS;
