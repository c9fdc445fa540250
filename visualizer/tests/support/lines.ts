import type { SessionRecord } from 'holdfast/inspect';
import { History } from '../../src/model/history';
import { readLines } from '../../src/model/lines';
import { Track } from '../../src/model/track';

/** The records as lines of a file. */
export const linesOf = (records: readonly SessionRecord[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** A track of the lines of one link, as from an opened file. */
export function trackOf(text: string, max?: number): Track {
  const [[link, { lines, heads }] = ['none', { lines: [], heads: [] }]] = readLines(text).links;
  const track = new Track(link, max);
  track.append(lines, heads);
  return track;
}

/** A sample every 5 ms, of a separate link: the content of a plot and of a long recording. */
export function samples(count: number, rttMsOf: (index: number) => number | null): SessionRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    v: 1,
    link: 'sampled',
    seq: index + 1,
    atMs: index * 5,
    wallMs: 1_770_000_000_000 + index * 5,
    kind: 'sample',
    rttMs: rttMsOf(index),
    jitterMs: 0,
    loss: 0,
    status: 'good',
  }));
}

/** A history that has read everything. */
export function historyOf(track: Track): History {
  const history = new History(track);
  history.step(Number.POSITIVE_INFINITY);
  return history;
}
