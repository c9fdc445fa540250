import type { LabPage } from './lab-page.js';
import type { Peer } from './namespaces.js';
import { rewriteSignal } from './rewrite-candidates.js';
import type { UdpRelay } from './udp-relay.js';

interface PageSignal {
  readonly type: 'offer' | 'answer' | 'ice-candidate';
  readonly payload: { readonly type: string; readonly sdp: string } | RTCIceCandidateInit;
}

/** The state of the page's bare peer connection. */
export interface BarePeer {
  readonly iceState: RTCIceConnectionState;
  /** Each ICE state that was entered, in order. */
  readonly iceStates: readonly RTCIceConnectionState[];
  readonly received: number;
  /** Wall clock of the newest message's sending, 0 before the first. */
  readonly newestSentAt: number;
  readonly remoteCandidateType: string | null;
  readonly remoteAddress: string | null;
}

interface PageHandle {
  offer(iceRestart: boolean): Promise<void>;
  take(): Promise<PageSignal | null>;
  give(signal: PageSignal): Promise<void>;
  look(): Promise<BarePeer>;
  close(): void;
}

declare global {
  var barePeer: PageHandle;
}

export interface BarePairOptions {
  readonly configuration?: RTCConfiguration;
  /** Puts a stretch of bad network between the two; only for pages on this machine. */
  readonly relay?: UdpRelay;
}

/** Two bare RTCPeerConnections, one in each page, with the test process as their signaling. */
export class BarePair {
  readonly #pages: Readonly<Record<Peer, LabPage>>;
  readonly #relay: UdpRelay | undefined;

  private constructor(pages: Readonly<Record<Peer, LabPage>>, relay: UdpRelay | undefined) {
    this.#pages = pages;
    this.#relay = relay;
  }

  static async connect(a: LabPage, b: LabPage, options: BarePairOptions = {}): Promise<BarePair> {
    const pair = new BarePair({ a, b }, options.relay);
    const configuration = options.configuration ?? {};
    await Promise.all([
      a.evaluate(installBarePeer, configuration),
      b.evaluate(installBarePeer, configuration),
    ]);
    pair.#carry('a', 'b');
    pair.#carry('b', 'a');
    await pair.offer('a', false);
    return pair;
  }

  async offer(peer: Peer, iceRestart: boolean): Promise<void> {
    await this.#pages[peer].evaluate((restart) => globalThis.barePeer.offer(restart), iceRestart);
  }

  look(peer: Peer): Promise<BarePeer> {
    return this.#pages[peer].evaluate(() => globalThis.barePeer.look(), null);
  }

  /** Whether both have received a message that was sent after this time. */
  async isFreshSince(time: number): Promise<boolean> {
    const [a, b] = await Promise.all([this.look('a'), this.look('b')]);
    return a.newestSentAt > time && b.newestSentAt > time;
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.#pages.a, this.#pages.b].map((page) => page.evaluate(() => globalThis.barePeer.close(), null)),
    );
  }

  /** Ends with the page's connection (a null), or with the page. */
  #carry(from: Peer, to: Peer): void {
    const carryAll = async (): Promise<void> => {
      for (;;) {
        const signal = await this.#pages[from].evaluate(() => globalThis.barePeer.take(), null);
        if (signal === null) return;
        const carried = this.#relay === undefined ? signal : await rewriteSignal(this.#relay, from, signal);
        if (carried !== null) await this.#pages[to].evaluate((one) => globalThis.barePeer.give(one), carried);
      }
    };
    carryAll().catch(() => undefined);
  }
}

/** Runs in the page, so it can use nothing from outside itself. */
function installBarePeer(configuration: RTCConfiguration): void {
  const pc = new RTCPeerConnection(configuration);
  const channel = pc.createDataChannel('game', {
    negotiated: true,
    id: 0,
    ordered: false,
    maxPacketLifeTime: 250,
  });
  const iceStates: RTCIceConnectionState[] = [];
  const outbox: (PageSignal | null)[] = [];
  let wake: () => void = () => undefined;
  let received = 0;
  let newestSentAt = 0;
  const put = (signal: PageSignal | null): void => {
    outbox.push(signal);
    wake();
  };
  const describe = async (make: () => Promise<RTCSessionDescriptionInit>): Promise<void> => {
    const { type, sdp = '' } = await make();
    await pc.setLocalDescription({ type, sdp });
    if (type === 'offer' || type === 'answer') put({ type, payload: { type, sdp } });
  };
  const sender = setInterval(() => {
    if (channel.readyState === 'open') channel.send(String(Date.now()));
  }, 16);
  channel.onmessage = ({ data }) => {
    received += 1;
    newestSentAt = Math.max(newestSentAt, Number(data));
  };
  pc.oniceconnectionstatechange = () => iceStates.push(pc.iceConnectionState);
  pc.onicecandidate = ({ candidate }) => {
    if (candidate !== null) put({ type: 'ice-candidate', payload: candidate.toJSON() });
  };
  const remoteCandidate = async (): Promise<{ candidateType?: string; address?: string } | undefined> => {
    const stats = new Map([...(await pc.getStats())]);
    const reports = [...stats.values()];
    const transport = reports.find(({ type }) => type === 'transport');
    return stats.get(stats.get(transport?.selectedCandidatePairId)?.remoteCandidateId);
  };
  globalThis.barePeer = {
    offer: (iceRestart) => describe(() => pc.createOffer({ iceRestart })),
    take: async () => {
      if (outbox.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return outbox.shift() ?? null;
    },
    give: async ({ payload }) => {
      if (!('sdp' in payload)) await pc.addIceCandidate(payload);
      else if (payload.type === 'answer') await pc.setRemoteDescription({ type: 'answer', sdp: payload.sdp });
      else {
        await pc.setRemoteDescription({ type: 'offer', sdp: payload.sdp });
        await describe(() => pc.createAnswer());
      }
    },
    look: async () => {
      const remote = await remoteCandidate();
      return {
        iceState: pc.iceConnectionState,
        iceStates,
        received,
        newestSentAt,
        remoteCandidateType: remote?.candidateType ?? null,
        remoteAddress: remote?.address ?? null,
      };
    },
    close: () => {
      clearInterval(sender);
      pc.close();
      put(null);
    },
  };
}
