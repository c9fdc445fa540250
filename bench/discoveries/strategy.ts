const KINDS = ['fresh', 'relay', 'restart', 'hold', 'keep'] as const;
type Kind = (typeof KINDS)[number];

/** What a peer does, from suspicion on, until fresh data comes. */
export interface Part {
  /**
   * `fresh`: a new peer connection, the race before it closed, the old link kept. `restart`: an ICE restart through
   * signaling. `hold`: a local restart offer, rolled back at once and never sent. `keep`: the same, rolled back
   * only before the next one. `relay`: as `fresh`, with relay candidates alone on both ends.
   */
  readonly kind: Kind;
  readonly sides: 'a' | 'b' | 'ab';
  readonly periodMs: number;
  readonly delayMs: number;
  /** How many races run beside the old link; the oldest is closed for the newest. */
  readonly races: number;
}

const PART = /^([a-z]+)(\d)?(?:-(ab|a|b))?-([\d.]+)$/;

/**
 * `fresh-2+hold-ab-5` is a fresh connection each 2 s by A, and a hold on both ends each 5 s; `fresh3-0.5` keeps three
 * races alive at a time; `none` does nothing.
 */
export function parseStrategy(text: string): readonly Part[] {
  if (text === 'none') return [];
  return text.split('+').map((word, index) => {
    const [, name, races = '1', sides, seconds] = PART.exec(word) ?? [];
    const kind = KINDS.find((known) => known === name);
    if (kind === undefined) throw new Error(`unknown strategy: ${word}`);
    const periodMs = Number(seconds) * 1000;
    // A second part works half a period beside the first, so that the two do not start together.
    return {
      kind,
      sides: sides === 'b' || sides === 'ab' ? sides : 'a',
      periodMs,
      delayMs: index * (periodMs / 2),
      races: Number(races),
    };
  });
}
