import { describe, expect, it } from 'vitest';
import { readFixture, recordsOf } from '../../tests/inspect/fixtures';
import { type Entry, written } from '../../tests/inspect/written';
import { LaneRows } from '../src/model/lane-rows';
import { laneItemOf } from '../src/model/lanes';
import { LogFilter } from '../src/model/log-filter';
import { GROUPS } from '../src/model/log-lines';
import { Track } from '../src/model/track';
import { linesOf, trackOf } from './support/lines';
import { recordOutage } from './support/recordings';

const NO_HURRY_MS = 10_000;

describe('the sequence', () => {
  it('draws a signal from the player who sent it to the relay, and from there to the other player', async () => {
    const { recorders } = await recordOutage(3_000);
    const lanes = new LaneRows(recorders.map(({ records }) => trackOf(linesOf(records))));
    lanes.step(NO_HURRY_MS);
    const offers = lanes.rows.filter(({ item }) => item.text === 'offer');
    expect(offers[0]).toMatchObject({ side: 0, item: { type: 'arrow', from: 'player', to: 'relay' } });
    expect(offers.find(({ side }) => side === 1)).toMatchObject({
      item: { type: 'arrow', from: 'relay', to: 'player' },
    });
  });

  it('is in order of time, even if one page sends its records late', async () => {
    const { recorders } = await recordOutage(3_000);
    const [one, two] = recorders.map(({ link }) => new Track(link));
    if (!one || !two) throw new Error('there are two players');
    const lanes = new LaneRows([one, two]);
    one.appendRecords(recorders[0].records);
    lanes.step(NO_HURRY_MS);
    two.appendRecords(recorders[1].records);
    lanes.step(NO_HURRY_MS);
    const times = lanes.rows.map(({ timeMs }) => timeMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const whole = new LaneRows(recorders.map(({ records }) => trackOf(linesOf(records))));
    whole.step(NO_HURRY_MS);
    expect(lanes.rows.length).toBe(whole.rows.length);
  });

  it('counts repetitions in one row', () => {
    const [first] = recordsOf('outage').filter((record) => record.kind === 'signal');
    if (!first) throw new Error('the fixture has signals');
    const again = Array.from({ length: 7 }, (_, index) => ({ ...first, seq: index + 1, atMs: index * 100 }));
    const lanes = new LaneRows([trackOf(linesOf(again))]);
    lanes.step(NO_HURRY_MS);
    expect(lanes.rows.map(({ count }) => count)).toEqual([7]);
  });

  it.each([
    ['as long as each comes within two seconds of the one before', [0, 1_500, 3_000], [3]],
    ['but not after that', [0, 1_999, 3_999], [2, 1]],
  ])('counts them %s', (_, timesMs, counts) => {
    const offer = { kind: 'signal', direction: 'out', type: 'offer' } as const;
    const lanes = new LaneRows([trackOf(linesOf(written(...timesMs.map((ms): Entry => [ms, offer]))))]);
    lanes.step(NO_HURRY_MS);
    expect(lanes.rows.map(({ count }) => count)).toEqual(counts);
  });

  it('starts again when older records arrive, and drops rows whose records were dropped', () => {
    const records = recordsOf('outage');
    const late = new Track('late');
    const lanes = new LaneRows([late]);
    for (const part of [records.slice(-100), records]) {
      late.appendRecords(part);
      lanes.step(NO_HURRY_MS);
    }
    const whole = new LaneRows([trackOf(readFixture('outage'))]);
    whole.step(NO_HURRY_MS);
    expect(lanes.rows).toEqual(whole.rows);
    const bounded = new Track('bounded', 40);
    const followed = new LaneRows([bounded]);
    for (const record of records) {
      bounded.appendRecords([record]);
      followed.step(NO_HURRY_MS);
      expect(followed.rows.filter(({ timeMs }) => timeMs < bounded.startMs)).toEqual([]);
    }
  });

  it('reaches the same result in slices', () => {
    const whole = new LaneRows([trackOf(readFixture('outage'))]);
    whole.step(NO_HURRY_MS);
    const sliced = new LaneRows([trackOf(readFixture('outage'))]);
    let slices = 1;
    while (!sliced.step(0)) slices += 1;
    expect(slices).toBeGreaterThan(1);
    expect(sliced.rows).toEqual(whole.rows);
  });

  it('shows what a browser reports and receives, and no sample', () => {
    const items = recordsOf('outage').map((record) => ({ kind: record.kind, item: laneItemOf(record) }));
    expect(items.filter(({ kind }) => kind === 'sample').every(({ item }) => item === null)).toBe(true);
    const arrows = items.flatMap(({ item }) =>
      item?.type === 'arrow' ? [`${item.from} to ${item.to}`] : [],
    );
    expect(new Set(arrows)).toEqual(
      new Set(['player to relay', 'relay to player', 'browser to player', 'player to browser']),
    );
  });
});

describe('the filter of the log', () => {
  const all = new Set(GROUPS);
  const idsOf = (wanted: ConstructorParameters<typeof LogFilter>[1], budgetMs = NO_HURRY_MS) => {
    const track = trackOf(readFixture('outage'));
    const filter = new LogFilter(track, wanted);
    while (!filter.step(budgetMs));
    return { track, ids: filter.ids };
  };

  it('passes everything if nothing is narrowed', () => {
    const { track, ids } = idsOf({ groups: all, query: '' });
    expect(ids.length).toBe(track.endId);
  });

  it('narrows by kind', () => {
    const { track, ids } = idsOf({ groups: new Set(['announcements'] as const), query: '' });
    expect(ids.map((id) => track.headAt(id)?.kind)).toEqual(
      recordsOf('outage').flatMap(({ kind }) => (kind === 'announcement' ? [kind] : [])),
    );
  });

  it('narrows by words, with the same result in slices', () => {
    const { track, ids } = idsOf({ groups: all, query: 'restarting' });
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.length).toBeLessThan(track.endId);
    expect(idsOf({ groups: all, query: 'restarting' }, 0).ids).toEqual(ids);
    expect(idsOf({ groups: all, query: 'no such words' }).ids).toEqual([]);
  });

  it('starts again when older records arrive', () => {
    const records = recordsOf('outage');
    const track = new Track('late');
    const filter = new LogFilter(track, { groups: new Set(['announcements'] as const), query: '' });
    for (const part of [records.slice(-100), records]) {
      track.appendRecords(part);
      filter.step(NO_HURRY_MS);
    }
    expect(filter.ids).toEqual(idsOf({ groups: new Set(['announcements'] as const), query: '' }).ids);
  });

  it('follows a track that grows and drops records', () => {
    const records = recordsOf('outage');
    const track = new Track('bounded', 40);
    const filter = new LogFilter(track, { groups: all, query: '' });
    for (const record of records) {
      track.appendRecords([record]);
      filter.step(NO_HURRY_MS);
    }
    expect(filter.ids).toEqual(
      Array.from({ length: track.endId - track.firstId }, (_, index) => track.firstId + index),
    );
  });
});
