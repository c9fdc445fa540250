import type { FakeIce } from './fake-ice';
import type { FakeNetwork } from './fake-network';
import type { BrowserProfile } from './profiles';

type Entry = Record<string, unknown> & { id: string; type: string };

/** `getStats()` of a fake connection: a transport, its pair and both candidates, as the profile's browser words them. */
export class FakeStats {
  readonly #ice: FakeIce;
  readonly #network: FakeNetwork;
  readonly #profile: BrowserProfile;
  #rtt: { ms: number; atMs: number } | null = null;
  #responses = 0;
  #totalMs = 0;

  constructor(ice: FakeIce, network: FakeNetwork, profile: BrowserProfile) {
    this.#ice = ice;
    this.#network = network;
    this.#profile = profile;
  }

  /** A round trip as the browser measures it, now. */
  measure(): void {
    const ms = this.#network.rttMs();
    this.#rtt = { ms, atMs: performance.now() };
    this.#responses += 1;
    this.#totalMs += ms;
  }

  report(): Map<string, Entry> {
    const { kind } = this.#ice;
    if (kind === null) return new Map();
    const age = this.#rtt ? performance.now() - this.#rtt.atMs : Number.POSITIVE_INFINITY;
    if (this.#ice.isUp && (!this.#rtt || age >= this.#profile.rttRefreshMs)) this.measure();
    const candidateType = kind === 'relay' ? 'relay' : 'host';
    const candidate = {
      candidateType,
      protocol: 'udp',
      priority: kind === 'relay' ? 41_885_439 : 2_122_260_223,
    };
    const relayed = kind === 'relay' ? { relayProtocol: 'udp' } : {};
    const { pairsSaySelected } = this.#profile;
    const entries: Entry[] = [
      { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
      {
        id: 'P',
        type: 'candidate-pair',
        localCandidateId: 'L',
        remoteCandidateId: 'R',
        state: 'succeeded',
        nominated: true,
        ...(pairsSaySelected && { selected: true }),
        currentRoundTripTime: (this.#rtt?.ms ?? 0) / 1_000,
        totalRoundTripTime: this.#totalMs / 1_000,
        responsesReceived: this.#responses,
        bytesSent: 0,
        bytesReceived: 0,
        timestamp: Date.now(),
      },
      {
        id: 'L',
        type: 'local-candidate',
        address: `192.0.2.${this.#ice.page + 1}`,
        ...candidate,
        ...relayed,
      },
      { id: 'R', type: 'remote-candidate', address: `192.0.2.${2 - this.#ice.page}`, ...candidate },
    ];
    return new Map(entries.map((entry) => [entry.id, entry]));
  }
}
