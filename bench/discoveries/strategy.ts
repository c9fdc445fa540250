const KINDS = ['fresh', 'relay', 'restart', 'hold', 'keep'] as const;
type Kind = (typeof KINDS)[number];

/** What a peer does from suspicion on until fresh data arrives. */
export interface Part {
  /**
   * `fresh`: a new peer connection; the previous race is closed, the old link kept. `restart`: an ICE restart through
   * signaling. `hold`: a local restart offer, rolled back at once and never sent. `keep`: the same, rolled back
   * only before the next one. `relay`: like `fresh`, but with relay candidates only on both ends.
   */
  readonly kind: Kind;
  readonly sides: 'a' | 'b' | 'ab';
  readonly periodMs: number;
  readonly delayMs: number;
  /** How many races run besides the old link; a new one replaces the oldest. */
  readonly races: number;
}

const PART = /^([a-z]+)(\d)?(?:-(ab|a|b))?-([\d.]+)$/;

/**
 * `fresh-2+hold-ab-5` means a fresh connection by A every 2 s, and a hold on both ends every 5 s; `fresh3-0.5` keeps three
 * races alive at a time; `none` does nothing.
 */
export function parseStrategy(text: string): readonly Part[] {
  if (text === 'none') return [];
  return text.split('+').map((word, index) => {
    const [, name, races = '1', sides, seconds] = PART.exec(word) ?? [];
    const kind = KINDS.find((known) => known === name);
    if (kind === undefined) throw new Error(`unknown strategy: ${word}`);
    const periodMs = Number(seconds) * 1000;
    // A second part is offset by half a period, so that the two do not start together.
    return {
      kind,
      sides: sides === 'b' || sides === 'ab' ? sides : 'a',
      periodMs,
      delayMs: index * (periodMs / 2),
      races: Number(races),
    };
  });
}
