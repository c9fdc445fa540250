import {
  parseMessage,
  parseNdjson,
  parseRecord,
  type RecordBody,
  type SessionRecord,
} from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { HEALTHY } from '../support/evidence';
import { BEGAN_MS, CONTEXT, DIRECT, FAILURE, mark, moved, PLAN, SESSION, sample, written } from './written';

const HEAD = { v: 1, link: 'written', seq: 1, atMs: 0, wallMs: BEGAN_MS };
const MARK = { ...HEAD, ...mark('here') };
const LONG = 'a'.repeat(300);

const timed = moved('new', 'checking', {
  arrows: [
    { source: 'new', event: 'connect', guard: 'isReady', target: 'checking' },
    { source: 'checking', event: 'always' },
  ],
  context: { plan: PLAN, failure: FAILURE },
});

const BODIES: [string, RecordBody][] = [
  ['session', SESSION],
  ['session with a custom policy', { ...SESSION, policy: 'custom' }],
  ['transition', timed],
  [
    'transition with timers',
    { ...timed, timers: [{ name: 'connectTimeout', state: 'checking', ms: 900, ofMs: 1_000 }] },
  ],
  [
    'transition of the outage machine',
    {
      kind: 'transition',
      machine: 'outage',
      event: 'asked',
      from: 'none',
      to: 'none',
      arrows: [],
      timers: [],
      context: { isAsked: true },
    },
  ],
  ['command to the peer', { kind: 'command', to: 'peer', command: { type: 'startAttempt' } }],
  ['command to signaling', { kind: 'command', to: 'signaling', command: { type: 'watch' } }],
  ['announcement', { kind: 'announcement', announcement: { type: 'restored' } }],
  [
    'announcement with its reason',
    { kind: 'announcement', announcement: { type: 'failed', reason: 'no-relay' } },
  ],
  ['path', { kind: 'path', path: DIRECT }],
  ['path that is no longer known', { kind: 'path', path: null }],
  ['sample', { kind: 'sample', rttMs: 12.5, jitterMs: 1, loss: 0, status: 'critical' }],
  ['mark', mark('episode 3 ended')],
];

