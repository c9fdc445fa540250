import { type Connection, connect, type Signal } from './perfect-negotiation';
import { openSignaling } from './signaling';
import type { Subject } from './subject';

/** How soon a closed channel is given up, and its connection made anew. */
const AGAIN_MS = 1_000;

/** Perfect negotiation, and: who began makes a connection anew whose channel closed, and where a player has joined again. */
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
