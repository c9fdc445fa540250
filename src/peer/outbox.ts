import type { Delivery } from '../signaling/transport';
import { type Description, type HoldfastMember, ufragOf } from '../signaling/wire';

export interface OutboxOptions {
  /** Beside every description. */
  member(): HoldfastMember;
  send(type: string, payload: unknown): Promise<Delivery>;
}

/** Of the newest local description, what signaling refused: itself, and candidates that came after it. */
interface Unsent {
  isRefused: boolean;
  /** Of an answer: the ufrag of the offer that it answers. */
  readonly answers: string | undefined;
  readonly candidates: RTCIceCandidateInit[];
}

const nothingUnsent = (answers?: string): Unsent => ({ isRefused: false, answers, candidates: [] });

/** Above what any browser gathers for one generation. */
export const MAX_CANDIDATES_PER_GENERATION = 256;

/** What one connection says of itself: while signaling is away the newest generation is kept, and no other. */
export class Outbox {
  /** Of the newest description that was sent. */
  ufrag: string | undefined;
  /** What is to be sent again when signaling is back. */
  unsent = nothingUnsent();
  readonly #options: OutboxOptions;
  /** Ours, open until it was negotiated. */
  #dtlsRole = 'actpass';

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** `answers`: the ufrag of the offer that it answers; an offer has none. */
  async sendDescription(sdp = '', answers?: string): Promise<Delivery> {
    const type = answers ? 'answer' : 'offer';
    this.ufrag = ufragOf(sdp);
    const unsent = nothingUnsent(answers);
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

  /** The DTLS role of theirs: who is active leaves us passive. Where theirs is passive, our own answer says so. */
  heed({ sdp }: Description): void {
    if (dtlsRoleOf(sdp) === 'active') this.#dtlsRole = 'passive';
  }

  /** What was refused is not sent any more. */
  rest(): void {
    this.unsent = nothingUnsent();
  }

  /**
   * A later offer names the DTLS role that was negotiated: to `actpass` a passive Firefox answers `active`, which Chromium refuses
   * (docs/discoveries/dtls-role-on-restart.md).
   */
  #withDtlsRole(sdp: string): string {
    this.#dtlsRole = dtlsRoleOf(sdp) ?? this.#dtlsRole;
    return sdp.replace('a=setup:actpass', `a=setup:${this.#dtlsRole}`);
  }
}

const dtlsRoleOf = (sdp: string) => /^a=setup:(active|passive)/m.exec(sdp)?.[1];
