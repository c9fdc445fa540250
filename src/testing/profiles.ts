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
  /** Whether a connection that finds no candidate of its own is `failed` as soon as gathering ends. */
  failsWithoutOwnCandidates: boolean;
  /** Whether `iceConnectionState` says `failed` too; where not, it stays `disconnected`. */
  iceSaysFailed: boolean;
  /** Whether `failed` ends the SCTP association, and with it every channel, for good. */
  failureEndsSctp: boolean;
  /** Whether the loss of the page's address ends it, too. */
  addressLossEndsSctp: boolean;
  /** Whether a restart of a suspect link shows `checking`. */
  restartShowsChecking: boolean;
  /** From having candidates to ICE `connected`, the network's delay apart. */
  connectMs: number;
  /** The same for a restart. */
  restartMs: number;
  /** From the return of the path to `connected` on the old generation. */
  healMs: number;
  /**
   * From the loss of the selected path to another one, known already or brought by a restart, which is held up that long; null where
   * ICE waits for a restart, and follows it at once.
   */
  switchMs: number | null;
  /** How old a round trip in `getStats()` gets. */
  rttRefreshMs: number;
  /** Whether the pairs of earlier generations still say `nominated` and `succeeded`. */
  keepsOldPairs: boolean;
  /** Whether pairs say `selected`, and whether ICE transports tell of a change of pair. */
  pairsSaySelected: boolean;
  transportTellsPair: boolean;
  /** Whether what outlived its `maxPacketLifeTime` while it was held back is dropped. */
  dropsStaleData: boolean;
  /** Whether the other end's channels close when a tab is closed; where not, ICE has to notice. Navigating away closes them everywhere. */
  closedTabIsTold: boolean;
  /** What one channel holds back before `send()` throws. */
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

/** The two browsers that are known, as measured. */
export const PROFILES = { chromium, firefox } as const satisfies Record<string, BrowserProfile>;

/** A key of {@link PROFILES}. */
export type ProfileName = keyof typeof PROFILES;
