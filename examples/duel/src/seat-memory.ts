export type PlayerId = '1' | '2';

/** What shows the relay that a seat is ours, also to a page that comes after us. */
export interface SeatMemory {
  readonly token: string;
  /** The one that we sat on last. */
  readonly seat: PlayerId | null;
  /** It was left to whichever tab comes first. */
  readonly isLeft?: boolean;
}

/** Newest first; of older ones the relay has long forgotten the seat. */
const MOST_LEFT_BEHIND = 8;
const LEFT_BEHIND = 'duel:left-behind';
const ownKey = (gameId: string) => `duel:seat:${gameId}`;

/** Our own from before a reload, unless another tab has it by now; else that of a tab of this browser that was closed; else a new one. */
export function recallSeat(gameId: string): SeatMemory {
  const own = read(() => sessionStorage, ownKey(gameId));
  const all = leftBehind();
  const left = all.find(([game]) => game === gameId)?.[1];
  const isOurs = isMemory(own) && (!own.isLeft || all.some(([, { token }]) => token === own.token));
  const { token, seat } = isOurs ? own : (left ?? { token: newToken(), seat: null });
  const memory = { token, seat };
  rememberSeat(gameId, memory);
  return memory;
}

/** It is ours, and left to no other tab, also where our page was put away whole and came back: two tabs on one seat would throw each other out. */
export function rememberSeat(gameId: string, memory: SeatMemory): void {
  writeLeftBehind(leftBehind(memory.token));
  keep(gameId, memory);
}

/** Storage may be forbidden; then a reload finds its seat taken, and all else works. */
function keep(gameId: string, memory: SeatMemory): void {
  if (!write(() => sessionStorage, ownKey(gameId), memory))
    console.info('[Duel] No session storage: a reload cannot take this seat again');
}

/** A closed tab takes its session storage with it. One that was not closed may come back, when another tab has the seat. */
export function leaveSeatBehind(gameId: string, memory: SeatMemory): void {
  const isLeft = writeLeftBehind([[gameId, memory], ...leftBehind(memory.token)]);
  keep(gameId, { ...memory, isLeft });
}

type LeftBehind = [gameId: string, memory: SeatMemory];

/** All but the one of this token. */
function leftBehind(token?: string): LeftBehind[] {
  const left = read(() => localStorage, LEFT_BEHIND);
  if (!Array.isArray(left)) return [];
  return left.filter((each) => Array.isArray(each) && isMemory(each[1]) && each[1].token !== token);
}

const writeLeftBehind = (left: LeftBehind[]) =>
  write(() => localStorage, LEFT_BEHIND, left.slice(0, MOST_LEFT_BEHIND));

const isMemory = (value: unknown): value is SeatMemory =>
  typeof value === 'object' && value !== null && 'token' in value && typeof value.token === 'string';

/** 128 random bits; pages that come over plain HTTP have no `randomUUID`. */
const newToken = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');

function read(storage: () => Storage, key: string): unknown {
  try {
    return JSON.parse(storage().getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

function write(storage: () => Storage, key: string, value: unknown): boolean {
  try {
    storage().setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