describe('a record', () => {
  it.each(BODIES)('of a %s is read as it was written', (_name, body) => {
    const [record] = written([1_250.5, body]);
    expect(parseRecord(JSON.parse(JSON.stringify(record)))).toStrictEqual(record);
  });

  it.each([
    'outside',
    'self',
    'connection',
    'outage',
    'peer',
    'signaling',
    'environment',
    'stats',
    'path',
    'heartbeat',
  ] as const)('of an event from %s is read as it was written', (from) => {
    for (const machine of ['connection', 'outage'] as const) {
      const [record] = written([0, { kind: 'event', machine, from, event: { type: 'life.silent' } }]);
      expect(parseRecord(record)).toStrictEqual(record);
    }
  });

  it('of an event keeps all members of events', () => {
    const evidence = { channel: 'closed' as const };
    const event = { type: 'x', offer: 1, silentForMs: 2, evidence, failure: FAILURE, error: 'TypeError' };
    const [record] = written([0, { kind: 'event', machine: 'connection', from: 'peer', event }]);
    expect(parseRecord(record)).toStrictEqual(record);
  });

  it.each(['offer', 'answer', 'ice-candidate', 'hello', 'bye', 'other'] as const)(
    'of the signal %s is read as it was written',
    (type) => {
      for (const direction of ['in', 'out'] as const) {
        const [record] = written([0, { kind: 'signal', direction, type }]);
        expect(parseRecord(record)).toStrictEqual(record);
      }
    },
  );

  it.each(['good', 'warning', 'critical', 'unknown'] as const)('of a %s sample is kept', (status) => {
    const [record] = written([0, sample(1, status)]);
    expect(parseRecord(record)).toStrictEqual(record);
  });

  it('loses unknown members', () => {
    expect(parseRecord({ ...MARK, sdp: 'v=0' })).toStrictEqual(MARK);
  });

  it('may have the longest link name, and the earliest date', () => {
    const record = { ...MARK, link: 'a'.repeat(100), wallMs: -8.64e15 };
    expect(parseRecord(record)).toEqual(record);
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a string', 'mark'],
    ['a list', [MARK]],
    ['another version', { ...MARK, v: 2 }],
    ['no link name', { ...MARK, link: '' }],
    ['a link name that is too long', { ...MARK, link: 'a'.repeat(101) }],
    ['a link that is not a string', { ...MARK, link: 7 }],
    ['a link that is a list', { ...MARK, link: ['a'] }],
    ['the number 0', { ...MARK, seq: 0 }],
    ['a fractional number', { ...MARK, seq: 1.5 }],
    ['a number as text', { ...MARK, seq: '1' }],
    ['no time', { ...MARK, atMs: null }],
    ['no date', { ...MARK, wallMs: '2026' }],
    ['a date after the last one', { ...MARK, wallMs: 8.65e15 }],
    ['a date before the first one', { ...MARK, wallMs: -8.65e15 }],
    ['another kind', { ...MARK, kind: 'sdp' }],
    ['a session without charts', { ...HEAD, ...SESSION, machines: null }],
    [
      'only the connection chart',
      { ...HEAD, ...SESSION, machines: { connection: SESSION.machines.connection } },
    ],
    ['only the outage chart', { ...HEAD, ...SESSION, machines: { outage: SESSION.machines.outage } }],
    ['a transition of an unknown machine', { ...HEAD, ...timed, machine: 'peer' }],
    [
      'an event of an unknown machine',
      { ...HEAD, kind: 'event', machine: 'peer', from: 'self', event: { type: 'x' } },
    ],
    ['an event of nobody', { ...HEAD, kind: 'event', machine: 'outage', from: 'me', event: { type: 'x' } }],
    ['an event without a type', { ...HEAD, kind: 'event', machine: 'outage', from: 'self', event: {} }],
    ['no event', { ...HEAD, kind: 'event', machine: 'outage', from: 'self' }],
    ['a command to no actor', { ...HEAD, kind: 'command', to: 'stats', command: { type: 'connect' } }],
    [
      'a command of signaling to the peer',
      { ...HEAD, kind: 'command', to: 'peer', command: { type: 'watch' } },
    ],
    [
      'a command of the peer to signaling',
      { ...HEAD, kind: 'command', to: 'signaling', command: { type: 'connect' } },
    ],
    ['an unknown command', { ...HEAD, kind: 'command', to: 'peer', command: { type: 'eval' } }],
    ['an unknown announcement', { ...HEAD, kind: 'announcement', announcement: { type: 'won' } }],
    ['a signal without a direction', { ...HEAD, kind: 'signal', type: 'offer' }],
    ['an unknown signal', { ...HEAD, kind: 'signal', direction: 'in', type: 'v=0' }],
    ['a sample without a status', { ...HEAD, kind: 'sample', rttMs: 1, jitterMs: 1, loss: 0 }],
  ])('is refused with %s', (_name, value) => {
    expect(parseRecord(value)).toBeNull();
  });

  it('of a session has only the members of sessions', () => {
    const found = { label: 7, library: LONG, input: null, policy: 'other', machines: SESSION.machines };
    const timings = Object.fromEntries(Object.keys(SESSION.input.timings).map((name) => [name, 0]));
    expect(parseRecord({ ...HEAD, kind: 'session', ...found })).toStrictEqual({
      ...HEAD,
      kind: 'session',
      label: '',
      library: 'a'.repeat(256),
      input: { timings, browser: 'other', relayOnly: false },
      policy: 'default',
      machines: SESSION.machines,
    });
  });

  it('of a transition has only the members of transitions', () => {
    const found = {
      event: null,
      from: LONG,
      to: 7,
      arrows: [null, { source: 'a', event: LONG, guard: 7, target: null, sdp: 'v=0' }],
      timers: [{ name: LONG, state: 7, ms: '1', ofMs: Number.NaN }],
      context: { evidence: HEALTHY, sdp: 'v=0' },
    };
    expect(parseRecord({ ...HEAD, kind: 'transition', machine: 'connection', ...found })).toStrictEqual({
      ...HEAD,
      kind: 'transition',
      machine: 'connection',
      event: '',
      from: 'a'.repeat(256),
      to: '',
      arrows: [
        { source: '', event: '' },
        { source: 'a', event: 'a'.repeat(256) },
      ],
      timers: [{ name: 'a'.repeat(256), state: '', ms: 0, ofMs: 0 }],
      context: CONTEXT,
    });
  });

  it('of a transition has empty lists for anything else, and the last hundred of longer ones', () => {
    const bare = { ...HEAD, kind: 'transition', machine: 'outage', arrows: 'x', timers: {} };
    expect(parseRecord(bare)).toStrictEqual({
      ...bare,
      event: '',
      from: '',
      to: '',
      arrows: [],
      timers: [],
      context: { isAsked: false },
    });
    const arrows = Array.from({ length: 101 }, () => ({ source: 'a', event: 'b' }));
    expect(parseRecord({ ...bare, arrows })).toMatchObject({ arrows: arrows.slice(1) });
  });

  it('of an event has a type of limited length, and only the class of an error', () => {
    const event = { type: LONG, error: '203.0.113.77 refused' };
    const found = { ...HEAD, kind: 'event', machine: 'outage', from: 'self' };
    expect(parseRecord({ ...found, event })).toStrictEqual({
      ...found,
      event: { type: '(unknown)', error: '(unnamed)' },
    });
    expect(parseRecord({ ...found, event: { type: 'a', error: 7 } })).toStrictEqual({
      ...found,
      event: { type: 'a' },
    });
  });

  it('of an announcement has no unknown reason', () => {
    const announcement = { type: 'failed', reason: 'v=0' };
    expect(parseRecord({ ...HEAD, kind: 'announcement', announcement })).toStrictEqual({
      ...HEAD,
      kind: 'announcement',
      announcement: { type: 'failed' },
    });
  });

  it('of a sample has only finite numbers', () => {
    const found = { rttMs: '1', jitterMs: Number.NaN, loss: undefined, status: 'good' };
    expect(parseRecord({ ...HEAD, kind: 'sample', ...found })).toStrictEqual({ ...HEAD, ...sample(null) });
  });

  it('of a mark has a text of limited length', () => {
    expect(parseRecord({ ...MARK, text: LONG })).toEqual({ ...MARK, text: 'a'.repeat(256) });
    expect(parseRecord({ ...MARK, text: 7 })).toEqual({ ...MARK, text: '' });
  });
});

