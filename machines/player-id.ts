/** A player's id as games use it. `1` on one end and `'1'` on the other name the same player. */
export type PlayerId = string | number;

const WHOLE_NUMBER = /^(0|[1-9]\d*)$/;

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Compares player ids in a total order that is the same on both ends, whatever their locale and whether an id is a number or a string.
 *
 * Ids are compared as strings: whole numbers come first, by value; the rest follow by code unit. So `9 < 10 < '1e3'`, and two different
 * strings are never equal (upstream treats `'1e3'` and `'1000'` as equal, so neither end offers).
 *
 * @returns a negative number if `a` comes first, a positive one if `b` does, 0 if they name the same player.
 */
export function comparePlayerIds(a: PlayerId, b: PlayerId): number {
  const [x, y] = [String(a), String(b)];
  const [isXNumber, isYNumber] = [WHOLE_NUMBER.test(x), WHOLE_NUMBER.test(y)];
  if (isXNumber !== isYNumber) return isXNumber ? -1 : 1;
  return (isXNumber ? x.length - y.length : 0) || compareText(x, y);
}

/** A player's role in the pair: the lower id (`offerer`) offers first, the higher id (`answerer`) yields in a glare (both offer at once). */
export type Role = 'offerer' | 'answerer';

/** @returns the role of `me` in the pair with `other`, or null if both are the same player. */
export function roleOf(me: PlayerId, other: PlayerId): Role | null {
  const order = comparePlayerIds(me, other);
  return order === 0 ? null : order < 0 ? 'offerer' : 'answerer';
}

/** Whether a value is a valid player id: a finite number, or a string of 1 to 256 characters. */
export function isPlayerId(value: unknown): value is PlayerId {
  return typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value === 'string' && value !== '' && value.length <= 256;
}
