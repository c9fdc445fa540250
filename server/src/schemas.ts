import { z } from 'zod';

import { fits } from './measure';

/** An SDP with many candidates has about 10 KiB; the rest is for a game's own signal types. */
export const MAX_SIGNAL_BYTES = 256 * 1024;
/** An input packet at 60 Hz has tens of bytes; a state snapshot for a resync may be larger. */
const MAX_GAME_DATA_BYTES = 64 * 1024;
const MAX_SUMMARY_BYTES = 16 * 1024;
/** A batch of 25 records and a chart, with room to spare. */
const MAX_INSPECT_BYTES = 128 * 1024;
const MAX_RECORDS = 100;
const MAX_ID_LENGTH = 128;
const MAX_TYPE_LENGTH = 64;
const MAX_TOKEN_LENGTH = 128;

const id = z.union([z.string().min(1).max(MAX_ID_LENGTH), z.int()], 'expected a string or an integer');
const count = z.number().min(0);
const optionalCount = count.nullish();
const candidateType = z.enum(['host', 'srflx', 'prflx', 'relay', 'unknown']).nullish();
const protocol = z.enum(['udp', 'tcp', 'tls', 'unknown']).nullish();
const connectionType = z.enum(['direct', 'relay', 'unknown', 'socketio_fallback']);
const sender = { game_id: id, player_id: id };
/** With more than two players, each has a link to every other one; `peer_id` says which link a report is about. */
const reporter = { ...sender, peer_id: id.nullish() };

const sized = (limit: number) => z.unknown().refine(fits(limit), `expected at most ${limit} bytes`);

/** The messages that a client may send. Unknown members are dropped, except inside `payload` and `data`, which pass untouched. */
export const schemas = {
  join_game: z.object({ ...sender, resume_token: z.string().max(MAX_TOKEN_LENGTH).nullish() }),
  webrtc_signal: z.object({
    game_id: id,
    target_player_id: id,
    type: z.string().min(1).max(MAX_TYPE_LENGTH),
    payload: sized(MAX_SIGNAL_BYTES).optional(),
  }),
  game_data: z.object({ game_id: id, data: sized(MAX_GAME_DATA_BYTES) }),
  holdfast_watch: z.object({ game_id: id }),
  holdfast_inspect: z.object({
    game_id: id,
    message: z
      .discriminatedUnion('type', [
        z.object({ holdfast: z.literal(1), type: z.literal('hello') }),
        z.object({ holdfast: z.literal(1), type: z.literal('bye'), link: z.string().max(MAX_ID_LENGTH) }),
        z.object({
          holdfast: z.literal(1),
          type: z.literal('records'),
          records: z.array(z.looseObject({ kind: z.string().max(MAX_TYPE_LENGTH) })).max(MAX_RECORDS),
        }),
      ])
      .refine(fits(MAX_INSPECT_BYTES), `expected at most ${MAX_INSPECT_BYTES} bytes`),
  }),
  p2p_connection_type: z.object({
    ...reporter,
    connection_type: connectionType,
    details: z
      .object({
        localCandidateType: candidateType,
        remoteCandidateType: candidateType,
        protocol,
        relayProtocol: protocol,
        detectedAtFrame: optionalCount,
        timestamp: optionalCount,
      })
      .nullish(),
  }),
  p2p_health_report: z.object({
    ...reporter,
    connection_type: connectionType,
    latency_ms: optionalCount,
    status: z.enum(['healthy', 'degraded', 'reconnecting']),
    episode: z.union([count, z.string().max(MAX_TYPE_LENGTH)]).nullish(),
    timestamp: optionalCount,
  }),
  p2p_connection_lost: z.object({ ...reporter, frame_number: optionalCount, timestamp: optionalCount }),
  p2p_reconnection_success: z.object({ ...reporter, duration_ms: optionalCount }),
  p2p_episode_summary: z.object({
    ...reporter,
    summary: z
      .union([z.string(), z.record(z.string(), z.unknown())])
      .refine(fits(MAX_SUMMARY_BYTES), `expected at most ${MAX_SUMMARY_BYTES} bytes`),
  }),
} as const;

export type ClientEvent = keyof typeof schemas;
export type ClientMessage<Event extends ClientEvent> = z.infer<(typeof schemas)[Event]>;

/** Describes the first issue by the name of the member, never by its value, which may contain a credential. */
export function explain(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'malformed payload';
  const where = issue.path.length === 0 ? 'payload' : issue.path.map(String).join('.');
  return `${where}: ${issue.message}`;
}
