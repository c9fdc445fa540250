export type PlayerId = '1' | '2';

/** What proves to the relay that a seat is ours. Stored for the next page. */
export interface StoredSeat {
  readonly token: string;
  /** Our last seat. */
  readonly seat: PlayerId | null;
  /** Our page was closed, so the next tab may take the seat. */
  readonly isLeft?: boolean;
}

/** Newest first. The relay has long forgotten older ones. */
const MAX_RELEASED_SEATS = 8;
const LEFT_BEHIND = 'duel:left-behind';
const ownKey = (gameId: string) => `duel:seat:${gameId}`;

/** Loads our own seat from before a reload, unless another tab has taken it; otherwise that of a closed tab of this browser; otherwise a new one. */
export function loadSeat(gameId: string): StoredSeat {
  const own = read(() => sessionStorage, ownKey(gameId));
  const all = releasedSeats();
  const left = all.find(([game]) => game === gameId)?.[1];
  const isOurs = isMemory(own) && (!own.isLeft || all.some(([, { token }]) => token === own.token));
  const { token, seat } = isOurs ? own : (left ?? { token: newToken(), seat: null });
  const memory = { token, seat };
  saveSeat(gameId, memory);
  return memory;
}

/** Marks the seat as ours, so that no other tab takes it. Also needed after a return from the back/forward cache: two tabs with one seat would disconnect each other. */
export function saveSeat(gameId: string, memory: StoredSeat): void {
  writeReleasedSeats(releasedSeats(memory.token));
  keep(gameId, memory);
}

/** If storage is blocked, a reload finds its seat taken; everything else works. */
function keep(gameId: string, memory: StoredSeat): void {
  if (!write(() => sessionStorage, ownKey(gameId), memory))
    console.info('[Duel] No session storage: a reload cannot get this seat back');
}

/**
 * Releases the seat to other tabs when the page goes away, because a closed tab loses its session storage. If the page returns after all, another tab may
 * have the seat.
 */
export function releaseSeat(gameId: string, memory: StoredSeat): void {
  const isLeft = writeReleasedSeats([[gameId, memory], ...releasedSeats(memory.token)]);
  keep(gameId, { ...memory, isLeft });
}

type ReleasedSeat = [gameId: string, memory: StoredSeat];

/** All released seats, except the one with this token. */
function releasedSeats(token?: string): ReleasedSeat[] {
  const left = read(() => localStorage, LEFT_BEHIND);
  if (!Array.isArray(left)) return [];
  return left.filter((each) => Array.isArray(each) && isMemory(each[1]) && each[1].token !== token);
}

const writeReleasedSeats = (left: ReleasedSeat[]) =>
  write(() => localStorage, LEFT_BEHIND, left.slice(0, MAX_RELEASED_SEATS));

const isMemory = (value: unknown): value is StoredSeat =>
  typeof value === 'object' && value !== null && 'token' in value && typeof value.token === 'string';

/** 128 random bits. Pages over plain HTTP have no `crypto.randomUUID`. */
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
