/** The id of a game or player as the page gave it. The type is kept: `0` stays a number and `"0"` a string. */
export type Id = string | number;

/** Ids that read the same are equal: one page may send `"1"` and another `1`. */
export const keyOf = (id: Id): string => String(id);

export const isSame = (one: Id, other: Id): boolean => keyOf(one) === keyOf(other);

const INTEGER = /^-?\d+$/;

/**
 * Upstream's relay looks an id up as given, as a string and as an integer. Here the first two have the same key. The third
 * differs only for an integer in unusual notation (`"01"`).
 */
export function lookupKeys(id: Id): string[] {
  const text = keyOf(id);
  return INTEGER.test(text) ? [text, keyOf(Number(text))] : [text];
}
