import type { Delivery } from '../signaling/transport';
import { type Description, type HoldfastMember, isFirefox, ufragOf } from '../signaling/wire';

export interface OutboxOptions {
  /** The `holdfast` member that goes out beside each description. */
  member(): HoldfastMember;
  send(type: string, payload: unknown): Promise<Delivery>;
}

/** What signaling refused of the newest local description: itself, or candidates that came after it. */
interface Unsent {
  isRefused: boolean;
  /** The ufrag of the offer that it answers; undefined where it is an offer. */
  readonly answers: string | undefined;
  readonly candidates: RTCIceCandidateInit[];
}

const emptyUnsent = (answers?: string): Unsent => ({ isRefused: false, answers, candidates: [] });

/** Above what any browser gathers for one generation. */
export const MAX_CANDIDATES_PER_GENERATION = 256;

/** Sends the descriptions and candidates of one connection. While signaling is away, the newest generation is kept, and no other. */
export class Outbox {
  /** The ufrag of the newest description that was sent. */
  ufrag: string | undefined;
  /** What is to be sent again when signaling is back. */
  unsent = emptyUnsent();
  readonly #options: OutboxOptions;
  /** Our DTLS role; `actpass` until it was negotiated. */
  #dtlsRole = 'actpass';
  #isPeerFirefox = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** `answers`: the ufrag of the offer that it answers; an offer has none. */
  async sendDescription(sdp = '', answers?: string): Promise<Delivery> {
    const type = answers ? 'answer' : 'offer';
    this.ufrag = ufragOf(sdp);
    const unsent = emptyUnsent(answers);
    this.unsent = unsent;
    const delivery = await this.#options.send(type, {
      type,
      sdp: this.#withDtlsRole(sdp),
      holdfast: { ...this.#options.member(), ...(answers && { answers }) },
    });
    unsent.isRefused = delivery === 'refused';
    return delivery;
  }

  async sendCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    const { candidates } = this.unsent;
    const delivery = await this.#options.send('ice-candidate', candidate);
    if (delivery === 'refused' && candidates.length < MAX_CANDIDATES_PER_GENERATION)
      candidates.push(candidate);
  }

  /** Learns our DTLS role from a description of the peer: where it is active, we are passive. Where it is passive, our own answer says that we are active. */
  learnDtlsRole({ sdp }: Description): void {
    this.#isPeerFirefox = isFirefox(sdp);
    if (dtlsRoleOf(sdp) === 'active') this.#dtlsRole = 'passive';
  }

  /** Forgets what was refused. */
  discardUnsent(): void {
    this.unsent = emptyUnsent();
  }

  /**
   * Puts the negotiated DTLS role into a later offer to a Firefox: a passive one answers `active` to `actpass`, which Chromium refuses
   * (docs/discoveries/dtls-role-on-restart.md). To a Firefox alone: aiortc takes no offer that names a role.
   */
  #withDtlsRole(sdp: string): string {
    this.#dtlsRole = dtlsRoleOf(sdp) ?? this.#dtlsRole;
    if (!this.#isPeerFirefox) return sdp;
    return sdp.replace('a=setup:actpass', `a=setup:${this.#dtlsRole}`);
  }
}

const dtlsRoleOf = (sdp: string) => /^a=setup:(active|passive)/m.exec(sdp)?.[1];
