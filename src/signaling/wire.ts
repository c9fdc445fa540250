import { isPlayerId, type PlayerId } from '../../machines';
import { errorName } from '../log/loggable';

/** The `holdfast` member of a payload, beside `type` and `sdp`; upstream ignores it. See docs/PROTOCOL.md. */
export interface HoldfastMember {
  version: 1;
  /** Random; new with every page load and after a `bye`. Another session means that the peer reloaded or connected again. */
  session: string;
  /** The number of the peer connection that this signal belongs to; 1 is the first. */
  connection: number;
  capabilities: readonly string[];
  /** The session of the receiver that this signal is for, if the sender knows it. */
  to?: string | undefined;
  /** In a description: how many connections the sender has made, including this one. Of two connections with the same number, the one with the higher `birth` is newer. */
  birth?: number;
  /** In an offer: this connection tries a direct path, so neither end gathers relay candidates for it. */
  path?: 'direct';
  /** In an answer: the ufrag of the answered offer. */
  answers?: string;
}

export interface Description {
  type: 'offer' | 'answer';
  from: PlayerId;
  sdp: string;
  /** Identifies the generation: every ICE restart has a new ufrag. */
  ufrag: string;
  /** The fingerprint of the DTLS certificate; new with every `RTCPeerConnection`. */
  fingerprint: string;
  member: HoldfastMember | null;
}

export interface Candidate {
  type: 'ice-candidate';
  from: PlayerId;
  init: RTCIceCandidateInit;
  /** Null if the sender gives none: then the candidate belongs to the newest generation. */
  ufrag: string | null;
}

/** `hello`: asks the other end for an offer. `bye`: the sender closes the link. Upstream ignores both. */
export interface Greeting {
  type: 'hello' | 'bye';
  from: PlayerId;
  member: HoldfastMember;
}

export type Signal = Description | Candidate | Greeting;

/** Why a signal was refused. */
export type SignalRefusal =
  | 'malformed'
  | 'too-large'
  | 'unknown-type'
  | 'other-game'
  | 'other-player'
  | 'own'
  | 'stale'
  | 'unexpected'
  | 'too-many'
  | 'rejected-by-browser';

/** A refused signal. It goes only to the logger and contains nothing of the signal's content. */
export class SignalError extends Error {
  override readonly name = 'SignalError';
  constructor(
    readonly reason: SignalRefusal,
    readonly signalType: string,
  ) {
    super(`${signalType} signal refused: ${reason}`);
  }
}

/** Converts an error to a {@link SignalError}. Of a browser's error it keeps only the name, because the message may quote SDP or an address. */
export const toSignalError = (error: unknown) =>
  error instanceof SignalError ? error : new SignalError('rejected-by-browser', errorName(error));

/** A data-channel description has 1–4 kB, even with candidates of a dozen interfaces; more than 64 KiB is a mistake or an attack. */
const MAX_SDP_CHARS = 65_536;
const MAX_CANDIDATE_CHARS = 2_048;
const MAX_NAME_CHARS = 256;
const MAX_CAPABILITIES = 16;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isShortText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_NAME_CHARS;

export const isIntegerIn =
  (min: number, max = Infinity) =>
  (value: unknown): value is number =>
    Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
const isIndex = isIntegerIn(0);
const isCount = isIntegerIn(1);

function parseMember(value: unknown): HoldfastMember | null {
  if (!isRecord(value) || value.version !== 1) return null;
  const { session, connection, capabilities: capabilityNames, to, answers, path, birth } = value;
  if (!isShortText(session) || !isCount(connection)) return null;
  // Copied, so that the array cannot change between the check and its use.
  const capabilities: unknown[] = Array.isArray(capabilityNames) ? [...capabilityNames] : [null];
  if (capabilities.length > MAX_CAPABILITIES || !capabilities.every(isShortText)) return null;
  return {
    version: 1,
    session,
    connection,
    capabilities,
    ...(isShortText(to) && { to }),
    ...(isCount(birth) && { birth }),
    ...(path === 'direct' && { path }),
    ...(isShortText(answers) && { answers }),
  };
}

