import type { FakeIce } from './fake-ice';
import type { FakeNetwork } from './fake-network';
import type { FakeSctp } from './fake-sctp';
import type { PathKind } from './fake-sdp';
import type { BrowserProfile } from './profiles';

type Entry = Record<string, unknown> & { id: string; type: string };

interface StatsOptions {
  ice: FakeIce;
  association: FakeSctp;
  network: FakeNetwork;
  profile: BrowserProfile;
}

/** A pair that is or was selected, and the bytes it carried. */
interface Pair {
  readonly generation: number;
  readonly kind: PathKind;
  bytesSent: number;
  bytesReceived: number;
}

/** `getStats()` of a fake connection: a transport, its pairs and their candidates, in the form that the browser of the profile uses. */
export class FakeStats {
  readonly #options: StatsOptions;
  #pairs: Pair[] = [];
  #rtt: { ms: number; atMs: number } | null = null;
  #responses = 0;
  #totalMs = 0;

  constructor(options: StatsOptions) {
    this.#options = options;
  }

  /** The ICE agent has selected a pair: another one, or the same again. */
  select(): void {
    const { ice, profile } = this.#options;
    this.#account();
    const current = this.#pairs.at(-1);
    if (ice.kind && (current?.generation !== ice.generations || current.kind !== ice.kind)) {
      const former = profile.keepsOldPairs ? this.#pairs : [];
      this.#pairs = [
        ...former,
        { generation: ice.generations, kind: ice.kind, bytesSent: 0, bytesReceived: 0 },
      ];
    }
    this.#measure();
  }

  /** For `RTCIceTransport.getSelectedCandidatePair()`. */
  selectedPair(): { local: { type: string }; remote: { type: string } } | null {
    const { kind } = this.#options.ice;
    const type = kind === 'relay' ? 'relay' : 'host';
    return kind && { local: { type }, remote: { type } };
  }

  report(): Map<string, Entry> {
    const { ice, profile } = this.#options;
    const age = this.#rtt ? performance.now() - this.#rtt.atMs : Number.POSITIVE_INFINITY;
    if (ice.isUp && age >= profile.rttRefreshMs) this.#measure();
    this.#account();
    const current = this.#pairs.length - 1;
    if (current < 0) return new Map();
    const entries: Entry[] = [
      { id: 'T', type: 'transport', selectedCandidatePairId: `P${current}` },
      ...this.#pairs.flatMap((pair, index) => this.#entriesOf(pair, index, index === current)),
    ];
    return new Map(entries.map((entry) => [entry.id, entry]));
  }

  /** Attributes the bytes since the last call to the newest pair. */
  #account(): void {
    const { bytesSent, bytesReceived } = this.#options.association;
    const pair = this.#pairs.at(-1);
    if (!pair) return;
    const former = this.#pairs.slice(0, -1);
    pair.bytesSent = bytesSent - former.reduce((sum, each) => sum + each.bytesSent, 0);
    pair.bytesReceived = bytesReceived - former.reduce((sum, each) => sum + each.bytesReceived, 0);
  }

  /** Measures a round trip now, as the browser does. */
  #measure(): void {
    const ms = this.#options.network.rttMs();
    this.#rtt = { ms, atMs: performance.now() };
    this.#responses += 1;
    this.#totalMs += ms;
  }

  #entriesOf({ kind, bytesSent, bytesReceived }: Pair, index: number, isSelected: boolean): Entry[] {
    const { ice, association, profile } = this.#options;
    const candidate = {
      candidateType: kind === 'relay' ? 'relay' : 'host',
      protocol: 'udp',
      priority: kind === 'relay' ? 41_885_439 : 2_122_260_223,
    };
    const relayed = kind === 'relay' ? { relayProtocol: 'udp' } : {};
    return [
      {
        id: `P${index}`,
        type: 'candidate-pair',
        localCandidateId: `L${index}`,
        remoteCandidateId: `R${index}`,
        state: 'succeeded',
        nominated: true,
        ...(profile.pairsSaySelected && { selected: isSelected }),
        ...(isSelected &&
          association.receivedAtMs > 0 && { lastPacketReceivedTimestamp: association.receivedAtMs }),
        currentRoundTripTime: (this.#rtt?.ms ?? 0) / 1_000,
        totalRoundTripTime: this.#totalMs / 1_000,
        responsesReceived: this.#responses,
        bytesSent,
        bytesReceived,
        timestamp: Date.now(),
      },
      {
        id: `L${index}`,
        type: 'local-candidate',
        address: `192.0.2.${ice.page + 1}`,
        ...candidate,
        ...relayed,
      },
      { id: `R${index}`, type: 'remote-candidate', address: `192.0.2.${2 - ice.page}`, ...candidate },
    ];
  }
}
