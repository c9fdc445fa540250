/** Groups values by key, in order. */
export function groupBy<Value>(
  values: Iterable<Value>,
  keyOf: (value: Value) => string,
): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

/** The last value that passes; null if none does. */
export function lastWhere<Value>(values: readonly Value[], passes: (value: Value) => boolean): Value | null {
  for (let index = values.length - 1; index >= 0; index--) {
    const value = values[index];
    if (value !== undefined && passes(value)) return value;
  }
  return null;
}
