import { outagesOf } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { readFixture, recordsOf } from '../../tests/inspect/fixtures';
import { moved, SESSION, toldOutage, written } from '../../tests/inspect/written';
import { History, outermost } from '../src/model/history';
import { Samples } from '../src/model/samples';
import { sceneAt } from '../src/model/scene';
import { Track } from '../src/model/track';
import { historyOf, linesOf, samples, trackOf } from './support/lines';

describe('the scene at a moment', () => {
  it('is the result of all records up to it', () => {
    const track = trackOf(readFixture('outage'));
    const records = recordsOf('outage');
    for (let id = 0; id < track.endId; id++) {
      const timeMs = track.timeAt(id);
      const seen = records.filter((_, index) => track.timeAt(index) <= timeMs);
      const last = (passes: (record: (typeof records)[number]) => boolean) =>
        seen.filter(passes).at(-1) ?? null;
      const scene = sceneAt(track, timeMs);
      expect(scene.connection).toEqual(
        last(
          ({ kind, ...rest }) => kind === 'transition' && 'machine' in rest && rest.machine === 'connection',
        ),
      );
      expect(scene.outage).toEqual(
        last(({ kind, ...rest }) => kind === 'transition' && 'machine' in rest && rest.machine === 'outage'),
      );
      expect(scene.path).toEqual(last(({ kind }) => kind === 'path'));
      expect(scene.sample).toEqual(last(({ kind }) => kind === 'sample'));
    }
  });

  it('counts timers down from the record that contains them, and not below zero', () => {
    const track = trackOf(readFixture('outage'));
    const id = track.column('connection').find((each) => {
      const record = track.recordAt(each);
      return record?.kind === 'transition' && record.timers.length > 0;
    });
    if (id === undefined) throw new Error('the fixture has timers');
    const record = track.recordAt(id);
    const [timer] = record?.kind === 'transition' ? record.timers : [];
    const at = (ms: number) =>
      sceneAt(track, track.timeAt(id) + ms).countdowns.find(({ name }) => name === timer?.name)?.remainingMs;
    expect(at(0)).toBe(timer?.ms);
    const nextMs = track.timeAt(id + 1) - track.timeAt(id);
    expect(at(nextMs / 2)).toBeLessThanOrEqual(timer?.ms ?? 0);
    const far = sceneAt(track, track.endMs + 3_600_000).countdowns.map(({ remainingMs }) => remainingMs);
    expect(far.every((remainingMs) => remainingMs === 0)).toBe(true);
  });

  it('has the session of its moment, and the arrows that led to the current state', () => {
    const arrow = (source: string, target?: string) => ({ source, event: 'e', ...(target && { target }) });
    const [up, kept, renewed] = [
      [arrow('checking', 'connected')],
      [arrow('connected')],
      [arrow('connected', 'connected')],
    ];
    const told = { ...toldOutage('none', 'pending'), arrows: [arrow('none', 'pending')] };
    const track = trackOf(
      linesOf(
        written(
          [0, SESSION],
          [1_000, moved('checking', 'connected', { arrows: up })],
          [2_000, moved('connected', 'connected', { arrows: kept })],
          [3_000, moved('connected', 'connected', { arrows: renewed })],
          [4_000, told],
          [5_000, { ...SESSION, label: 'the next' }],
        ),
      ),
    );
    const at = (ms: number) => sceneAt(track, track.startMs + ms);
    expect([1_000, 2_000, 3_000, 4_000].map((ms) => at(ms).taken)).toEqual([
      { connection: up, outage: [] },
      { connection: up, outage: [] },
      { connection: renewed, outage: [] },
      { connection: renewed, outage: told.arrows },
    ]);
    expect([0, 4_999, 5_000].map((ms) => at(ms).session?.label)).toEqual([
      'player 1',
      'player 1',
      'the next',
    ]);
  });

  it('is empty before the first record', () => {
    const track = trackOf(readFixture('outage'));
    expect(sceneAt(track, track.startMs - 1)).toMatchObject({ connection: null, lastId: -1, countdowns: [] });
  });
});

