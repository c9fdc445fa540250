import type { SessionRecord } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { readFixture, recordsOf } from '../../tests/inspect/fixtures';
import { Desk } from '../src/model/desk';
import { readLines } from '../src/model/lines';

/** The fixture as another recorder's. */
const as = (link: string, records = recordsOf('outage')): SessionRecord[] =>
  records.map((record) => ({ ...record, link }));

const labelled = (label: string, records: SessionRecord[]): SessionRecord[] =>
  records.map((record) => (record.kind === 'session' ? { ...record, label } : record));

function deskWith(...links: string[]): Desk {
  const desk = new Desk();
  for (const link of links) desk.receive(labelled(link, as(link)), null, 0);
  return desk;
}

describe('the desk', () => {
  it('shows the links by name and the first of them, unless another is chosen', () => {
    const desk = deskWith('two', 'one');
    expect(desk.links.map(({ track }) => track.label)).toEqual(['one', 'two']);
    expect([desk.selected?.track.link, desk.other?.track.link]).toEqual(['one', 'two']);
    desk.select('two');
    desk.select('nobody');
    expect([desk.selected?.track.link, desk.other?.track.link]).toEqual(['two', 'one']);
  });

  it('shows a link of several beside its other end, whose name has the same words', () => {
    const desk = deskWith('duel 1–2', 'duel 1–3', 'duel 2–1', 'duel 2–3', 'duel 3–1', 'duel 3–2');
    const pairs = desk.links.map(({ track }) => {
      desk.select(track.link);
      return `${track.label} and ${desk.other?.track.label}`;
    });
    expect(pairs).toEqual([
      'duel 1–2 and duel 2–1',
      'duel 1–3 and duel 3–1',
      'duel 2–1 and duel 1–2',
      'duel 2–3 and duel 3–2',
      'duel 3–1 and duel 1–3',
      'duel 3–2 and duel 2–3',
    ]);
  });

  it('goes on with the link of the same name where a page was loaded anew', () => {
    const desk = deskWith('one', 'two');
    desk.select('two');
    desk.lose('two');
    expect([desk.selected?.track.link, desk.selected?.status]).toEqual(['two', 'lost']);
    desk.receive(labelled('two', as('two again')), null, 0);
    expect(desk.selected?.track.link).toBe('two again');
    desk.forgetLost();
    expect(desk.links.map(({ track }) => track.link)).toEqual(['one', 'two again']);
  });

  it('keeps those that told something last, however many a stranger in the game invents', () => {
    const desk = deskWith('own');
    const records = recordsOf('outage');
    for (let n = 0; n < 1_000; n++) {
      desk.receive(as(`invented ${n}`, records.slice(1, 2)), null, 0);
      if (n % 50 === 0) desk.receive(as('own', records.slice(-1)), null, 0);
    }
    expect(desk.links.length).toBeLessThan(100);
    expect(desk.links.find(({ track }) => track.link === 'own')?.track.label).toBe('own');
  });

  it('keeps the one that the reader looks at, whoever tells more', () => {
    const desk = deskWith('own', 'other');
    desk.select('own');
    for (let n = 0; n < 100; n++) desk.receive(as(`invented ${n}`), null, 0);
    expect(desk.selected?.track.link).toBe('own');
  });

  it('keeps a few of the links whose pages are gone', () => {
    const desk = new Desk();
    for (let load = 0; load < 20; load++) {
      desk.receive(labelled('one', as(`load ${load}`)), null, 0);
      desk.lose(`load ${load}`);
    }
    expect(desk.links.map(({ track }) => track.link)).toEqual(['load 16', 'load 17', 'load 18', 'load 19']);
  });

  it('is live at the source’s time, whatever the viewer’s clock says', () => {
    const desk = new Desk();
    const records = as('one');
    const endMs = records.at(-1)?.wallMs ?? 0;
    desk.receive(records, null, endMs + 3_600_000);
    const { selected } = desk;
    if (!selected) throw new Error('a link turned up');
    expect(desk.momentOf(selected, endMs + 3_600_000 + 250)).toBeCloseTo(endMs + 250, -1);
    desk.lose('one');
    expect(desk.momentOf(selected, endMs + 9_999_999)).toBe(selected.track.endMs);
  });

  it('stands at a moment, plays on from it, and is at the end at last', () => {
    const desk = deskWith('one');
    const { startMs, endMs } = desk.range;
    desk.seek(startMs - 500);
    expect(desk.cursor).toEqual({ at: 'moment', timeMs: startMs, speed: 0 });
    desk.pass(1_000);
    expect(desk.cursor).toEqual({ at: 'moment', timeMs: startMs, speed: 0 });
    desk.seek(startMs, 4);
    desk.pass(1_000);
    expect(desk.cursor).toEqual({ at: 'moment', timeMs: startMs + 4_000, speed: 4 });
    desk.pass(endMs - startMs);
    expect(desk.cursor).toEqual({ at: 'live' });
  });

  it('covers the live links with a recording, and uncovers them as they are by then', () => {
    const desk = deskWith('one');
    desk.open('outage.ndjson', readLines(readFixture('outage')).links);
    expect(desk.links.map(({ status }) => status)).toEqual(['recorded']);
    desk.receive(as('two'), null, 0);
    expect(desk.links).toHaveLength(1);
    desk.closeRecording();
    expect(desk.links.map(({ track }) => track.link)).toEqual(['one', 'two']);
  });

  it('offers controls only of a source that allows them, and none of one that is gone', () => {
    const desk = new Desk();
    const sent: unknown[] = [];
    desk.receive(as('one'), (link, event) => sent.push([link, event]), 0);
    desk.receive(as('two'), null, 0);
    expect(desk.links.map(({ control }) => control === null)).toEqual([false, true]);
    desk.links[0]?.control?.({ type: 'restart' });
    expect(sent).toEqual([['one', { type: 'restart' }]]);
    desk.lose('one');
    expect(desk.links[0]?.control).toBeNull();
  });
});
