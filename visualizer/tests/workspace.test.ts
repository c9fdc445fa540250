import type { SessionRecord } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { readFixture, recordsOf } from '../../tests/inspect/fixtures';
import { readLines } from '../src/model/lines';
import { Workspace } from '../src/model/workspace';

/** The fixture as if from another recorder. */
const as = (link: string, records = recordsOf('outage')): SessionRecord[] =>
  records.map((record) => ({ ...record, link }));

const labelled = (label: string, records: SessionRecord[]): SessionRecord[] =>
  records.map((record) => (record.kind === 'session' ? { ...record, label } : record));

const later = (records: SessionRecord[], ms: number): SessionRecord[] =>
  records.map((record) => ({ ...record, wallMs: record.wallMs + ms }));
const HOUR_MS = 3_600_000;

const namesOf = (workspace: Workspace) => workspace.links.map(({ track }) => track.link);

function workspaceWith(...links: string[]): Workspace {
  const workspace = new Workspace();
  for (const link of links) workspace.receive(labelled(link, as(link)), null, 0);
  return workspace;
}

describe('the workspace', () => {
  it('shows the links by name, and the first of them unless another is selected', () => {
    const workspace = workspaceWith('two', 'one');
    expect(workspace.links.map(({ track }) => track.label)).toEqual(['one', 'two']);
    expect([workspace.selected?.track.link, workspace.other?.track.link]).toEqual(['one', 'two']);
    workspace.select('two');
    workspace.select('nobody');
    expect([workspace.selected?.track.link, workspace.other?.track.link]).toEqual(['two', 'one']);
  });

  it('shows one of several links beside its other end, whose name has the same words', () => {
    const workspace = workspaceWith('duel 1–2', 'duel 1–3', 'duel 2–1', 'duel 2–3', 'duel 3–1', 'duel 3–2');
    const pairs = workspace.links.map(({ track }) => {
      workspace.select(track.link);
      return `${track.label} and ${workspace.other?.track.label}`;
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
    const workspace = workspaceWith('one');
    workspace.receive(labelled('two', later(as('two'), HOUR_MS)), null, 0);
    expect(workspace.other).toBeNull();
    workspace.select('two');
    expect([workspace.selected?.track.link, workspace.other]).toEqual(['two', null]);
  });

  it('shows the older of one name first, and selects the last if all pages are gone', () => {
    const workspace = new Workspace();
    workspace.receive(labelled('one', later(as('second load'), HOUR_MS)), null, 0);
    workspace.receive(labelled('one', as('first load')), null, 0);
    expect(namesOf(workspace)).toEqual(['first load', 'second load']);
    workspace.select('first load');
    expect(workspace.selected?.track.link).toBe('first load');
    for (const link of namesOf(workspace)) workspace.lose(link);
    expect(workspace.selected?.track.link).toBe('second load');
  });

  it('shows a link as live again when it sends something after all', () => {
    const workspace = workspaceWith('one');
    workspace.lose('one');
    workspace.receive(as('one'), null, 0);
    expect(workspace.links.map(({ status }) => status)).toEqual(['live']);
  });

  it('continues with the link of the same name when a page is reloaded', () => {
    const workspace = workspaceWith('one', 'two');
    workspace.select('two');
    workspace.lose('two');
    expect([workspace.selected?.track.link, workspace.selected?.status]).toEqual(['two', 'lost']);
    workspace.receive(labelled('two', as('two again')), null, 0);
    expect(workspace.selected?.track.link).toBe('two again');
    workspace.forgetLost();
    expect(namesOf(workspace)).toEqual(['one', 'two again']);
  });

  it('keeps the links that sent something last, however many a stranger in the game invents', () => {
    const workspace = workspaceWith('own');
    const records = recordsOf('outage');
    for (let n = 0; n < 1_000; n++) {
      workspace.receive(as(`invented ${n}`, records.slice(1, 2)), null, 0);
      if (n % 50 === 0) workspace.receive(as('own', records.slice(-1)), null, 0);
    }
    expect(workspace.links.length).toBeLessThan(100);
    expect(workspace.links.find(({ track }) => track.link === 'own')?.track.label).toBe('own');
  });

  it('keeps the selected link, whoever sends more', () => {
    const workspace = workspaceWith('own', 'other');
    workspace.select('own');
    for (let n = 0; n < 100; n++) workspace.receive(as(`invented ${n}`), null, 0);
    expect(workspace.selected?.track.link).toBe('own');
    expect(namesOf(workspace)).toContain('invented 99');
  });

  it('keeps a few of the links whose pages are gone', () => {
    const workspace = new Workspace();
    for (let load = 0; load < 20; load++) {
      workspace.receive(labelled('one', as(`load ${load}`)), null, 0);
      workspace.lose(`load ${load}`);
    }
    expect(namesOf(workspace)).toEqual(['load 16', 'load 17', 'load 18', 'load 19']);
  });

  it('keeps all live links, however many, when one is gone', () => {
    const players = ['1', '2', '3', '4', '5', '6'];
    const workspace = workspaceWith(...players);
    workspace.lose('3');
    expect(namesOf(workspace)).toEqual(players);
  });

  it('has the range from the first record of all links to the last', () => {
    expect(new Workspace().range).toEqual({ startMs: 0, endMs: 0 });
    const workspace = workspaceWith('one');
    const { startMs, endMs } = workspace.range;
    workspace.receive(later(as('two'), HOUR_MS), null, 0);
    expect(workspace.range).toEqual({ startMs, endMs: endMs + HOUR_MS });
  });

  it('has a new revision with each change, and only then', () => {
    const workspace = workspaceWith('one', 'two');
    const changes: [string, () => void][] = [
      ['receive', () => workspace.receive(as('one'), null, 0)],
      ['select', () => workspace.select('two')],
      ['select nobody', () => workspace.select('nobody')],
      ['pass, live', () => workspace.pass(1)],
      ['seek', () => workspace.seek(0)],
      ['pass, standing', () => workspace.pass(1)],
      ['goLive', () => workspace.goLive()],
      ['lose', () => workspace.lose('one')],
      ['lose it again', () => workspace.lose('one')],
      ['lose nobody', () => workspace.lose('nobody')],
      ['forgetLost', () => workspace.forgetLost()],
      ['open', () => workspace.open('outage.ndjson', readLines(readFixture('outage')).links)],
      ['closeRecording', () => workspace.closeRecording()],
    ];
    const silent = changes.filter(([, change]) => {
      const before = workspace.revision;
      change();
      return workspace.revision === before;
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
    const workspace = new Workspace();
    const records = as('one');
    const endMs = records.at(-1)?.wallMs ?? 0;
    workspace.receive(records, null, endMs + 3_600_000);
    const { selected } = workspace;
    if (!selected) throw new Error('a link turned up');
    expect(workspace.momentOf(selected, endMs + 3_600_000 + 250)).toBeCloseTo(endMs + 250, -1);
    workspace.lose('one');
    expect(workspace.momentOf(selected, endMs + 9_999_999)).toBe(selected.track.endMs);
  });

  it('stays at a moment, plays from there, and ends up live', () => {
    const workspace = workspaceWith('one');
    const { startMs, endMs } = workspace.range;
    workspace.seek(startMs - 500);
    expect(workspace.cursor).toEqual({ at: 'moment', timeMs: startMs, speed: 0 });
    workspace.pass(1_000);
    expect(workspace.cursor).toEqual({ at: 'moment', timeMs: startMs, speed: 0 });
    workspace.seek(startMs, 4);
    workspace.pass(1_000);
    expect(workspace.cursor).toEqual({ at: 'moment', timeMs: startMs + 4_000, speed: 4 });
    expect(workspace.links.map((link) => workspace.momentOf(link, endMs + 1_000))).toEqual([startMs + 4_000]);
    workspace.pass(endMs - startMs);
    expect(workspace.cursor).toEqual({ at: 'live' });
  });

  it('covers the live links with a recording, and shows them in their current state afterwards', () => {
    const workspace = workspaceWith('one');
    workspace.seek(0);
    workspace.open('outage.ndjson', readLines(readFixture('outage')).links);
    expect(workspace.cursor).toEqual({ at: 'live' });
    expect(workspace.links.map(({ status }) => status)).toEqual(['recorded']);
    workspace.seek(0);
    workspace.receive(as('two'), null, 0);
    expect(workspace.links).toHaveLength(1);
    workspace.closeRecording();
    expect(workspace.cursor).toEqual({ at: 'live' });
    expect(namesOf(workspace)).toEqual(['one', 'two']);
  });

  it('offers controls only for a source that allows them, and none for one that is gone', () => {
    const workspace = new Workspace();
    const sent: unknown[] = [];
    workspace.receive(as('one'), (link, event) => sent.push([link, event]), 0);
    workspace.receive(as('two'), null, 0);
    expect(workspace.links.map(({ control }) => control === null)).toEqual([false, true]);
    workspace.links[0]?.control?.({ type: 'restart' });
    expect(sent).toEqual([['one', { type: 'restart' }]]);
    workspace.lose('one');
    expect(workspace.links[0]?.control).toBeNull();
  });
});
