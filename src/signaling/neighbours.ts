import type { PlayerId } from '../../machines';
import { isSame } from './wire';

/** A manager as the others on its socket know it. */
export interface Neighbour {
  readonly socket: object;
  readonly gameId: PlayerId;
  readonly myPlayerId: PlayerId;
  readonly state: string;
}

/** The managers on each socket. An offer is meant for one of them, and only `connectToPeer` tells which. */
const bySocket = new WeakMap<object, Set<Neighbour>>();

/** From its construction on, until it is closed. */
export const register = (one: Neighbour) =>
  void bySocket.set(one.socket, (bySocket.get(one.socket) ?? new Set()).add(one));

export const unregister = (one: Neighbour) => void bySocket.get(one.socket)?.delete(one);

/** Whether an offer can only be for this one: its player has no other in this game on this socket. One whose state is `closed` takes no offer. */
export const isAlone = (one: Neighbour): boolean =>
  ![...(bySocket.get(one.socket) ?? [])].some(
    (each) =>
      each !== one &&
      each.state !== 'closed' &&
      isSame(each.gameId, one.gameId) &&
      isSame(each.myPlayerId, one.myPlayerId),
  );
