import type { PlayerId } from '../../machines';
import { isSame } from './wire';

/** A manager as the others on its socket know it. */
export interface Neighbour {
  readonly socket: object;
  readonly gameId: PlayerId;
  readonly myPlayerId: PlayerId;
  readonly targetPeerId: PlayerId | null;
  readonly state: string;
}

/** The managers on each socket. An offer is meant for one of them, and only `connectToPeer` tells which. */
const bySocket = new WeakMap<object, Set<Neighbour>>();

/** From its construction on, until it is closed. */
export const register = (one: Neighbour) =>
  void bySocket.set(one.socket, (bySocket.get(one.socket) ?? new Set()).add(one));

export const unregister = (one: Neighbour) => void bySocket.get(one.socket)?.delete(one);

/** The others of its player, in this game on this socket. One whose state is `closed` takes no offer. */
const othersOf = (one: Neighbour) =>
  [...(bySocket.get(one.socket) ?? [])].filter(
    (each) =>
      each !== one &&
      each.state !== 'closed' &&
      isSame(each.gameId, one.gameId) &&
      isSame(each.myPlayerId, one.myPlayerId),
  );

/** Whether an offer can only be for this one. */
export const isAlone = (one: Neighbour): boolean => othersOf(one).length === 0;

/** Whether another leads to that player, too. Nothing in a signal says which of them it is for, so that neither keeps its link. */
export const isRivalled = (one: Neighbour, peer: PlayerId): boolean =>
  othersOf(one).some(({ targetPeerId }) => isSame(targetPeerId, peer));
