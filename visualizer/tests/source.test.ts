import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../tests/inspect/fixtures';
import { newerGameNotice } from '../src/app/notices';
import { handleMessage, type SourceListener } from '../src/sources/source';

/** What a listener receives from messages. */
function tell(...messages: unknown[]): unknown[] {
  const told: unknown[] = [];
  const listener: SourceListener = {
    records: (records) => void (records.length > 0 && told.push(records.length)),
    newer: (newer) => void told.push(newer),
    gone: (link) => void told.push(link),
    state: () => {},
  };
  for (const message of messages) handleMessage(message, listener, null);
  return told;
}

const message = (records: unknown[]) => ({ holdfast: 1, type: 'records', isControllable: false, records });

describe('a message of a live source', () => {
  it('delivers its records', () => {
    expect(tell(message(recordsOf('outage')), '{"holdfast":1,"type":"bye","link":"x"}', 'noise')).toEqual([
      recordsOf('outage').length,
      'x',
    ]);
  });

  it.each([
    ['as an object', (value: unknown) => value],
    ['as text', (value: unknown) => JSON.stringify(value)],
  ])('distinguishes a newer Holdfast from one that sends nothing, %s', (_how, on) => {
    const [session] = recordsOf('outage');
    const future = { ...session, v: 2, library: '9.1.0' };
    const told = tell(on(message([])), on(message([future, { v: 2, link: 'x' }])));
    expect(told).toEqual([{ version: 2, library: '9.1.0' }]);
    expect(newerGameNotice({ version: 2, library: '9.1.0' })).toEqual({
      tone: 'bad',
      text: 'A game uses a newer Holdfast (9.1.0): its records have version 2, and this page reads version 1. Watch it in the visualizer of that Holdfast.',
      buttons: [],
    });
  });
});
