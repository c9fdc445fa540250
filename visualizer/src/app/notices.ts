import { type Divergence, RECORD_VERSION } from 'holdfast/inspect';
import type { Watched } from '../model/desk';
import type { ReadLines } from '../model/lines';
import type { Newer } from '../model/newer';
import { countOf } from '../model/words';
import type { SourceState } from '../sources/source';
import type { Notice } from './banner';

type Buttons = Notice['buttons'];

/** Records that are missing, as a full log drops them, are none. */
export const isDifference = ({ what }: Divergence): boolean => what !== 'gap';

/** What a run through the machine of today found. */
export function verdictNotice(divergences: readonly Divergence[], buttons: Buttons): Notice {
  const differing = divergences.filter(isDifference);
  const [first] = differing;
  if (first) {
    const places = countOf(differing.length, 'place');
    return { tone: 'bad', text: `The replay differs in ${places}. ${wordsFor(first)}`, buttons };
  }
  const [gap] = divergences;
  if (gap) return { tone: 'warn', text: wordsFor(gap), buttons };
  const text = 'Replayed through the machine of today: every rest, command and announcement is as recorded.';
  return { tone: 'good', text, buttons };
}

function wordsFor({ seq, what, recorded, replayed }: Divergence): string {
  switch (what) {
    case 'differs':
      return `The first is record ${seq}, which says “${recorded}”, where the machine did “${replayed}”.`;
    case 'missing':
      return `The first is record ${seq}: “${recorded}”, which the machine did not do.`;
    case 'extra':
      return `The first is before record ${seq}: the machine did “${replayed}”, which is not recorded.`;
    case 'gap':
      return `Records are missing before ${seq}; nothing is compared from there to the next session.`;
    case 'error':
      return `The machine threw (${replayed}) on “${recorded}” at record ${seq}.`;
  }
}

const holdfastOf = ({ library }: Newer): string => (library === null ? 'Holdfast' : `Holdfast, ${library}`);

const newerWords = (what: string, newer: Newer, act: string): string =>
  `${what} a newer ${holdfastOf(newer)}: its records are of version ${newer.version}, and this page reads version ${RECORD_VERSION}. ${act} in the visualizer of that Holdfast.`;

/** Why nothing of a file can be shown, and what to do. */
export function unreadableWords(name: string, newer: Newer | null): string {
  if (newer) return newerWords(`${name} is a recording of`, newer, 'Open it');
  return `${name} is no recording: no line of it is a record. A recording is what Save writes here, or toNdjson() of a recorder.`;
}

/** Why nothing of a game can be shown, though it is there. */
export const newerGameNotice = (newer: Newer): Notice => ({
  tone: 'bad',
  text: newerWords('A game is played with', newer, 'Watch it'),
  buttons: [],
});

function badLinesWords({ badLines, newer }: Unread): string {
  if (badLines.length === 0) return '';
  const why = newer
    ? `: records of version ${newer.version}, of a newer ${holdfastOf(newer)}; this page reads version ${RECORD_VERSION}`
    : '';
  return ` ${countOf(badLines.length, 'line')} of the file could not be read${why}.`;
}

/** What of a file is not shown. */
export type Unread = Pick<ReadLines, 'badLines' | 'newer'>;

export function recordingNotice(
  name: string,
  links: readonly Watched[],
  unread: Unread,
  buttons: Buttons,
): Notice {
  const records = links.reduce((sum, { track }) => sum + track.endId - track.firstId, 0);
  const missing = links.reduce((sum, { track }) => sum + track.missing, 0);
  const gaps = missing === 0 ? '' : ` ${missing} more are missing: what is told may be incomplete.`;
  const bad = gaps + badLinesWords(unread);
  return {
    tone: bad === '' ? 'calm' : 'warn',
    text: `Recording ${name}: ${countOf(links.length, 'link')}, ${countOf(records, 'record')}.${bad}`,
    buttons,
  };
}

/** Null where all is well: the page itself says then that there is no game. */
export function reachNotice(reach: SourceState, isLooking: boolean, game: string | null): Notice | null {
  const notice = (tone: Notice['tone'], text: string): Notice => ({ tone, text, buttons: [] });
  switch (reach) {
    case 'connecting':
      return notice('calm', 'Reaching the relay…');
    case 'refused':
      return notice('bad', 'The relay lets nobody watch: start it with npm start -- --inspect.');
    case 'full':
      return notice(
        'bad',
        'The relay lets nobody else watch this game: close another of its watchers, then load this page anew.',
      );
    case 'unreachable':
      return notice(
        'bad',
        'The source of live links cannot be reached; it is tried again. A recording can be opened.',
      );
    case 'open':
      if (isLooking) return notice('calm', 'Looking for games…');
      if (game === null) return null;
      return notice('calm', `No page shows the game “${game}” yet: open it with &inspect in its address.`);
  }
}

export const lostNotice = ({ track }: Watched, buttons: Buttons): Notice => ({
  tone: 'warn',
  text: `This link of ${track.label} is gone: its page was closed or loaded anew, or the game made another link. What it told is kept here.`,
  buttons,
});
