import type { HoldfastPlayer } from './holdfast-player';
import type { Note } from './notes';

/** A promise that a world broke. */
export class Violation extends Error {
  override readonly name = 'Violation';
  constructor(
    readonly promise: string,
    what: string,
  ) {
    super(`${promise}: ${what}`);
  }
}

/** What a promise says of a player's record: what is wrong with it, or null. */
type Promised = (player: HoldfastPlayer) => string | null;

/** Promises by name. */
export type Promises = Readonly<Record<string, Promised>>;

/** The numbers of the requests that were accepted, so that each counts from the moment when the game asked. */
const acceptedAsks = (notes: readonly Note[]) =>
  new Set(notes.flatMap((note) => (note.name === 'answer' && note.isAccepted ? [note.number] : [])));

/** What a game may believe after the announcements so far. */
interface Belief {
  isOpen: boolean;
  isLost: boolean;
  isOver: boolean;
  isReopened: boolean;
  isOwed: boolean;
  isEnded: boolean;
  wrong: string | null;
}

const ANNOUNCED = ['open', 'lost', 'restored', 'close', 'failed', 'closed'];

const wrongOf = ({ isOpen, isLost, isOver, isReopened, isOwed, isEnded }: Belief, { name }: Note) => {
  if (isEnded && ANNOUNCED.includes(name)) return `${name} after the end`;
  if (name === 'open' && isOpen) return 'open twice';
  if (name === 'close' && !isOpen) return 'close of what was not open';
  if (name === 'lost' && (!isOpen || isLost || isOver)) return 'lost out of turn';
  if (name === 'restored' && !(isLost || isOwed || isReopened)) return 'restored without a loss';
  if (name === 'restored' && !isOpen) return 'restored without a link';
  if (name === 'failed' && isOver && !isOwed) return 'failed twice in one outage';
  if (name === 'failed' && isOpen) return 'failed before close';
  return null;
};

function told(belief: Belief, note: Note, accepted: ReadonlySet<number>): Belief {
  const next = { ...belief, wrong: belief.wrong ?? wrongOf(belief, note) };
  switch (note.name) {
    case 'open':
      return { ...next, isOpen: true, isReopened: next.isOver, isOver: false };
    case 'close':
      return { ...next, isOpen: false };
    case 'lost':
      return { ...next, isLost: true };
    case 'restored':
      return { ...next, isLost: false, isOwed: false, isReopened: false };
    case 'failed':
      return { ...next, isLost: false, isOwed: false, isReopened: false, isOver: true };
    case 'closed':
    case 'close()':
      return { ...next, isEnded: true, isLost: false };
    case 'ask':
      return { ...next, isOwed: next.isOwed || accepted.has(note.number) };
    default:
      return next;
  }
}

const INNOCENT: Belief = {
  isOpen: false,
  isLost: false,
  isOver: false,
  isReopened: false,
  isOwed: false,
  isEnded: false,
  wrong: null,
};

const beliefOf = ({ notes }: HoldfastPlayer): Belief => {
  const accepted = acceptedAsks(notes);
  return notes.reduce((belief, note) => told(belief, note, accepted), INNOCENT);
};

/**
 * *Lost* and *restored* are strictly paired, *open* and *close* too; each outage has at most one *failed*, with *close* before it, and
 * nothing follows the end; *restored* comes only after *lost*, after a request of the game, or out of *failed*.
 */
const announcementsArePaired: Promised = (player) => beliefOf(player).wrong;

/** At rest nobody waits for an answer: every *lost* and every accepted request was followed by *restored* or *failed*. */
export const everyOutageIsAnswered: Promised = (player) => {
  const { isLost, isOwed, isEnded, isReopened } = beliefOf(player);
  if (isEnded) return null;
  return isLost || isOwed || isReopened ? JSON.stringify({ isLost, isOwed, isReopened }) : null;
};

/** Attempts never exceed their maximum, and are given back only after a stable period, by an outage that healed by itself, or out of *failed*. */
const attemptsAreBounded: Promised = ({ notes }) => {
  for (const note of notes) {
    if (note.name !== 'attempts') continue;
    const { from, to, max, on, isStable } = note;
    if (to > max) return `${to} of ${max}`;
    const isFresh = on === 'connect' || on === 'restart' || on.startsWith('remote.');
    const isEarned = on.startsWith('xstate.after.stable') && isStable;
    if (to < from && !isEarned && !isFresh && on !== 'life.back') return `given back by ${on}`;
    if (to > from + 1) return `${from} and then ${to}`;
  }
  return null;
};

/** Far above what a context holds today (0.9 kB): a context that grows with time or traffic exceeds it. */
const MAX_CONTEXT_CHARS = 2_000;

const isPlain = (value: object) => Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;

const isJson = (value: unknown): boolean =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'object' && isPlain(value) && Object.values(value).every(isJson));

/** The context of the machine is JSON and bounded, and the machine never ends in an error. */
const contextIsJsonAndBounded: Promised = ({ context, status }) => {
  if (status === 'error') return 'the machine stopped in an error';
  if (context === null) return null;
  if (!isJson(context)) return `not JSON: ${JSON.stringify(context)}`;
  const { length } = JSON.stringify(context);
  return length > MAX_CONTEXT_CHARS ? `${length} characters` : null;
};

/** The current connection, two racers, and losers that wait a second for the other end to move. */
const MAX_CONNECTIONS = 8;

/** The connections of a manager are bounded, whatever the other end offers. */
const connectionsAreBounded: Promised = ({ seat, tab }) => {
  const open = seat.tab === tab ? seat.openConnections.length : 0;
  return open > MAX_CONNECTIONS ? `${open} connections` : null;
};

/** The game receives messages only between *open* and *close*: after *close* it goes on without the link. */
const messagesComeWhileOpen: Promised = ({ strays }) => strays[0] ?? null;

/** Nothing that happens to a world makes a callback, a listener or the library throw. */
const nothingThrows: Promised = ({ errors }) => errors[0] ?? null;

/** After `close()` nothing is alive: no timer, no listener, no open connection. */
export const nothingIsAliveAfterClose: Promised = ({ alive }) =>
  alive.timers + alive.listeners + alive.connections > 0 ? JSON.stringify(alive) : null;

/** On a whole network each end keeps one connection (a direct path may be tried beside a relayed one), with nothing pending, and all attempts are given back. */
export const aStableLinkIsClean: Promised = ({ alive, manager, context }) => {
  const signaling = manager.peerConnection?.signalingState;
  const attempts = context?.attempts;
  const surplus = alive.connections - 1 - (context?.evidence.path === 'relay' ? 3 : 0);
  return surplus > 0 || signaling !== 'stable' || attempts !== 0
    ? JSON.stringify({ connections: alive.connections, signaling, attempts })
    : null;
};

/** The promises that hold at every moment. */
export const ALWAYS: Promises = {
  announcementsArePaired,
  attemptsAreBounded,
  contextIsJsonAndBounded,
  connectionsAreBounded,
  messagesComeWhileOpen,
  nothingThrows,
};

/** @throws Violation of the first promise that a player's record breaks. */
export function demand(promises: Promises, player: HoldfastPlayer): void {
  for (const [name, promised] of Object.entries(promises)) {
    const wrong = promised(player);
    if (wrong !== null) throw new Violation(name, `player ${player.seat.playerId}: ${wrong}`);
  }
}
