export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** Interleaved samples of the same work, with the library and with the bare browser API. */
export interface Samples {
  readonly holdfast: readonly number[];
  readonly bare: readonly number[];
}

export interface Printed {
  readonly what: string;
  readonly unit: string;
  readonly goal: number;
  /** The samples of each browser. */
  readonly each: readonly Samples[];
}

/** Prints both medians over all browsers, their ratio, the goal, and the ratio in each browser. */
export function printComparison({ what, unit, goal, each }: Printed): void {
  const all = {
    holdfast: each.flatMap(({ holdfast }) => holdfast),
    bare: each.flatMap(({ bare }) => bare),
  };
  const ratio = ratioOf(all);
  const verdict = ratio <= goal ? 'reached' : 'MISSED';
  console.log(`${what}, median of ${all.holdfast.length}, interleaved`);
  console.log(`  holdfast ${spread(all.holdfast, median(all.holdfast), unit)}`);
  console.log(`  bare     ${spread(all.bare, median(all.bare), unit)}`);
  console.log(`  ratio    ${ratio.toFixed(3)} (goal ${goal}: ${verdict})`);
  console.log(
    `  in each of ${each.length} browsers: ${each.map((one) => ratioOf(one).toFixed(2)).join(' ')}`,
  );
}

const ratioOf = ({ holdfast, bare }: Samples) => median(holdfast) / median(bare);

function spread(values: readonly number[], middle: number, unit: string): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${middle.toFixed(2)} ${unit} (${least.toFixed(2)}–${most.toFixed(2)})`;
}

/** The value below which the share `q` of the values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}
