import type { Browser } from '../../machines';

/** The measured behaviour of a browser (docs/discoveries). Times in ms, sizes in bytes. */
export interface BrowserProfile {
  name: Browser;
  /** From the first missing packet to ICE `disconnected`. */
  disconnectedAfterMs: number;
  /** From there to `failed`. */
  failedAfterDisconnectedMs: number;
  /** From a restart into a dead network to `failed`. */
  restartFailsAfterMs: number;
  /** Whether an unanswered offer restarts that timer; otherwise only the answer does. */
  offerRenewsClock: boolean;
  /** From `checking` to `failed` if no first path is found. */
  firstConnectFailsAfterMs: number;
  /** From the descriptions to `failed` if the peer never sends a candidate; null if ICE stays `new` forever. */
  withoutCandidatesFailsAfterMs: number | null;
  /** Whether a connection without a candidate of its own is `failed` as soon as gathering ends. */
  failsWithoutOwnCandidates: boolean;
  /** Whether `iceConnectionState` also becomes `failed`; otherwise it stays `disconnected`. */
  iceSaysFailed: boolean;
  /** Whether `failed` ends the SCTP association and every channel for good. */
  failureEndsSctp: boolean;
  /** Whether the loss of the page's address also ends it. */
  addressLossEndsSctp: boolean;
  /** Whether the ICE state becomes `checking` when a suspect link restarts. */
  restartShowsChecking: boolean;
  /** From having candidates to ICE `connected`, plus the delay of the network. */
  connectMs: number;
  /** The same for a restart. */
  restartMs: number;
  /** From the return of the path to `connected` on the old generation. */
  healMs: number;
  /**
   * From the loss of the selected path to the switch to another one, whether already known or found by a restart. Null if ICE
   * switches only after a restart, and then at once.
   */
  switchMs: number | null;
  /** How old the round trip in `getStats()` can get. */
  rttRefreshMs: number;
  /** Whether the pairs of earlier generations remain in `getStats()` as `nominated` and `succeeded`. */
  keepsOldPairs: boolean;
  /** Whether pairs in `getStats()` have a member `selected`. */
  pairsSaySelected: boolean;
  /** Whether ICE transports report the selected pair and its changes. */
  transportTellsPair: boolean;
  /** Whether held-back data that is older than its `maxPacketLifeTime` is dropped. */
  dropsStaleData: boolean;
  /** Whether closing a tab closes the other end's channels; otherwise ICE has to notice. Navigating away closes them in every browser. */
  closedTabIsTold: boolean;
  /** How much one channel buffers before `send()` throws. */
  maxBufferedBytes: number;
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
  failsWithoutOwnCandidates: false,
  iceSaysFailed: false,
  failureEndsSctp: false,
  addressLossEndsSctp: false,
  restartShowsChecking: false,
  connectMs: 5,
  restartMs: 50,
  healMs: 100,
  switchMs: 4_200,
  rttRefreshMs: 2_500,
  keepsOldPairs: true,
  pairsSaySelected: false,
  transportTellsPair: true,
  dropsStaleData: true,
  closedTabIsTold: false,
  maxBufferedBytes: 16 * 1024 * 1024,
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
  failsWithoutOwnCandidates: true,
  iceSaysFailed: true,
  failureEndsSctp: true,
  addressLossEndsSctp: true,
  restartShowsChecking: true,
  connectMs: 10,
  restartMs: 17,
  healMs: 2_000,
  switchMs: null,
  rttRefreshMs: 5_000,
  keepsOldPairs: false,
  pairsSaySelected: true,
  transportTellsPair: false,
  dropsStaleData: false,
  closedTabIsTold: true,
  maxBufferedBytes: Number.POSITIVE_INFINITY,
  keepsEarlyData: true,
  maxMessageSizeBytes: 1_073_741_823,
};

/** The measured profiles of the two known browsers. */
export const PROFILES = { chromium, firefox } as const satisfies Record<string, BrowserProfile>;

/** A key of {@link PROFILES}. */
export type ProfileName = keyof typeof PROFILES;
