import { type Candidate, SignalError } from '../signaling/wire';

/** How many generations are held, and how many candidates of each; a browser gathers 2 to 30. */
const MAX_GENERATIONS = 4;
const MAX_PER_GENERATION = 64;

/** Holds candidates that arrived before the description of their generation. If there are too many generations, it drops the oldest. */
export class HeldCandidates {
  readonly #held = new Map<string, Candidate[]>();

  /** @throws SignalError if the generation already has too many. */
  add(ufrag: string, candidate: Candidate): void {
    const held = this.#held.get(ufrag) ?? [];
    if (held.length >= MAX_PER_GENERATION) throw new SignalError('too-many', 'ice-candidate');
    held.push(candidate);
    this.#held.set(ufrag, held);
    for (const oldest of [...this.#held.keys()].slice(0, -MAX_GENERATIONS)) this.#held.delete(oldest);
  }

  /** Returns and removes the candidates of a generation. */
  take(ufrag: string): Candidate[] {
    const held = this.#held.get(ufrag) ?? [];
    this.#held.delete(ufrag);
    return held;
  }
}
