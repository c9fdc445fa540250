import type { PlayerId } from '../../machines';
import { isSameId } from './wire';

/** What managers on the same socket need to know of each other. */
export interface RegisteredManager {
  readonly socket: object;
  readonly gameId: PlayerId;
  readonly myPlayerId: PlayerId;
  readonly targetPeerId: PlayerId | null;
  readonly state: string;
}

/** The managers on each socket, from construction to `close()`. An offer does not say which of them it is for; only `connectToPeer` decides that. */
const managersBySocket = new WeakMap<object, Set<RegisteredManager>>();

/** Adds a manager; called when it is constructed. */
export const register = (manager: RegisteredManager) =>
  void managersBySocket.set(manager.socket, (managersBySocket.get(manager.socket) ?? new Set()).add(manager));

export const unregister = (manager: RegisteredManager) =>
  void managersBySocket.get(manager.socket)?.delete(manager);

/** The other managers of the same player, game and socket, except closed ones, which take no offer. */
const othersOf = (manager: RegisteredManager) =>
  [...(managersBySocket.get(manager.socket) ?? [])].filter(
    (other) =>
      other !== manager &&
      other.state !== 'closed' &&
      isSameId(other.gameId, manager.gameId) &&
      isSameId(other.myPlayerId, manager.myPlayerId),
  );

/** Whether no other manager could be meant by an offer. */
export const isOnlyManager = (manager: RegisteredManager): boolean => othersOf(manager).length === 0;

/** Whether another manager is connected to the same peer. Signals do not say which of the two they are for, so neither would keep its link. */
export const hasDuplicate = (manager: RegisteredManager, peer: PlayerId): boolean =>
  othersOf(manager).some(({ targetPeerId }) => isSameId(targetPeerId, peer));