/** The ICE ufrag in an SDP; undefined if there is none. */
export const ufragOf = (sdp = '') => /^a=ice-ufrag:(\S{1,256})/m.exec(sdp)?.[1];

/** Whether Firefox wrote the SDP. */
export const isFirefox = (sdp = ''): boolean => /^o=mozilla/m.test(sdp);

function parseDescription(
  type: 'offer' | 'answer',
  from: PlayerId,
  payload: Record<string, unknown>,
): Description {
  const { sdp } = payload;
  if (typeof sdp !== 'string' || payload.type !== type) throw new SignalError('malformed', type);
  if (sdp.length > MAX_SDP_CHARS) throw new SignalError('too-large', type);
  const ufrag = ufragOf(sdp);
  const fingerprint = /^a=fingerprint:(\S+ \S+)/m.exec(sdp)?.[1];
  if (!/^m=application /m.test(sdp) || !ufrag || !fingerprint) throw new SignalError('malformed', type);
  return { type, from, sdp, ufrag, fingerprint, member: parseMember(payload.holdfast) };
}

function parseCandidate(from: PlayerId, payload: Record<string, unknown>): Candidate {
  const { candidate, sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = payload;
  const isMalformed =
    typeof candidate !== 'string' ||
    !(sdpMid === null || isShortText(sdpMid)) ||
    !(sdpMLineIndex === null || isIndex(sdpMLineIndex)) ||
    !(usernameFragment === null || isShortText(usernameFragment));
  if (isMalformed) throw new SignalError('malformed', 'ice-candidate');
  if (candidate.length > MAX_CANDIDATE_CHARS) throw new SignalError('too-large', 'ice-candidate');
  const ufrag = usernameFragment ?? / ufrag (\S+)/.exec(candidate)?.[1] ?? null;
  return {
    type: 'ice-candidate',
    from,
    init: { candidate, sdpMid, sdpMLineIndex, usernameFragment: ufrag },
    ufrag,
  };
}

function parsePayload(type: Signal['type'], from: PlayerId, payload: Record<string, unknown>): Signal {
  if (type === 'ice-candidate') return parseCandidate(from, payload);
  if (type === 'offer' || type === 'answer') return parseDescription(type, from, payload);
  const member = parseMember(payload.holdfast);
  if (!member) throw new SignalError('malformed', type);
  return { type, from, member };
}

const TYPES = ['offer', 'answer', 'ice-candidate', 'bye', 'hello'] as const;

/** Our game and id, and the player whose signals we accept; `target` is null until it is known. */
export interface SignalContext {
  gameId: PlayerId;
  me: PlayerId;
  target: PlayerId | null;
}

/** Whether two ids name the same player or game; `1` equals `'1'`. */
export const isSameId = (a: unknown, b: PlayerId) => isPlayerId(a) && String(a) === String(b);

/**
 * Parses a `webrtc_signal` as the relay delivers it: `{type, from_player_id, game_id, payload}`.
 *
 * @throws SignalError if it is not a well-formed signal from our target in our game.
 */
export function parseSignal(raw: unknown, context: SignalContext): Signal {
  try {
    return readFields(raw, context);
  } catch (error) {
    // A getter or a proxy threw. Its error comes from a stranger and is not passed on.
    throw error instanceof SignalError ? error : new SignalError('malformed', 'unreadable');
  }
}

/** Reads each field once, because a getter may return something else the second time. */
function readFields(raw: unknown, { gameId, me, target }: SignalContext): Signal {
  const { type: named, from_player_id: from, game_id: game, payload }: Record<string, unknown> = Object(raw);
  if (typeof named !== 'string') throw new SignalError('malformed', 'unreadable');
  const type = TYPES.find((known) => known === named);
  if (!type) throw new SignalError('unknown-type', 'unknown');
  if (!isPlayerId(from)) throw new SignalError('malformed', type);
  if (game !== undefined && !isSameId(game, gameId)) throw new SignalError('other-game', type);
  if (isSameId(from, me)) throw new SignalError('own', type);
  if (target !== null && !isSameId(from, target)) throw new SignalError('other-player', type);
  return parsePayload(type, from, Object(payload));
}
