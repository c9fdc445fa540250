/** A payload nested deeper than this is refused, because encoders further down recurse. */
const MAX_DEPTH = 32;

/**
 * Approximate size of `value` on the wire in bytes, or `Infinity` if it exceeds `limit` or is nested too deeply. Stops as soon as
 * the answer is known.
 */
function measure(value: unknown, limit: number, depth = 0): number {
  if (typeof value === 'string') return within(Buffer.byteLength(value) + 2, limit);
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return within(value.byteLength, limit);
  if (depth >= MAX_DEPTH) return Infinity;
  return Array.isArray(value) ? measureArray(value, limit, depth) : measureObject(value, limit, depth);
}

// Builds no list of keys or entries: for a hundred thousand members that would cost more than everything else.
function measureArray(values: readonly unknown[], limit: number, depth: number): number {
  let total = 2;
  for (const member of values) {
    total += 1 + measure(member, limit - total, depth + 1);
    if (total > limit) return Infinity;
  }
  return total;
}

function measureObject(value: object, limit: number, depth: number): number {
  let total = 2;
  for (const key in value) {
    total += Buffer.byteLength(key) + 4 + measure(Reflect.get(value, key), limit - total, depth + 1);
    if (total > limit) return Infinity;
  }
  return total;
}

const within = (bytes: number, limit: number): number => (bytes > limit ? Infinity : bytes);

export const fits =
  (limit: number) =>
  (value: unknown): boolean =>
    measure(value, limit) <= limit;
