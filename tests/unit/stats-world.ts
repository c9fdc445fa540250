/** The only file of these tests that stands for the browser's untyped stats. */
export type StatsEntry = Record<string, unknown> & { id: string; type: string };

export const toReport = (...entries: StatsEntry[]): RTCStatsReport =>
  new Map(entries.map((entry) => [entry.id, entry])) as unknown as RTCStatsReport;

/** A connection that offers nothing but its stats. */
export function statsOnly(getStats: () => unknown): RTCPeerConnection {
  return { getStats: async () => getStats() } as unknown as RTCPeerConnection;
}

/** A report of one pair with this round trip in ms; null if the browser reports none. */
export const reportOf = (rttMs: number | null, pair: Record<string, unknown> = {}): RTCStatsReport =>
  toReport(
    { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
    {
      id: 'P',
      type: 'candidate-pair',
      state: 'succeeded',
      ...(rttMs !== null && { currentRoundTripTime: rttMs / 1_000 }),
      ...pair,
    },
  );
