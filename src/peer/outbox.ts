import type { Delivery } from '../signaling/transport';
import { type Description, type HoldfastMember, isFirefox, ufragOf } from '../signaling/wire';

export interface OutboxOptions {
  /** @returns the `holdfast` member to send with a description. */
  member(): HoldfastMember;
  send(type: string, payload: unknown): Promise<Delivery>;
}

/** What signaling refused of the newest local description: the description itself, or candidates sent after it. */
interface Unsent {
  isRefused: boolean;
  /** The ufrag of the offer that the description answers; undefined if it is an offer. */
  readonly answers: string | undefined;
  readonly candidates: RTCIceCandidateInit[];
}

const emptyUnsent = (answers?: string): Unsent => ({ isRefused: false, answers, candidates: [] });

/** More than any browser gathers for one generation. */
export const MAX_CANDIDATES_PER_GENERATION = 256;

/** Sends the descriptions and candidates of one connection. While signaling is down, it keeps only the newest generation. */
export class Outbox {
  /** The ufrag of the last description that was sent. */
  ufrag: string | undefined;
  /** What to send again when signaling is back. */
  unsent = emptyUnsent();
  readonly #options: OutboxOptions;
  /** Our DTLS role; `actpass` until it is negotiated. */
  #dtlsRole = 'actpass';
  #isPeerFirefox = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Sends a description. `answers`: the ufrag of the answered offer; omit it for an offer. */
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

  /** Learns from a description of the peer. If it is `active`, our DTLS role is passive; if it is `passive`, our own answer says `active`. */
  learn({ sdp }: Description): void {
    this.#isPeerFirefox = isFirefox(sdp);
    if (dtlsRoleOf(sdp) === 'active') this.#dtlsRole = 'passive';
  }

  /** Forgets what signaling refused. */
  discard(): void {
    this.unsent = emptyUnsent();
  }

  /**
   * Puts the negotiated DTLS role into later offers to Firefox. A passive Firefox answers `actpass` with `active`, which Chromium refuses
   * (docs/discoveries/dtls-role-on-restart.md). Only for Firefox, because aiortc rejects an offer with a role.
   */
  #withDtlsRole(sdp: string): string {
    this.#dtlsRole = dtlsRoleOf(sdp) ?? this.#dtlsRole;
    if (!this.#isPeerFirefox) return sdp;
    return sdp.replace('a=setup:actpass', `a=setup:${this.#dtlsRole}`);
  }
}

const dtlsRoleOf = (sdp: string) => /^a=setup:(active|passive)/m.exec(sdp)?.[1];
