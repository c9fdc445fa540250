import { CSV_COLUMNS, type RecordBody, toCsv, toNdjson } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { DIRECT, FAILURE, mark, moved, PLAN, RELAYED, SESSION, toldOutage, written } from './written';

const HEADER =
  'link,seq,at_ms,wall_time,kind,machine,event,from,to,attempts,reason,detail,rtt_ms,jitter_ms,loss,status';

/** The cells after those that start every row. */
function cellsOf(body: RecordBody): string {
  const [header, row = '', ...rest] = toCsv(written([1_250.5, body])).split('\r\n');
  expect([header, rest]).toEqual([HEADER, ['']]);
  const head = 'written,1,1250.5,2026-01-01T00:00:01.250Z,';
  expect(row.slice(0, head.length)).toBe(head);
  return row.slice(head.length);
}

describe('the CSV of a session log', () => {
  it('has the documented columns, and only these if there are no records', () => {
    expect(CSV_COLUMNS.join(',')).toBe(HEADER);
    expect(toCsv([])).toBe(`${HEADER}\r\n`);
  });

  it('has a line for each record, in order', () => {
    const lines = toCsv(written([0, mark('a')], [10, mark('b')])).split('\r\n');
    expect(lines).toEqual([
      HEADER,
      'written,1,0,2026-01-01T00:00:00.000Z,mark,,,,,,,a,,,,',
      'written,2,10,2026-01-01T00:00:00.010Z,mark,,,,,,,b,,,,',
      '',
    ]);
  });

  it.each<[string, RecordBody, string]>([
    ['session', SESSION, 'session,,,,,,,"player 1, holdfast 0.1.0, default policy",,,,'],
    [
      'session with a custom policy',
      { ...SESSION, policy: 'custom' },
      'session,,,,,,,"player 1, holdfast 0.1.0, custom policy",,,,',
    ],
    [
      'event',
      { kind: 'event', machine: 'connection', from: 'heartbeat', event: { type: 'life.silent' } },
      'event,connection,life.silent,heartbeat,,,,,,,,',
    ],
    [
      'event with a failure',
      { kind: 'event', machine: 'outage', from: 'connection', event: { type: 'failed', failure: FAILURE } },
      'event,outage,failed,connection,,,peer-silent,,,,,',
    ],
    [
      'transition',
      moved('connected.steady', 'disconnected', { event: 'life.silent' }),
      'transition,connection,life.silent,connected.steady,disconnected,0,,,,,,',
    ],
    [
      'transition to an attempt',
      moved('disconnected', 'restarting', { event: 'ice.failed', context: { attempts: 2, plan: PLAN } }),
      'transition,connection,ice.failed,disconnected,restarting,2,,ice-restart,,,,',
    ],
    [
      'transition to the end',
      moved('restarting', 'failed', { event: 'ice.failed', context: { attempts: 3, failure: FAILURE } }),
      'transition,connection,ice.failed,restarting,failed,3,peer-silent,,,,,',
    ],
    [
      'transition of the outage machine',
      toldOutage('none', 'pending'),
      'transition,outage,suspect,none,pending,,,,,,,',
    ],
    [
      'command',
      { kind: 'command', to: 'peer', command: { type: 'startAttempt' } },
      'command,,startAttempt,,peer,,,,,,,',
    ],
    ['announcement', { kind: 'announcement', announcement: { type: 'lost' } }, 'announcement,,lost,,,,,,,,,'],
    [
      'announcement with its reason',
      { kind: 'announcement', announcement: { type: 'failed', reason: 'peer-left' } },
      'announcement,,failed,,,,peer-left,,,,,',
    ],
    ['signal', { kind: 'signal', direction: 'out', type: 'offer' }, 'signal,,offer,,,,,out,,,,'],
    ['direct path', { kind: 'path', path: DIRECT }, 'path,,,,,,,direct host-srflx (udp),,,,'],
    ['relayed path', { kind: 'path', path: RELAYED }, 'path,,,,,,,"relay relay-prflx (tcp, relay tls)",,,,'],
    [
      'path with an unknown protocol',
      { kind: 'path', path: { ...DIRECT, localProtocol: null, protocol: null } },
      'path,,,,,,,direct host-srflx,,,,',
    ],
    ['path that is no longer known', { kind: 'path', path: null }, 'path,,,,,,,unknown,,,,'],
    [
      'sample',
      { kind: 'sample', rttMs: 12.5, jitterMs: 1, loss: 0, status: 'good' },
      'sample,,,,,,,,12.5,1,0,good',
    ],
    [
      'sample of a silent link',
      { kind: 'sample', rttMs: null, jitterMs: null, loss: 0.25, status: 'unknown' },
      'sample,,,,,,,,,,0.25,unknown',
    ],
    ['mark', mark('episode 3 ended'), 'mark,,,,,,,episode 3 ended,,,,'],
  ])('has the cells of a %s', (_name, body, cells) => {
    expect(cellsOf(body)).toBe(cells);
  });

  it.each([
    ['a comma', 'a,b', '"a,b"'],
    ['a quote', 'a "b"', '"a ""b"""'],
    ['a line feed', 'a\nb', '"a\nb"'],
    ['a formula', '=1+1', "'=1+1"],
    ['a sum', '+1', "'+1"],
    ['a difference', '-1', "'-1"],
    ['a function', '@SUM(A1)', "'@SUM(A1)"],
    ['a tab before a formula', '\t=1', "'\t=1"],
    ['a return before a formula', '\r=1', `"'\r=1"`],
    ['an equals sign inside', 'a=1', 'a=1'],
    ['nothing', '', ''],
  ])('keeps %s within its cell', (_name, text, cell) => {
    expect(toCsv(written([0, mark(text)])).slice(HEADER.length + 2)).toBe(
      `written,1,0,2026-01-01T00:00:00.000Z,mark,,,,,,,${cell},,,,\r\n`,
    );
  });

  it('leaves negative numbers unchanged', () => {
    const body: RecordBody = { kind: 'sample', rttMs: -1, jitterMs: null, loss: null, status: 'good' };
    expect(cellsOf(body)).toBe('sample,,,,,,,,-1,,,good');
  });
});

describe('the NDJSON of a session log', () => {
  it('has one record per line', () => {
    const [first, second] = written([0, mark('a')], [10, mark('b')]);
    expect(toNdjson(written([0, mark('a')], [10, mark('b')]))).toBe(
      `${JSON.stringify(first)}\n${JSON.stringify(second)}\n`,
    );
  });

  it('is empty if there are no records', () => {
    expect(toNdjson([])).toBe('');
  });
});
