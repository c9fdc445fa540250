import {
  ADVICE,
  type Announcement,
  type Cause,
  type ConnectionInput,
  type Evidence,
  type Failure,
  type FailureReason,
  type PeerCommand,
  PRESETS,
  type SignalingCommand,
  type Timings,
} from '../../machines';
import type { PathInfo } from '../stats/path';
import type { EventSummary, RecordedContext } from './records';

/**
 * Rebuilds the contents of a record from known members and known words only, so that nothing unexpected (a description, an
 * address, a credential) can get in.
 */

export type Tree = Readonly<Record<string, unknown>>;

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const treeOf = (value: unknown): Tree => (isTree(value) ? value : {});

/** Returns the value if it is in the list, otherwise the first word of the list. */
const oneOf = <Word>(words: readonly [Word, ...Word[]]) => {
  const known = new Map<unknown, Word>(words.map((word) => [word, word]));
  return (value: unknown): Word => known.get(value) ?? words[0];
};
/** Returns the value if it is a key of the table. The compiler checks that the table is complete. */
const wordIn = <Word extends string>(table: Readonly<Record<Word, unknown>>) => {
  const known = new Map<unknown, Word>();
  for (const word in table) known.set(word, word);
  return (value: unknown): Word | null => known.get(value) ?? null;
};
const flag = (value: unknown): boolean => value === true;
const count = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
/** A finite number, or null for anything else. */
export const figure = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

const remote = oneOf<Evidence['remote']>(['unknown', 'upstream', 'holdfast']);
const channel = oneOf<Evidence['channel']>(['none', 'open', 'closed']);
const path = oneOf<Evidence['path']>(['unknown', 'direct', 'relay']);
const signaling = oneOf<Evidence['signaling']>(['up', 'down']);
const browser = oneOf<ConnectionInput['browser']>(['other', 'chromium', 'firefox']);
const kind = oneOf<NonNullable<RecordedContext['plan']>['kind']>(['ice-restart', 'rebuild', 'rebuild-relay']);

const CAUSES: Record<Cause, true> = {
  'ice.disconnected': true,
  'ice.failed': true,
  'life.silent': true,
  'channel.closed': true,
  'gathering.empty': true,
  'connect.timeout': true,
  'network.changed': true,
  restart: true,
  'remote.offer': true,
  'remote.rejoin': true,
};
const PEER_COMMANDS: Record<PeerCommand['type'], true> = {
  connect: true,
  renewOffer: true,
  offerAnyway: true,
  takeOffer: true,
  startAttempt: true,
  renewAttempt: true,
  tryDirect: true,
  probe: true,
  suspect: true,
  settle: true,
  giveUp: true,
  bye: true,
};
const SIGNALING_COMMANDS: Record<SignalingCommand['type'], true> = { ask: true, watch: true, rest: true };
const ANNOUNCEMENTS: Record<Announcement['type'], true> = {
  open: true,
  lost: true,
  restored: true,
  close: true,
  failed: true,
  closed: true,
};

const cause = wordIn(CAUSES);
const reasonOf = wordIn<FailureReason>(ADVICE);
export const peerCommand = wordIn(PEER_COMMANDS);
export const signalingCommand = wordIn(SIGNALING_COMMANDS);
export const announcementType = wordIn(ANNOUNCEMENTS);

export function cleanEvidence(value: unknown): Evidence {
  const found = treeOf(value);
  return {
    remote: remote(found.remote),
    remoteIsFirefox: flag(found.remoteIsFirefox),
    channel: channel(found.channel),
    wasUp: flag(found.wasUp),
    answered: flag(found.answered),
    relayOnly: flag(found.relayOnly),
    relayAvailable: flag(found.relayAvailable),
    gathered: flag(found.gathered),
    turnRefused: flag(found.turnRefused),
    path: path(found.path),
    signaling: signaling(found.signaling),
    awake: flag(found.awake),
  };
}

