import type { SessionRecord } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { readFixture, recordsOf } from '../../tests/inspect/fixtures';
import { Desk } from '../src/model/desk';
import { readLines } from '../src/model/lines';

/** The fixture as if from another recorder. */
const as = (link: string, records = recordsOf('outage')): SessionRecord[] =>
  records.map((record) => ({ ...record, link }));

const labelled = (label: string, records: SessionRecord[]): SessionRecord[] =>
  records.map((record) => (record.kind === 'session' ? { ...record, label } : record));

const later = (records: SessionRecord[], ms: number): SessionRecord[] =>
  records.map((record) => ({ ...record, wallMs: record.wallMs + ms }));
const HOUR_MS = 3_600_000;

const namesOf = (desk: Desk) => desk.links.map(({ track }) => track.link);

function deskWith(...links: string[]): Desk {
  const desk = new Desk();
  for (const link of links) desk.receive(labelled(link, as(link)), null, 0);
  return desk;
}

describe('the desk', () => {
  it('shows the links by name, and the first of them unless another is selected', () => {
    const desk = deskWith('two', 'one');
    expect(desk.links.map(({ track }) => track.label)).toEqual(['one', 'two']);
    expect([desk.selected?.track.link, desk.other?.track.link]).toEqual(['one', 'two']);
    desk.select('two');
    desk.select('nobody');
    expect([desk.selected?.track.link, desk.other?.track.link]).toEqual(['two', 'one']);
  });

  it('shows one of several links beside its other end, whose name has the same words', () => {
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

  it('shows no link beside one that ended before it started, or started after it ended', () => {
    const desk = deskWith('one');
    desk.receive(labelled('two', later(as('two'), HOUR_MS)), null, 0);
    expect(desk.other).toBeNull();
    desk.select('two');
    expect([desk.selected?.track.link, desk.other]).toEqual(['two', null]);
  });

  it('shows the older of one name first, and selects the last if all pages are gone', () => {
    const desk = new Desk();
    desk.receive(labelled('one', later(as('second load'), HOUR_MS)), null, 0);
    desk.receive(labelled('one', as('first load')), null, 0);
    expect(namesOf(desk)).toEqual(['first load', 'second load']);
    desk.select('first load');
    expect(desk.selected?.track.link).toBe('first load');
    for (const link of namesOf(desk)) desk.lose(link);
    expect(desk.selected?.track.link).toBe('second load');
  });

  it('shows a link as live again when it sends something after all', () => {
    const desk = deskWith('one');
    desk.lose('one');
    desk.receive(as('one'), null, 0);
    expect(desk.links.map(({ status }) => status)).toEqual(['live']);
  });

  it('continues with the link of the same name when a page is reloaded', () => {
    const desk = deskWith('one', 'two');
    desk.select('two');
    desk.lose('two');
    expect([desk.selected?.track.link, desk.selected?.status]).toEqual(['two', 'lost']);
    desk.receive(labelled('two', as('two again')), null, 0);
    expect(desk.selected?.track.link).toBe('two again');
    desk.forgetLost();
    expect(namesOf(desk)).toEqual(['one', 'two again']);
  });

  it('keeps the links that sent something last, however many a stranger in the game invents', () => {
    const desk = deskWith('own');
    const records = recordsOf('outage');
    for (let n = 0; n < 1_000; n++) {
      desk.receive(as(`invented ${n}`, records.slice(1, 2)), null, 0);
      if (n % 50 === 0) desk.receive(as('own', records.slice(-1)), null, 0);
    }
    expect(desk.links.length).toBeLessThan(100);
    expect(desk.links.find(({ track }) => track.link === 'own')?.track.label).toBe('own');
  });

  it('keeps the selected link, whoever sends more', () => {
    const desk = deskWith('own', 'other');
    desk.select('own');
    for (let n = 0; n < 100; n++) desk.receive(as(`invented ${n}`), null, 0);
    expect(desk.selected?.track.link).toBe('own');
    expect(namesOf(desk)).toContain('invented 99');
  });

  it('keeps a few of the links whose pages are gone', () => {
    const desk = new Desk();
    for (let load = 0; load < 20; load++) {
      desk.receive(labelled('one', as(`load ${load}`)), null, 0);
      desk.lose(`load ${load}`);
    }
    expect(namesOf(desk)).toEqual(['load 16', 'load 17', 'load 18', 'load 19']);
  });

  it('keeps all live links, however many, when one is gone', () => {
    const players = ['1', '2', '3', '4', '5', '6'];
    const desk = deskWith(...players);
    desk.lose('3');
    expect(namesOf(desk)).toEqual(players);
  });

  it('has the range from the first record of all links to the last', () => {
    expect(new Desk().range).toEqual({ startMs: 0, endMs: 0 });
    const desk = deskWith('one');
    const { startMs, endMs } = desk.range;
    desk.receive(later(as('two'), HOUR_MS), null, 0);
    expect(desk.range).toEqual({ startMs, endMs: endMs + HOUR_MS });
  });

  it('has a new revision with each change, and only then', () => {
    const desk = deskWith('one', 'two');
    const changes: [string, () => void][] = [
      ['receive', () => desk.receive(as('one'), null, 0)],
      ['select', () => desk.select('two')],
      ['select nobody', () => desk.select('nobody')],
      ['pass, live', () => desk.pass(1)],
      ['seek', () => desk.seek(0)],
      ['pass, standing', () => desk.pass(1)],
      ['goLive', () => desk.goLive()],
      ['lose', () => desk.lose('one')],
      ['lose it again', () => desk.lose('one')],
      ['lose nobody', () => desk.lose('nobody')],
      ['forgetLost', () => desk.forgetLost()],
      ['open', () => desk.open('outage.ndjson', readLines(readFixture('outage')).links)],
      ['closeRecording', () => desk.closeRecording()],
    ];
    const silent = changes.filter(([, change]) => {
      const before = desk.revision;
      change();
      return desk.revision === before;
    });
    expect(silent.map(([name]) => name)).toEqual([
      'select nobody',
      'pass, live',
      'pass, standing',
      'lose it again',
      'lose nobody',
    ]);
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

  it('stays at a moment, plays from there, and ends up live', () => {
    const desk = deskWith('one');
    const { startMs, endMs } = desk.range;
    desk.seek(startMs - 500);
    expect(desk.cursor).toEqual({ at: 'moment', timeMs: startMs, speed: 0 });
    desk.pass(1_000);
    expect(desk.cursor).toEqual({ at: 'moment', timeMs: startMs, speed: 0 });
    desk.seek(startMs, 4);
    desk.pass(1_000);
    expect(desk.cursor).toEqual({ at: 'moment', timeMs: startMs + 4_000, speed: 4 });
    expect(desk.links.map((link) => desk.momentOf(link, endMs + 1_000))).toEqual([startMs + 4_000]);
    desk.pass(endMs - startMs);
    expect(desk.cursor).toEqual({ at: 'live' });
  });

  it('covers the live links with a recording, and shows them in their current state afterwards', () => {
    const desk = deskWith('one');
    desk.seek(0);
    desk.open('outage.ndjson', readLines(readFixture('outage')).links);
    expect(desk.cursor).toEqual({ at: 'live' });
    expect(desk.links.map(({ status }) => status)).toEqual(['recorded']);
    desk.seek(0);
    desk.receive(as('two'), null, 0);
    expect(desk.links).toHaveLength(1);
    desk.closeRecording();
    expect(desk.cursor).toEqual({ at: 'live' });
    expect(namesOf(desk)).toEqual(['one', 'two']);
  });

  it('offers controls only for a source that allows them, and none for one that is gone', () => {
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
