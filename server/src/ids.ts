/** A game's or player's id as its page gave it: the type is kept, so `0` stays a number and `"0"` a string. */
export type Id = string | number;

/** Two ids that read alike are one id: a page may say `"1"` where another says `1`. */
export const keyOf = (id: Id): string => String(id);

/** Whether both are the id of one game, or of one player. */
export const isSame = (one: Id, other: Id): boolean => keyOf(one) === keyOf(other);

const INTEGER = /^-?\d+$/;

/**
 * Upstream's relay looks an id up as given, as a string, as an integer. The first two share a key here; the third
 * differs for an integer that is written unusually (`"01"`).
 */
export function keysFor(id: Id): string[] {
  const text = keyOf(id);
  return INTEGER.test(text) ? [text, keyOf(Number(text))] : [text];
}
