import { type Message, pathOf, type Snapshot } from './feed';
import { eventNameOf } from './graph';

export interface LogLine {
  at: number;
  /** `announced` is what the game was told; the rest are transitions. */
  tone: 'announced' | 'moved' | 'stayed';
  text: string;
  detail: string;
}

/** One link as the page knows it. */
export interface Watched {
  link: string;
  last: Snapshot | null;
  /** The last arrow taken between two public states. */
  arrow: { from: string; to: string } | null;
  log: LogLine[];
}

/** A flapping link makes some ten lines a second; a reader looks at the last minute at most. */
const MAX_LINES = 300;

export const unwatched = (link: string): Watched => ({ link, last: null, arrow: null, log: [] });

export const stateOf = (snapshot: Snapshot | null): string => pathOf(snapshot?.value)[0] ?? '';

/** What the page knows after a message; the message of another link changes nothing. */
export function follow(watched: Watched, message: Message): Watched {
  if (message.kind === 'hello' || message.link !== watched.link) return watched;
  if (message.kind === 'announced') {
    const line: LogLine = {
      at: message.at,
      tone: 'announced',
      text: message.announcement,
      detail: 'told to the game',
    };
    return { ...watched, log: append(watched.log, line) };
  }
  const from = stateOf(watched.last);
  const path = pathOf(message.value);
  const to = path[0] ?? '';
  const hasMoved = watched.last !== null && from !== to;
  const line: LogLine = {
    at: message.at,
    tone: hasMoved ? 'moved' : 'stayed',
    text: eventNameOf(message.event),
    detail: hasMoved ? `${from} → ${path.join(' · ')}` : path.join(' · '),
  };
  return {
    ...watched,
    last: message,
    arrow: hasMoved ? { from, to } : watched.arrow,
    log: append(watched.log, line),
  };
}

const append = (log: LogLine[], line: LogLine): LogLine[] => [...log, line].slice(-MAX_LINES);
