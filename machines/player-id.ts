/** A player's id as games use it: two ends may hold `1` and `'1'` for the same player. */
export type PlayerId = string | number;

const WHOLE_NUMBER = /^(0|[1-9]\d*)$/;

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Total order of player ids, the same on both ends whatever their locale or id type.
 *
 * Ids are compared as strings: whole numbers by value and before everything else, the rest by code unit. So `9 < 10 < '1e3'`,
 * and no two different strings are ever equal (upstream's order left `'1e3'` and `'1000'` without an initiator).
 */
export function comparePlayerIds(a: PlayerId, b: PlayerId): number {
  const [x, y] = [String(a), String(b)];
  const [isXNumber, isYNumber] = [WHOLE_NUMBER.test(x), WHOLE_NUMBER.test(y)];
  if (isXNumber !== isYNumber) return isXNumber ? -1 : 1;
  return (isXNumber ? x.length - y.length : 0) || compareText(x, y);
}

/** The part that an id gives its player in this pair: the lower id offers first, the higher one yields in a glare. */
export type Role = 'offerer' | 'answerer';

/** @returns the role of `me` towards `other`, or null when both are the same player. */
export function roleOf(me: PlayerId, other: PlayerId): Role | null {
  const order = comparePlayerIds(me, other);
  return order === 0 ? null : order < 0 ? 'offerer' : 'answerer';
}

/** True for what may name a player: any number but NaN and the infinities, any string of at most 256 characters but the empty one. */
export function isPlayerId(value: unknown): value is PlayerId {
  return typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value === 'string' && value !== '' && value.length <= 256;
}
