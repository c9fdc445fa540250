import type { RecordOf } from 'holdfast/inspect';

/** The severity of a state, shown as a colour, but never only as a colour. */
export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'off';

const TONES: Readonly<Record<string, Tone>> = {
  new: 'calm',
  checking: 'calm',
  connected: 'good',
  disconnected: 'warn',
  restarting: 'warn',
  failed: 'bad',
  closed: 'off',
};

export const toneOf = (state: string): Tone => TONES[state] ?? 'calm';

/** The cause of an outage, as part of a sentence. */
const CAUSES: Readonly<Record<string, string>> = {
  'ice.disconnected': 'ICE received nothing on its path',
  'ice.failed': 'ICE failed',
  'life.silent': 'the other player fell silent',
  'channel.closed': 'the data channel closed',
  'gathering.empty': 'this browser found no ICE candidates',
  'connect.timeout': 'no connection came up in time',
  'network.changed': 'the network changed',
  restart: 'the game asked for a restart',
  'remote.offer': 'the other player started a recovery',
  'remote.rejoin': 'the other page was reloaded',
};

export const causeInWords = (cause: string | null): string =>
  (cause === null ? undefined : CAUSES[cause]) ?? cause ?? 'the cause is unknown';

const ATTEMPTS: Readonly<Record<string, string>> = {
  'ice-restart': 'an ICE restart',
  rebuild: 'a new connection',
  'rebuild-relay': 'a new connection through TURN only',
};

export const attemptInWords = (kind: string): string => ATTEMPTS[kind] ?? kind;

/** 840 ms, 1.20 s, 12.3 s, 2 min 5 s. A value that rounds up to the next unit is shown in that unit. */
export function durationInWords(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / 1_000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return inTwo(seconds, 60, 'min', 's');
  return inTwo(Math.round(seconds / 60), 60, 'h', 'min');
}

/** `2 min 5 s`, but `2 min` without seconds. */
function inTwo(count: number, size: number, large: string, small: string): string {
  const rest = count % size;
  return `${Math.floor(count / size)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

const two = (part: number): string => String(part).padStart(2, '0');

/** Local time of day. */
export function clockOf(timeMs: number, hasMillis = true): string {
  const date = new Date(timeMs);
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return hasMillis ? `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}` : clock;
}

/** 01:23.4, and from one hour on 1:01:23.4. */
export function stopwatchOf(ms: number): string {
  const tenths = Math.max(0, Math.floor(ms / 100));
  const seconds = Math.floor(tenths / 10);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${hours === 0 ? '' : `${hours}:`}${two(minutes % 60)}:${two(seconds % 60)}.${tenths % 10}`;
}

export const percentOf = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
export const millisOf = (ms: number): string => `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;

/** `direct, host to srflx, over udp, IPv4`. */
export function pathInWords(path: RecordOf<'path'>['path']): string {
  if (!path) return 'unknown';
  const { connectionType, localCandidateType, remoteCandidateType, localProtocol, relayProtocol, ipVersion } =
    path;
  const over = [
    localProtocol && `over ${localProtocol}`,
    relayProtocol && `TURN over ${relayProtocol}`,
    ipVersion && `IPv${ipVersion}`,
  ].filter(Boolean);
  return [`${connectionType}, ${localCandidateType} to ${remoteCandidateType}`, ...over].join(', ');
}

/** `2 of 3`, or just `2` in a recording without its beginning, where the limit is unknown. */
export const outOf = (count: number, limit: number | undefined, sign = ' of '): string =>
  limit === undefined ? String(count) : `${count}${sign}${limit}`;

/** A path for display: `restarting · waiting · backoff`. */
export const spaced = (path: string): string => path.replaceAll('.', ' · ');

export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;
