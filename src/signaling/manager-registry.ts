import type { PlayerId } from '../../machines';
import { isSameId } from './wire';

/** A manager as the others on its socket know it. */
export interface RegisteredManager {
  readonly socket: object;
  readonly gameId: PlayerId;
  readonly myPlayerId: PlayerId;
  readonly targetPeerId: PlayerId | null;
  readonly state: string;
}

/** The managers on each socket. An offer is meant for one of them, and only `connectToPeer` tells which. */
const managersBySocket = new WeakMap<object, Set<RegisteredManager>>();

/** From its construction on, until it is closed. */
export const register = (manager: RegisteredManager) =>
  void managersBySocket.set(manager.socket, (managersBySocket.get(manager.socket) ?? new Set()).add(manager));

export const unregister = (manager: RegisteredManager) =>
  void managersBySocket.get(manager.socket)?.delete(manager);

/** The others of its player, in this game on this socket. One whose state is `closed` takes no offer. */
const othersOf = (manager: RegisteredManager) =>
  [...(managersBySocket.get(manager.socket) ?? [])].filter(
    (other) =>
      other !== manager &&
      other.state !== 'closed' &&
      isSameId(other.gameId, manager.gameId) &&
      isSameId(other.myPlayerId, manager.myPlayerId),
  );

/** Whether an offer can only be for this one. */
export const isOnlyManager = (manager: RegisteredManager): boolean => othersOf(manager).length === 0;

/** Whether another leads to that player, too. Nothing in a signal says which of them it is for, so that neither keeps its link. */
export const hasDuplicate = (manager: RegisteredManager, peer: PlayerId): boolean =>
  othersOf(manager).some(({ targetPeerId }) => isSameId(targetPeerId, peer));
