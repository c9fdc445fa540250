/** What a game tells the page, and nothing else: names of events and states, and the machine's context, which is JSON. */
export const CHANNEL = 'holdfast-inspect';

/** `link` names one manager; `at` is ms of the wall clock. */
export interface Snapshot {
  kind: 'snapshot';
  link: string;
  at: number;
  event: string;
  value: unknown;
  context: Record<string, unknown>;
}

interface Announced {
  kind: 'announced';
  link: string;
  at: number;
  announcement: string;
}

/** Asks every game for its last snapshot: the page may be opened after the game. */
interface Hello {
  kind: 'hello';
}

export type Message = Snapshot | Announced | Hello;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Any page of the origin may post on the channel; what is no message is null. */
export function parseMessage(data: unknown): Message | null {
  if (!isRecord(data)) return null;
  const { kind, link, at, event, value, context, announcement } = data;
  if (kind === 'hello') return { kind };
  if (typeof link !== 'string' || typeof at !== 'number') return null;
  if (kind === 'announced' && typeof announcement === 'string') return { kind, link, at, announcement };
  if (kind === 'snapshot' && typeof event === 'string' && isRecord(context)) {
    return { kind, link, at, event, value, context };
  }
  return null;
}

/** `{restarting: {waiting: 'backoff'}}` as `['restarting', 'waiting', 'backoff']`. */
export function pathOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  const [first] = isRecord(value) ? Object.entries(value) : [];
  return first ? [first[0], ...pathOf(first[1])] : [];
}
