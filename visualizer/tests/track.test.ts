import { parseNdjson } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { readFixture, recordsOf } from '../../tests/inspect/fixtures';
import { headOf, headOfLine } from '../src/model/head';
import { readLines } from '../src/model/lines';
import { Track } from '../src/model/track';
import { linesOf, samples, trackOf } from './support/lines';

const idsOf = (track: Track) =>
  Array.from({ length: track.endId - track.firstId }, (_, index) => track.firstId + index);
const seqsOf = (track: Track) => idsOf(track).map((id) => track.headAt(id)?.seq);

describe('a line of a recording', () => {
  it('yields the head of its record without being parsed', () => {
    for (const record of recordsOf('outage')) {
      expect(headOfLine(JSON.stringify(record))).toEqual(headOf(record));
    }
  });

  it.each([
    ['a number below the first', '"seq":1', '"seq":0'],
    ['a fractional number', '"seq":1', '"seq":1.5'],
    ['an invalid date', '"wallMs":0', '"wallMs":1e300'],
    ['a link name that is too long', '"link":"a"', `"link":"${'a'.repeat(101)}"`],
  ])('is refused like its record: %s', (_, right, wrong) => {
    const line = '{"v":1,"link":"a","seq":1,"atMs":0,"wallMs":0,"kind":"mark","text":"x"}';
    expect(readLines(line).badLines).toEqual([]);
    expect(readLines(line.replace(right, wrong)).badLines).toEqual([1]);
  });

  it('is read even if its members are in another order', () => {
    const turned = recordsOf('failure').map((record) => Object.fromEntries(Object.entries(record).reverse()));
    const { links, badLines } = readLines(turned.map((record) => JSON.stringify(record)).join('\n'));
    expect(badLines).toEqual([]);
    expect([...links.values()].map(({ heads }) => heads)).toEqual([recordsOf('failure').map(headOf)]);
  });

  it('is read even if a name in it contains an escape', () => {
    for (const link of ['a\tb', 'a"b', 'a\\b']) {
      const records = samples(3, () => 1).map((record) => ({ ...record, link }));
      expect([...readLines(linesOf(records)).links]).toMatchObject([[link, { heads: records.map(headOf) }]]);
    }
  });

  it.each(['', 'soon', '1e999'])('is refused with the time %j', (atMs) => {
    const [record] = recordsOf('outage');
    const line = JSON.stringify(record).replace(/"atMs":[^,]+/, `"atMs":${atMs}`);
    expect(readLines(line)).toEqual({ links: new Map(), badLines: [1], newer: null });
  });

  it('is read the same if an editor has added Windows line ends and empty lines to its file', () => {
    const text = readFixture('outage');
    expect(readLines(`\n\r\n${text.replaceAll('\n', '\r\n')}\r\n`)).toEqual(readLines(text));
  });

  it.each(['nonsense', '{"v":1}', '{"v":1,"link":"x","seq":1,"atMs":0,"wallMs":0,"kind":"rumour"}', '[]'])(
    'is reported by its number if it is not a record: %s',
    (line) => {
      const [first = ''] = readFixture('outage').split('\n');
      const { links, badLines } = readLines(`${first}\n\n${line}\n`);
      expect([[...links.values()].map(({ lines }) => lines), badLines]).toEqual([[[first]], [3]]);
    },
  );
});

describe('a track', () => {
  it('returns the records of its file', () => {
    const track = trackOf(readFixture('outage'));
    expect(idsOf(track).map((id) => track.recordAt(id))).toEqual(recordsOf('outage'));
    expect(
      parseNdjson(
        idsOf(track)
          .map((id) => track.lineAt(id))
          .join('\n'),
      ).records,
    ).toEqual(recordsOf('outage'));
  });

  it('keeps each record once and in order, whatever order they come in', () => {
    const records = recordsOf('outage');
    const track = new Track(records[0]?.link ?? '');
    // As a late viewer receives them: latched records, kept records, and then new ones, which may have come before.
    track.appendRecords([...records.slice(0, 3), ...records.slice(60, 70)]);
    track.appendRecords(records.slice(20, 65));
    track.appendRecords(records.slice(0, 40));
    track.appendRecords(records.slice(50));
    expect(seqsOf(track)).toEqual(records.map(({ seq }) => seq));
    const inOrder = trackOf(readFixture('outage'));
    expect(idsOf(track).map((id) => track.timeAt(id))).toEqual(
      idsOf(inOrder).map((id) => inOrder.timeAt(id)),
    );
    expect(track.column('connection')).toEqual(
      idsOf(track).filter((id) => {
        const record = track.recordAt(id);
        return record?.kind === 'transition' && record.machine === 'connection';
      }),
    );
  });

  it('keeps one record of those that a late message contains twice', () => {
    const records = recordsOf('outage').slice(0, 6);
    const track = new Track('x');
    track.appendRecords(records.slice(4));
    track.appendRecords([...records.slice(0, 4), ...records.slice(2, 4)]);
    expect(seqsOf(track)).toEqual(records.map(({ seq }) => seq));
  });

  it('starts a new generation only when ids change their meaning', () => {
    const records = recordsOf('outage');
    const track = new Track('x');
    track.appendRecords(records.slice(10, 20));
    track.appendRecords(records.slice(5, 30));
    expect(track.generation).toBe(1);
    track.appendRecords(records.slice(0, 30));
    track.appendRecords(records.slice(0, 40));
    expect(track.generation).toBe(2);
  });

  it('drops the oldest records, keeps the session, and does not accept dropped ones again', () => {
    const [session, ...rest] = recordsOf('outage');
    if (!session) throw new Error('the fixture begins with its session');
    const track = new Track('sampled', 100);
    const all = samples(1_000, () => 1);
    track.appendRecords([{ ...session, link: 'sampled' }]);
    for (const record of all.slice(1)) track.appendRecords([record]);
    expect(rest.length).toBeGreaterThan(0);
    expect(track.endId - track.firstId).toBeLessThanOrEqual(100);
    expect(seqsOf(track).at(-1)).toBe(1_000);
    expect(track.session).toMatchObject({ kind: 'session', seq: 1 });
    expect(track.column('sample')).toEqual(idsOf(track));
    const before = seqsOf(track);
    track.appendRecords(all.slice(1, 500));
    expect(seqsOf(track)).toEqual(before);
  });

  it('finds by time and by number what a search through all of it finds', () => {
    const track = trackOf(readFixture('outage'));
    const times = idsOf(track).map((id) => track.timeAt(id));
    for (const [index, time] of times.entries()) {
      const last = times.lastIndexOf(time);
      expect(track.idAt(time)).toBe(last);
      expect(track.idAt(time - 0.001)).toBe(times.indexOf(time) - 1);
      expect(track.idOfSeq(track.headAt(index)?.seq ?? 0)).toBe(index);
    }
    expect(track.idAt(Number.NEGATIVE_INFINITY)).toBe(-1);
    expect(track.idOfSeq(10_000_000)).toBeNull();
  });

  it('is not distorted by a wall clock that is set back', () => {
    const jumped = recordsOf('outage').map((record, index) =>
      index > 30 ? { ...record, wallMs: record.wallMs - 3_600_000 } : record,
    );
    const track = trackOf(linesOf(jumped));
    const [first] = jumped;
    expect(track.endMs - track.startMs).toBeCloseTo((jumped.at(-1)?.atMs ?? 0) - (first?.atMs ?? 0), 3);
  });
});