describe('the history of a link', () => {
  it.each(['outage', 'failure'] as const)(
    'has the outages of the log, whether read at once or record by record: %s',
    (name) => {
      const records = recordsOf(name);
      const whole = historyOf(trackOf(readFixture(name)));
      expect(whole.outages).toEqual(outagesOf(records));
      const track = new Track('live');
      const followed = new History(track);
      for (const [index, record] of records.entries()) {
        track.appendRecords([record]);
        while (!followed.step(0));
        expect(followed.spans.at(-1)?.toMs ?? null).toBeNull();
        expect(followed.outages.length).toBe(outagesOf(records.slice(0, index + 1)).length);
      }
      expect([followed.outages, followed.spans]).toEqual([whole.outages, whole.spans]);
    },
  );

  it('has each period in an outermost state, without a gap between two', () => {
    const track = trackOf(readFixture('failure'));
    const { spans } = new History(track);
    const states = recordsOf('failure').flatMap((record) =>
      record.kind === 'transition' && record.machine === 'connection' ? [outermost(record.to)] : [],
    );
    expect(spans.map(({ state }) => state)).toEqual(
      states.filter((state, index) => state !== states[index - 1]),
    );
    spans.slice(1).forEach((span, index) => {
      expect(span.fromMs).toBe(spans[index]?.toMs);
    });
    expect(spans.at(-1)?.toMs).toBeNull();
  });

  it('starts again when older records arrive', () => {
    const records = recordsOf('outage');
    const track = new Track('late');
    const history = new History(track);
    track.appendRecords(records.slice(Math.floor(records.length / 2)));
    history.step(Number.POSITIVE_INFINITY);
    expect(history.outages).not.toEqual(outagesOf(records));
    const { spans } = historyOf(trackOf(readFixture('outage')));
    expect(history.spans).not.toEqual(spans);
    track.appendRecords(records);
    expect(history.spans).toEqual(spans);
    history.step(Number.POSITIVE_INFINITY);
    expect(history.outages).toEqual(outagesOf(records));
  });

  it('has no period that ended before the first record that is kept', () => {
    const records = recordsOf('outage');
    const track = new Track('bounded', 40);
    const history = new History(track);
    for (const record of records) {
      track.appendRecords([record]);
      const over = history.spans.filter(({ toMs }) => toMs !== null && toMs < track.startMs);
      expect(over).toEqual([]);
    }
    expect(history.spans.map(({ state }) => state)).toEqual(['restarting', 'connected']);
  });
});

function columnsOf(track: Track): Samples {
  const columns = new Samples(track);
  columns.step(Number.POSITIVE_INFINITY);
  return columns;
}

describe('the columns of a plot', () => {
  it('keep every spike, however few points there is room for', () => {
    const track = new Track('sampled');
    track.appendRecords(samples(10_000, (index) => (index === 7_777 ? 900 : 10)));
    const { times, rttMs } = columnsOf(track).between(track.startMs, track.endMs, 200);
    expect(times.length).toBeLessThanOrEqual(201);
    expect(Math.max(...rttMs.map((value) => value ?? 0))).toBe(900);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });

  it('leave a gap where nothing was measured', () => {
    const track = new Track('sampled');
    track.appendRecords(samples(1_000, (index) => (index >= 400 && index < 600 ? null : 10)));
    const { rttMs } = columnsOf(track).between(track.startMs, track.endMs, 100);
    expect(rttMs.filter((value) => value === null).length).toBeGreaterThan(15);
  });

  it('have the worst round trip, loss and quality of each stretch', () => {
    const track = new Track('sampled');
    const [rtts, losses] = [
      [10, 900, null, 20],
      [0.5, 0, null, 0.1],
    ];
    const words = ['critical', 'good', 'unknown', 'warning'] as const;
    track.appendRecords(
      samples(4, (index) => rtts[index] ?? null).map((record, index) =>
        record.kind === 'sample'
          ? { ...record, loss: losses[index] ?? null, status: words[index] ?? 'unknown' }
          : record,
      ),
    );
    expect(columnsOf(track).between(track.startMs, track.endMs, 2)).toEqual({
      times: [track.timeAt(1) / 1_000, track.timeAt(3) / 1_000],
      rttMs: [900, 20],
      loss: [0.5, 0.1],
      quality: ['critical', 'warning'],
    });
  });

  it('are those between two times, and one on either side', () => {
    const track = new Track('sampled');
    track.appendRecords(samples(10, (index) => index));
    const { rttMs } = columnsOf(track).between(track.timeAt(3) + 1, track.timeAt(5) + 1, 100);
    expect(rttMs).toEqual([3, 4, 5, 6]);
  });

  it('start again when older samples arrive', () => {
    const track = new Track('sampled');
    const plot = new Samples(track);
    const all = samples(10, (index) => index);
    for (const part of [all.slice(5), all.slice(0, 5)]) {
      track.appendRecords(part);
      plot.step(Number.POSITIVE_INFINITY);
    }
    expect(plot.between(track.startMs, track.endMs, 100).rttMs).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('grow with the track, and drop what it drops', () => {
    const track = new Track('sampled', 2_000);
    const plot = new Samples(track);
    const all = samples(20_000, () => 10);
    for (let start = 0; start < all.length; start += 500) {
      track.appendRecords(all.slice(start, start + 500));
      while (!plot.step(0));
      const { times } = plot.between(0, Number.MAX_SAFE_INTEGER, 100_000);
      expect(times.at(-1)).toBeCloseTo(track.endMs / 1_000, 6);
      expect(times.length).toBeLessThan(4_000);
    }
  });
});
