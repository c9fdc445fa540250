import { eventNameOf, type SessionRecord } from 'holdfast/inspect';
import { outermost } from './history';
import { pathInWords, spaced, type Tone, toneOf } from './words';

/** The lanes of the sequence: a player, that player's browser, and the relay between the players. */
export type Lane = 'player' | 'browser' | 'relay';

/** One row of the sequence: an arrow between two lanes of one player, or a note on one. */
export type LaneItem =
  | { type: 'arrow'; from: Lane; to: Lane; text: string; tone: Tone | null }
  | { type: 'note'; on: Lane; text: string; tone: Tone | null };

const arrow = (from: Lane, to: Lane, text: string, tone: Tone | null = null): LaneItem => ({
  type: 'arrow',
  from,
  to,
  text,
  tone,
});
const note = (on: Lane, text: string, tone: Tone | null = null): LaneItem => ({
  type: 'note',
  on,
  text,
  tone,
});

/** Requests of the game. Everything else from outside is a fact from the browser or from a signal. */
const GAME_REQUESTS = new Set(['connect', 'restart', 'close']);
/** Events that the row of a signal already shows, or that are of no use in a sequence. */
const HIDDEN = /^(?:peer\.learned$|remote\.|xstate\.)/;
const BAD_FACTS = new Set(['ice.failed', 'channel.closed', 'gathering.empty']);
const SUSPICIONS = new Set(['ice.disconnected', 'life.silent', 'signaling.down', 'environment.asleep']);

const toneOfFact = (type: string): Tone | null =>
  BAD_FACTS.has(type) ? 'bad' : SUSPICIONS.has(type) ? 'warn' : null;

/** Null for records that the sequence does not show. */
export function laneItemOf(record: SessionRecord): LaneItem | null {
  switch (record.kind) {
    case 'signal':
      return record.direction === 'out'
        ? arrow('player', 'relay', record.type)
        : arrow('relay', 'player', record.type);
    case 'event': {
      const { type } = record.event;
      if (record.machine !== 'connection' || HIDDEN.test(type)) return null;
      if (GAME_REQUESTS.has(type)) return note('player', `game: ${type}`);
      const tone = toneOfFact(type);
      return arrow(type.startsWith('signaling.') ? 'relay' : 'browser', 'player', type, tone);
    }
    case 'transition': {
      const { from, to, machine, event } = record;
      if (machine !== 'connection' || from === to) return null;
      const isOuter = outermost(from) !== outermost(to);
      const why = event.startsWith('xstate.after.') ? ` (${eventNameOf(event)})` : '';
      return isOuter ? note('player', `${spaced(to)}${why}`, toneOf(outermost(to))) : null;
    }
    case 'command':
      return record.to === 'peer' ? arrow('player', 'browser', record.command.type) : null;
    case 'announcement':
      return note(
        'player',
        `announced: ${record.announcement.type}`,
        record.announcement.type === 'lost' ? 'warn' : null,
      );
    case 'path':
      return note('browser', pathInWords(record.path).split(',', 1)[0] ?? '');
    case 'mark':
      return note('player', record.text);
    case 'session':
    case 'sample':
      return null;
  }
}

/** Whether two items are the same, to be shown as one row with a count. */
export const isSameItem = (a: LaneItem, b: LaneItem): boolean => JSON.stringify(a) === JSON.stringify(b);
