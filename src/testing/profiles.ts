import type { Browser } from '../../machines';

/** How a browser behaves, as measured (docs/discoveries). Times in ms, sizes in bytes. */
export interface BrowserProfile {
  name: Browser;
  /** From the first packet that does not come to ICE `disconnected`. */
  disconnectedAfterMs: number;
  /** From there to `failed`. */
  failedAfterDisconnectedMs: number;
  /** From a restart into a dead network to `failed`. */
  restartFailsAfterMs: number;
  /** Whether an offer that is not answered yet begins that clock anew, or only its answer. */
  offerRenewsClock: boolean;
  /** From `checking` to `failed` where no first path is found. */
  firstConnectFailsAfterMs: number;
  /** From the descriptions to `failed` where the peer never sends a candidate; null where ICE stays `new` for ever. */
  withoutCandidatesFailsAfterMs: number | null;
  /** Whether `iceConnectionState` says `failed` too; where not, it stays `disconnected`. */
  iceSaysFailed: boolean;
  /** Whether `failed` ends the SCTP association, and with it every channel, for good. */
  failureEndsSctp: boolean;
  /** Whether a restart of a suspect link shows `checking`. */
  restartShowsChecking: boolean;
  /** From having candidates to ICE `connected`, the network's delay apart. */
  connectMs: number;
  /** The same for a restart. */
  restartMs: number;
  /** From the loss of the selected path to another that ICE knows already. */
  switchMs: number;
  /** How old a round trip in `getStats()` gets; infinite where it is frozen after connecting. */
  rttRefreshMs: number;
  /** Whether pairs say `selected`, and whether ICE transports tell of a change of pair. */
  pairsSaySelected: boolean;
  transportTellsPair: boolean;
  /** Whether data for a negotiated channel that does not exist yet is kept for it. */
  keepsEarlyData: boolean;
  maxMessageSizeBytes: number;
}

const chromium: BrowserProfile = {
  name: 'chromium',
  disconnectedAfterMs: 6_300,
  failedAfterDisconnectedMs: 10_000,
  restartFailsAfterMs: 15_000,
  offerRenewsClock: true,
  firstConnectFailsAfterMs: 15_000,
  withoutCandidatesFailsAfterMs: null,
  iceSaysFailed: false,
  failureEndsSctp: false,
  restartShowsChecking: false,
  connectMs: 5,
  restartMs: 50,
  switchMs: 4_200,
  rttRefreshMs: 2_500,
  pairsSaySelected: false,
  transportTellsPair: true,
  keepsEarlyData: false,
  maxMessageSizeBytes: 262_144,
};

const firefox: BrowserProfile = {
  name: 'firefox',
  disconnectedAfterMs: 5_000,
  failedAfterDisconnectedMs: 23_000,
  restartFailsAfterMs: 11_000,
  offerRenewsClock: false,
  firstConnectFailsAfterMs: 11_000,
  withoutCandidatesFailsAfterMs: 5_000,
  iceSaysFailed: true,
  failureEndsSctp: true,
  restartShowsChecking: true,
  connectMs: 10,
  restartMs: 17,
  switchMs: 4_200,
  rttRefreshMs: Number.POSITIVE_INFINITY,
  pairsSaySelected: true,
  transportTellsPair: false,
  keepsEarlyData: true,
  maxMessageSizeBytes: 1_073_741_823,
};

export const PROFILES = { chromium, firefox } as const satisfies Record<string, BrowserProfile>;

export type ProfileName = keyof typeof PROFILES;
