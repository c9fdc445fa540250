import fc from 'fast-check';

/** `npm run test:fuzz` searches longer, by this factor. */
const SCALE = Number(process.env.FUZZ_SCALE ?? 1);
/** The quick run is the same each time, so that its result does not vary; the long run takes another seed each time and prints it. */
const SEED = Number(process.env.FUZZ_SEED ?? (SCALE > 1 ? Date.now() % 2 ** 31 : 1));

/** Parameters of one property, by the number of its cases in the quick run. */
export const budget = (cases: number): { numRuns: number; seed: number; endOnFailure: boolean } => ({
  numRuns: cases * SCALE,
  seed: SEED,
  // A failure is shrunk, although that replays whole worlds.
  endOnFailure: false,
});

/** Prints what was searched, in the words of the property. */
export function report(what: string, counts: Readonly<Record<string, number>>): void {
  const text = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  console.log(`fuzz: ${what}: ${text.join(', ')}; seed ${SEED}`);
}

export { fc };
