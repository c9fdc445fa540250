import { type Candidate, SignalError } from '../signaling/wire';

/** How many generations are kept whose description is still to come, and how many candidates of each; a browser gathers 2 to 30. */
const MAX_GENERATIONS = 4;
const MAX_PER_GENERATION = 64;

/** Candidates that came before the description of their generation. The oldest generation yields to the newest. */
export class HeldCandidates {
  readonly #held = new Map<string, Candidate[]>();

  /** @throws SignalError where its generation has too many already. */
  add(ufrag: string, candidate: Candidate): void {
    const held = this.#held.get(ufrag) ?? [];
    if (held.length >= MAX_PER_GENERATION) throw new SignalError('too-many', 'ice-candidate');
    held.push(candidate);
    this.#held.set(ufrag, held);
    for (const oldest of [...this.#held.keys()].slice(0, -MAX_GENERATIONS)) this.#held.delete(oldest);
  }

  /** Hands the candidates of a generation over, and forgets them. */
  take(ufrag: string): Candidate[] {
    const held = this.#held.get(ufrag) ?? [];
    this.#held.delete(ufrag);
    return held;
  }
}