/** Cleans partial evidence and keeps it partial. */
function cleanSomeEvidence(value: Tree): Partial<Evidence> {
  const whole = cleanEvidence(value);
  const some: Partial<Evidence> = {};
  const keep = <Key extends keyof Evidence>(key: Key) => {
    if (value[key] !== undefined) some[key] = whole[key];
  };
  for (const key in whole) if (isKeyOf(whole, key)) keep(key);
  return some;
}
const isKeyOf = <Whole extends object>(whole: Whole, key: PropertyKey): key is keyof Whole => key in whole;

/** Returns null unless the reason is known. The advice always follows from the reason, whatever the value says. */
export function cleanFailure(value: unknown): Failure | null {
  const found = treeOf(value);
  const reason = reasonOf(found.reason);
  return (
    reason && {
      reason,
      advice: ADVICE[reason],
      cause: cause(found.cause),
      attempts: count(found.attempts),
      evidence: cleanEvidence(found.evidence),
    }
  );
}

function cleanPlan(value: unknown): RecordedContext['plan'] {
  if (!isTree(value)) return null;
  return {
    kind: kind(value.kind),
    delayMs: count(value.delayMs),
    deadlineMs: count(value.deadlineMs),
    renewMs: count(value.renewMs),
    isCounted: flag(value.isCounted),
  };
}

export function cleanContext(value: unknown): RecordedContext {
  const found = treeOf(value);
  return {
    evidence: cleanEvidence(found.evidence),
    attempts: count(found.attempts),
    outageAttempts: count(found.outageAttempts),
    plan: cleanPlan(found.plan),
    cause: cause(found.cause),
    failure: cleanFailure(found.failure),
  };
}

export function cleanInput(value: unknown): ConnectionInput {
  const found = treeOf(value);
  const given = treeOf(found.timings);
  const timings: Timings = { ...PRESETS.default };
  for (const key in timings) if (isKeyOf(timings, key)) timings[key] = count(given[key]);
  return { timings, browser: browser(found.browser), relayOnly: flag(found.relayOnly) };
}

/** @param types the event types that the machine declares. */
export function cleanEvent(value: unknown, types: ReadonlySet<string>): EventSummary {
  const found = treeOf(value);
  const type = typeof found.type === 'string' ? found.type : '';
  const failure = cleanFailure(found.failure);
  return {
    type: types.has(type) || isOwnEvent(type) ? type : '(unknown)',
    ...(typeof found.offer === 'number' && { offer: count(found.offer) }),
    ...(typeof found.silentForMs === 'number' && { silentForMs: count(found.silentForMs) }),
    ...(isTree(found.evidence) && { evidence: cleanSomeEvidence(found.evidence) }),
    ...(failure && { failure }),
    ...(found.error instanceof Error && { error: nameOf(found.error.name) }),
  };
}

/** Events that xstate itself sends, such as `xstate.init` or `xstate.done.actor.outage`. */
const isOwnEvent = (type: string) => /^xstate\.(?:init|stop|done\.|error\.)[\w.]{0,40}$/.test(type);

/** The value if it looks like an identifier. */
export const nameOf = (value: unknown): string =>
  typeof value === 'string' && /^[\w.$-]{1,80}$/.test(value) ? value : '(unnamed)';

const connectionType = oneOf<PathInfo['connectionType']>(['direct', 'relay']);
const candidateType = oneOf(['unknown', 'host', 'srflx', 'prflx', 'relay']);
const protocol = oneOf([null, 'udp', 'tcp', 'tls']);
const ipVersion = oneOf<PathInfo['ipVersion']>([null, 4, 6]);

export function cleanPath(value: unknown): PathInfo | null {
  if (!isTree(value)) return null;
  const localProtocol = protocol(value.localProtocol);
  return {
    connectionType: connectionType(value.connectionType),
    localCandidateType: candidateType(value.localCandidateType),
    remoteCandidateType: candidateType(value.remoteCandidateType),
    localProtocol,
    protocol: localProtocol,
    relayProtocol: protocol(value.relayProtocol),
    ipVersion: ipVersion(value.ipVersion),
  };
}
