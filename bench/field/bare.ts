import { type Connection, connect, type Signal } from './perfect-negotiation';
import { openSignaling } from './signaling';
import type { Subject } from './subject';

/** Delay before the connection of a closed channel is recreated. */
const AGAIN_MS = 1_000;

/** Perfect negotiation. In addition the initiator creates a new connection when the channel has closed or the other player has joined again. */
export const bare: Subject = async (party, listener) => {
  const isBeginning = party.me === 'a';
  let connection: Connection | undefined;
  const create = () => {
    connection?.close();
    const made = connect(party, listener, say, () => {
      if (made !== connection) return;
      listener.troubled();
      setTimeout(() => made === connection && giveUp(), AGAIN_MS);
    });
    connection = made;
  };
  const giveUp = () => (isBeginning ? create() : say({ isClosed: true }));
  const take = (signal: Signal) => {
    if (signal.isClosed || (signal.isFirst && !isBeginning)) create();
    connection?.take(signal);
  };
  const say = await openSignaling(
    party,
    (signal) => take(Object(signal)),
    () => isBeginning && create(),
  );
  if (isBeginning) create();
  return (data) => connection?.send(data);
};
