import { type Divergence, RECORD_VERSION } from 'holdfast/inspect';
import type { ReadLines } from '../model/lines';
import type { NewerVersion } from '../model/newer-version';
import { countOf } from '../model/words';
import type { Watched } from '../model/workspace';
import type { SourceState } from '../sources/source';
import type { Notice } from './banner';

type Buttons = Notice['buttons'];

/** Missing records (a full log drops the oldest) do not count as a difference. */
export const isDifference = ({ what }: Divergence): boolean => what !== 'gap';

/** The result of a replay through the current machine. */
export function verdictNotice(divergences: readonly Divergence[], buttons: Buttons): Notice {
  const differing = divergences.filter(isDifference);
  const [first] = differing;
  if (first) {
    const places = countOf(differing.length, 'place');
    return { tone: 'bad', text: `The replay differs in ${places}. ${wordsFor(first)}`, buttons };
  }
  const [gap] = divergences;
  if (gap) return { tone: 'warn', text: wordsFor(gap), buttons };
  const text =
    'Replayed through the current machine: every transition, command and announcement matches the recording.';
  return { tone: 'good', text, buttons };
}

function wordsFor({ seq, what, recorded, replayed }: Divergence): string {
  switch (what) {
    case 'differs':
      return `First difference: record ${seq} says “${recorded}”, but the machine did “${replayed}”.`;
    case 'missing':
      return `First difference: record ${seq} says “${recorded}”, but the machine did not do that.`;
    case 'extra':
      return `First difference: before record ${seq} the machine did “${replayed}”, which is not recorded.`;
    case 'gap':
      return `Records are missing before record ${seq}. Nothing was compared from there to the next session.`;
    case 'error':
      return `First difference: at record ${seq} the machine threw ${replayed} on “${recorded}”.`;
  }
}

const holdfastOf = ({ library }: NewerVersion): string =>
  library === null ? 'Holdfast' : `Holdfast (${library})`;

const newerWords = (what: string, newer: NewerVersion, act: string): string =>
  `${what} a newer ${holdfastOf(newer)}: its records have version ${newer.version}, and this page reads version ${RECORD_VERSION}. ${act} in the visualizer of that Holdfast.`;

/** Says why a file cannot be shown, and what to do. */
export function unreadableWords(name: string, newer: NewerVersion | null): string {
  if (newer) return newerWords(`${name} was recorded by`, newer, 'Open it');
  return `${name} is not a recording: none of its lines is a record. Save on this page writes a recording, and so does toNdjson() of a recorder.`;
}

/** Says why a running game cannot be shown. */
export const newerGameNotice = (newer: NewerVersion): Notice => ({
  tone: 'bad',
  text: newerWords('A game uses', newer, 'Watch it'),
  buttons: [],
});

function badLinesWords({ badLines, newer }: Unread): string {
  if (badLines.length === 0) return '';
  const why = newer
    ? `: it has records of version ${newer.version} from a newer ${holdfastOf(newer)}, and this page reads version ${RECORD_VERSION}`
    : '';
  return ` ${countOf(badLines.length, 'line')} of the file could not be read${why}.`;
}

/** The parts of a file that are not shown. */
export type Unread = Pick<ReadLines, 'badLines' | 'newer'>;

export function recordingNotice(
  name: string,
  links: readonly Watched[],
  unread: Unread,
  buttons: Buttons,
): Notice {
  const records = links.reduce((sum, { track }) => sum + track.endId - track.firstId, 0);
  const missing = links.reduce((sum, { track }) => sum + track.missing, 0);
  const gaps =
    missing === 0 ? '' : ` ${countOf(missing, 'record')} missing, so the account may be incomplete.`;
  const bad = gaps + badLinesWords(unread);
  return {
    tone: bad === '' ? 'calm' : 'warn',
    text: `Recording ${name}: ${countOf(links.length, 'link')}, ${countOf(records, 'record')}.${bad}`,
    buttons,
  };
}

/** Null if the source works: then the page itself says that there is no game. */
export function reachNotice(reach: SourceState, isLooking: boolean, game: string | null): Notice | null {
  const notice = (tone: Notice['tone'], text: string): Notice => ({ tone, text, buttons: [] });
  switch (reach) {
    case 'connecting':
      return notice('calm', 'Connecting to the relay…');
    case 'refused':
      return notice('bad', 'The relay does not allow watching. Start it with npm start -- --inspect.');
    case 'full':
      return notice(
        'bad',
        'This game has the maximum number of watchers. Close one of the others, then reload this page.',
      );
    case 'unreachable':
      return notice(
        'bad',
        'Cannot reach the source of live links. Trying again. You can still open a recording.',
      );
    case 'open':
      if (isLooking) return notice('calm', 'Looking for games…');
      if (game === null) return null;
      return notice(
        'calm',
        `No player of the game “${game}” can be watched yet. Open the game with &inspect in its address.`,
      );
  }
}

export const lostNotice = ({ track }: Watched, buttons: Buttons): Notice => ({
  tone: 'warn',
  text: `This link of ${track.label} is gone: its page was closed or reloaded, or the game created another link. Its records are kept here.`,
  buttons,
});