describe('a chart in a session record', () => {
  const arrow = { event: 'go', guard: null, target: null, actions: [], reenter: false, delay: null };
  const leaf = {
    key: 'a',
    path: 'a',
    type: 'atomic',
    initial: null,
    entry: [],
    exit: [],
    invoke: [],
    arrows: [],
    states: [],
  };

  /** The connection's chart as it is read. */
  function parsed(connection: unknown) {
    const machines = { connection, outage: SESSION.machines.outage };
    const record = parseRecord({ ...HEAD, ...SESSION, machines });
    return record?.kind === 'session' ? record.machines.connection : null;
  }

  it('is read as it was written', () => {
    const states = ['atomic', 'compound', 'parallel', 'final', 'history'].map((type) => ({ ...leaf, type }));
    const root = {
      ...leaf,
      path: '',
      type: 'compound',
      initial: 'a',
      entry: ['enter'],
      exit: ['leave'],
      invoke: [{ id: 'peer', src: 'peerActor' }],
      arrows: [
        arrow,
        { ...arrow, guard: 'isReady', target: 'a.b', actions: ['note'], reenter: true, delay: 'patience' },
        { ...arrow, target: '' },
      ],
      states,
    };
    const chart = { id: 'connection', root, delays: { patience: 500, backoff: null } };
    expect(parsed(JSON.parse(JSON.stringify(chart)))).toStrictEqual(chart);
  });

  it('has only names and numbers', () => {
    const root = {
      key: 7,
      path: 'a b',
      type: 'v=0',
      initial: 7,
      entry: 'enter',
      exit: ['a b'],
      invoke: [null],
      arrows: [{ event: '', guard: 'a b', target: 'a b', actions: {}, reenter: 1, delay: 7 }],
      states: null,
      sdp: 'v=0',
    };
    expect(parsed({ id: 'a b', root, delays: { 'a b': '500' } })).toStrictEqual({
      id: '(unnamed)',
      root: {
        ...leaf,
        key: '(unnamed)',
        path: '(unnamed)',
        exit: ['(unnamed)'],
        invoke: [{ id: '(unnamed)', src: '(unnamed)' }],
        arrows: [{ ...arrow, event: '(unnamed)', guard: '(unnamed)', target: '(unnamed)' }],
      },
      delays: { '(unnamed)': null },
    });
  });

  it.each([[null], ['connection'], [{ id: 'connection' }], [{ id: 'connection', root: [] }]])(
    'is null for %j',
    (value) => {
      expect(parsed(value)).toBeNull();
    },
  );

  it('has at most a hundred of anything', () => {
    const names = Array.from({ length: 101 }, (_, index) => `n${index}`);
    const delays = Object.fromEntries(names.map((name) => [name, 1]));
    const chart = parsed({ id: 'a', root: { ...leaf, entry: names }, delays });
    expect(chart?.root.entry).toEqual(names.slice(0, 100));
    expect(Object.keys(chart?.delays ?? {})).toEqual(names.slice(0, 100));
  });

  it('has states nested at most eight deep', () => {
    const nest = (depth: number): object => ({ ...leaf, states: depth > 0 ? [nest(depth - 1)] : [] });
    expect(parsed({ id: 'a', root: nest(8), delays: {} })?.root).toEqual(nest(8));
    expect(parsed({ id: 'a', root: nest(12), delays: {} })?.root).toEqual(nest(8));
  });
});

