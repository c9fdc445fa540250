import type { Divergence, SessionRecord } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../tests/inspect/fixtures';
import { recordingNotice, unreadableWords, verdictNotice } from '../src/app/notices';
import { readLines } from '../src/model/lines';
import { Workspace } from '../src/model/workspace';
import { linesOf } from './support/lines';

/** As a future Holdfast would write it: of another version, and with unknown members. */
const fromTheFuture = (records: readonly SessionRecord[]): string =>
  records
    .map((record) => ({
      ...record,
      v: 2,
      shape: 'unknown',
      ...('library' in record && { library: '9.1.0' }),
    }))
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('');

describe('the verdict of a replay', () => {
  const at = (seq: number, what: Divergence['what']): Divergence => ({
    seq,
    what,
    recorded: '',
    replayed: '',
  });

  it('reports records that a full log has dropped as missing, not as different', () => {
    expect(verdictNotice([at(36, 'gap'), at(48, 'gap')], [])).toEqual({
      tone: 'warn',
      text: 'Records are missing before record 36. Nothing was compared from there to the next session.',
      buttons: [],
    });
  });

  it('counts the differences beside them', () => {
    const { tone, text } = verdictNotice(
      [at(36, 'gap'), { ...at(90, 'missing'), recorded: 'announces lost' }],
      [],
    );
    expect([tone, text]).toEqual([
      'bad',
      'The replay differs in 1 place. First difference: record 90 says “announces lost”, but the machine did not do that.',
    ]);
  });
});

describe('a recording', () => {
  it('has a warning about missing records if their numbers have gaps, even at its start', () => {
    const all = recordsOf('outage');
    const some = all.filter(({ seq }) => (seq > 3 && seq % 10 > 0) || seq === all.length);
    const { links, badLines, newer } = readLines(linesOf(some));
    const workspace = new Workspace();
    workspace.open('gaps.ndjson', links);
    const { tone, text } = recordingNotice('gaps.ndjson', workspace.links, { badLines, newer }, []);
    expect([tone, text]).toEqual([
      'warn',
      `Recording gaps.ndjson: 1 link, ${some.length} records. ${all.length - some.length} records missing, so the account may be incomplete.`,
    ]);
  });

  it('that is complete opens without a warning', () => {
    const { links, badLines, newer } = readLines(linesOf(recordsOf('outage')));
    const workspace = new Workspace();
    workspace.open('whole.ndjson', links);
    const { tone, text } = recordingNotice('whole.ndjson', workspace.links, { badLines, newer }, []);
    expect([tone, text]).toEqual([
      'calm',
      `Recording whole.ndjson: 1 link, ${recordsOf('outage').length} records.`,
    ]);
  });
});

describe('a recording of a newer Holdfast', () => {
  it('is distinguished from other files, with the version found and what to do', () => {
    const { links, newer } = readLines(fromTheFuture(recordsOf('outage')));
    expect([links.size, newer]).toEqual([0, { version: 2, library: '9.1.0' }]);
    expect(unreadableWords('outage.ndjson', newer)).toBe(
      'outage.ndjson was recorded by a newer Holdfast (9.1.0): its records have version 2, and this page reads version 1. Open it in the visualizer of that Holdfast.',
    );
  });

  it('is recognized by any of its lines, whatever else they contain', () => {
    const [, event] = recordsOf('outage');
    const { newer } = readLines(
      `${JSON.stringify({ link: 'x', v: 3 })}\n${fromTheFuture(event ? [event] : [])}`,
    );
    expect(newer).toEqual({ version: 3, library: null });
    expect(unreadableWords('cut.ndjson', newer)).toMatch(
      /^cut\.ndjson was recorded by a newer Holdfast: its records have version 3, and/,
    );
  });

  it('is described by the newest of its versions, and the Holdfast that any line of that version names', () => {
    const [two, three, named] = [{ v: 2, library: '8.0.0' }, { v: 3 }, { v: 3, library: '9.1.0' }];
    const newerVersionOf = (...records: object[]) =>
      readLines(records.map((record) => JSON.stringify({ link: 'x', ...record })).join('\n')).newer;
    for (const records of [
      [two, three],
      [three, two],
    ])
      expect(newerVersionOf(...records)).toEqual({ version: 3, library: null });
    for (const records of [
      [two, three, named],
      [named, three, two],
    ])
      expect(newerVersionOf(...records)).toEqual({ version: 3, library: '9.1.0' });
  });

  it('has a name of limited length', () => {
    const line = JSON.stringify({ link: 'x', v: 2, library: '9'.repeat(1_000) });
    expect(readLines(line).newer?.library).toBe('9'.repeat(32));
  });

  it('is named if only a part of the file is one', () => {
    const records = recordsOf('outage');
    const { links, badLines, newer } = readLines(linesOf(records) + fromTheFuture(records.slice(0, 2)));
    const workspace = new Workspace();
    workspace.open('two.ndjson', links);
    const { tone, text } = recordingNotice('two.ndjson', workspace.links, { badLines, newer }, []);
    expect(tone).toBe('warn');
    expect(text).toBe(
      `Recording two.ndjson: 1 link, ${records.length} records. 2 lines of the file could not be read: it has records of version 2 from a newer Holdfast (9.1.0), and this page reads version 1.`,
    );
  });

  it.each([
    'nonsense',
    '[2]',
    '{"v":2}',
    '{"v":"2","link":"x"}',
    '{"v":0.5,"link":"x"}',
    '{"v":1,"link":"x","seq":0}',
    '{"link":"x"}',
    '{"v":2,"link":7}',
    '{"v":1e999,"link":"x"}',
  ])('is not recognized in %s', (line) => {
    expect(readLines(line).newer).toBeNull();
    expect(unreadableWords('x.txt', null)).toMatch(
      /^x\.txt is not a recording: none of its lines is a record\./,
    );
  });
});
