import type { Arrival, Look } from '../bare-end';
import {
  ENDS,
  isOpen,
  type Laboratory,
  negotiate,
  type Pair,
  type PairOptions,
  readUntil,
  untilBoth,
} from '../laboratory';

const GAME = { label: 'game', ordered: false, maxRetransmits: 0 } as const;
/** A message this old is useless to a game. */
const STALE_MS = 500;
/** Enough for what a browser reports within a moment, even on a busy machine. */
const MOMENT_MS = 3_000;

/** A pair whose first end has the game channel; nobody has offered yet. */
export async function unborn(laboratory: Laboratory, options?: PairOptions): Promise<Pair> {
  const pair = await laboratory.open(options);
  await pair.do(0, 'openChannel', GAME);
  return pair;
}

export async function connected(laboratory: Laboratory, options?: PairOptions): Promise<Pair> {
  const pair = await unborn(laboratory, options);
  await negotiate(pair);
  await untilBoth(pair, isOpen());
  return pair;
}

/** The time from which something is observed: what was shown at this very moment counts as earlier. */
export async function mark(pair: Pair): Promise<number> {
  await pair.tick();
  return pair.nowMs();
}

export const lookAtBoth = (pair: Pair): Promise<Look[]> =>
  Promise.all(ENDS.map((end) => pair.do(end, 'look')));

/** The looks once the game channels are closed, which a browser reports a moment after the connection has failed, or never. */
export async function lookAfterFailed(pair: Pair): Promise<Look[]> {
  const saidUntilMs = pair.nowMs() + MOMENT_MS;
  let looks = await lookAtBoth(pair);
  while (looks.some(({ channels }) => channels.game !== 'closed') && pair.nowMs() < saidUntilMs) {
    await pair.tick();
    looks = await lookAtBoth(pair);
  }
  return looks;
}

/** How long it took until the state was first shown, at each end; null if it was not. */
export const timesOf = (looks: readonly Look[], what: string, state: string, sinceMs: number) =>
  looks.map(({ history }) => {
    const sight = history.find((each) => each.what === what && each.state === state && each.atMs >= sinceMs);
    return sight ? sight.atMs - sinceMs : null;
  });

/** The states shown since then, in order. */
export const statesSince = ({ history }: Look, what: string, sinceMs: number): string[] =>
  history.filter((sight) => sight.what === what && sight.atMs >= sinceMs).map(({ state }) => state);

/**
 * How many messages came too late to be useful, counted once one that was sent after `sinceMs` has arrived. The SCTP of a browser holds
 * queued messages back for its back-off, at worst until 3.5 s after the path is whole again, and sends them in order.
 */
export async function staleUntil(pair: Pair, label: string, sinceMs: number): Promise<number> {
  const isFresh = ({ atMs, ageMs }: Arrival) => atMs - ageMs > sinceMs;
  const arrivals = await readUntil(
    pair,
    async () => (await pair.do(1, 'arrivals')).filter((arrival) => arrival.label === label),
    (seen) => seen.some(isFresh),
  );
  return arrivals.filter((arrival) => !isFresh(arrival) && arrival.ageMs > STALE_MS).length;
}

/** What both ends report if they agree, otherwise what each of them reports. */
export const agreed = <Value>([one, other]: readonly Value[]): Value | undefined | Value[] =>
  JSON.stringify(one) === JSON.stringify(other) ? one : [one, other].filter((each) => each !== undefined);