describe('a file of records', () => {
  it('is read line by line: empty lines are skipped, and lines that are not records are counted', () => {
    const lines = [
      JSON.stringify(MARK),
      '',
      '  ',
      'no JSON',
      '{"v":2}',
      JSON.stringify({ ...MARK, seq: 2 }),
      '',
    ];
    expect(parseNdjson(lines.join('\n'))).toEqual({ records: [MARK, { ...MARK, seq: 2 }], refused: 2 });
  });

  it('may be empty', () => {
    expect(parseNdjson('')).toEqual({ records: [], refused: 0 });
  });

  it('is read with a byte order mark and Windows line endings', () => {
    const line = JSON.stringify(MARK);
    expect(parseNdjson(`\uFEFF${line}\r\n\r\n`)).toEqual({ records: [MARK], refused: 0 });
  });
});

describe('a message between sources and viewers', () => {
  const LINK = 'a'.repeat(100);
  const control = (event: unknown, link: unknown = LINK) => ({ holdfast: 1, type: 'control', link, event });

  it.each([
    { holdfast: 1, type: 'hello' },
    { holdfast: 1, type: 'bye', link: LINK },
    control({ type: 'restart' }),
    control({ type: 'close' }),
    control({ type: 'simulate-loss', fact: 'ice.disconnected' }),
    control({ type: 'simulate-loss', fact: 'ice.failed' }),
    control({ type: 'simulate-loss', fact: 'channel.closed' }),
    { holdfast: 1, type: 'records', isControllable: false, records: [MARK] },
  ])('is read as it was sent, as an object or as text: %j', (message) => {
    expect(parseMessage({ ...message, sdp: 'v=0' })).toStrictEqual(message);
    expect(parseMessage(JSON.stringify(message))).toStrictEqual(message);
  });

  it.each<[string, unknown]>([
    ['text that is not JSON', '{'],
    ['JSON that is not an object', '[1]'],
    ['another protocol', { holdfast: 2, type: 'hello' }],
    ['another type', { holdfast: 1, type: 'eval' }],
    ['a bye without a link', { holdfast: 1, type: 'bye' }],
    ['a bye with too long a link name', { holdfast: 1, type: 'bye', link: `${LINK}a` }],
    ['a control without a link', control({ type: 'close' }, 7)],
    ['a control without an event', control(null)],
    ['a control with an unknown event', control({ type: 'eval' })],
    ['a fact in an unknown event', control({ type: 'eval', fact: 'ice.failed' })],
    ['a loss without a fact', control({ type: 'simulate-loss' })],
    ['a fact that is not a loss', control({ type: 'simulate-loss', fact: 'link.up' })],
    ['records that are not a list', { holdfast: 1, type: 'records', records: { length: 1 } }],
  ])('is null for %s', (_name, value) => {
    expect(parseMessage(value)).toBeNull();
  });

  it('has at most a thousand records, and is controllable only if `isControllable` is true', () => {
    const records = Array.from({ length: 1_001 }, (_, index) => ({ ...MARK, seq: index + 1 }));
    const kept: unknown[] = records.slice(0, 1_000);
    expect(parseMessage({ holdfast: 1, type: 'records', isControllable: 1, records })).toEqual({
      holdfast: 1,
      type: 'records',
      isControllable: false,
      records: kept,
    });
  });

  it('keeps only the valid records', () => {
    const records: (SessionRecord | null | object)[] = [null, { ...MARK, v: 2 }, MARK];
    expect(parseMessage({ holdfast: 1, type: 'records', isControllable: true, records })).toEqual({
      holdfast: 1,
      type: 'records',
      isControllable: true,
      records: [MARK],
    });
  });
});
