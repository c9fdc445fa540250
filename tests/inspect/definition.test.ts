import { delayOf, eventNameOf, pathOf } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import { and, assign, fromCallback, fromPromise, not, sendTo, setup } from 'xstate';
import { definitionOf, eventTypesOf, takenArrowOf } from '../../src/inspect/definition';
import { edgesOf } from '../../src/inspect/untyped-edge';

/** A machine with one of each thing that a chart shows. */
const machine = setup({
  types: {
    context: {} as { count: number },
    events: {} as { type: 'start' } | { type: 'step' } | { type: 'stop' } | { type: 'learn' },
  },
  actors: { clock: fromCallback(() => {}), job: fromPromise(async () => {}) },
  guards: { isReady: () => true, isAtLeast: (_, params: { count: number }) => params.count > 0 },
  actions: { note: () => {}, tell: (_, _params: { text: string }) => {} },
  delays: { patience: 500, backoff: ({ context }) => context.count },
}).createMachine({
  id: 'sample',
  context: { count: 0 },
  initial: 'idle',
  invoke: { id: 'clock', src: 'clock' },
  on: { learn: { actions: [{ type: 'tell', params: { text: '203.0.113.77' } }, 'note'] } },
  states: {
    idle: {
      entry: ['note', assign({ count: 1 }), { type: 'tell', params: { text: 'v=0' } }],
      exit: 'note',
      on: {
        start: [
          { guard: 'isReady', target: 'busy.waiting' },
          { guard: { type: 'isAtLeast', params: { count: 203 } }, target: 'busy' },
          { guard: not('isReady'), target: 'over' },
          { guard: ({ context }) => context.count > 9, target: 'over' },
        ],
        step: { target: 'idle', reenter: true },
        stop: {},
      },
      after: { patience: { target: 'over', actions: 'note' } },
    },
    busy: {
      initial: 'waiting',
      states: {
        waiting: { after: { backoff: { target: 'working', guard: and(['isReady', not('isReady')]) } } },
        working: { invoke: { src: 'job', onDone: { target: '#sample.over' } } },
      },
      always: { guard: 'isReady', target: 'both' },
    },
    both: { type: 'parallel', states: { left: {}, right: {} }, exit: sendTo('clock', { type: 'tick' }) },
    over: { type: 'final' },
  },
});

const leaf = { type: 'atomic', initial: null, entry: [], exit: [], invoke: [], arrows: [], states: [] };
const arrow = { guard: null, target: null, actions: [], reenter: false, delay: null };

describe('the definition of a machine', () => {
  const { id, root, delays } = definitionOf(machine, { patienceMs: 500, unrelatedMs: 7 });
  const stateAt = (key: string) => root.states.find((state) => state.key === key);

  it('has its id, and the lengths of its delays if they are known beforehand', () => {
    expect([id, delays]).toEqual(['sample', { patience: 500, backoff: null }]);
  });

  it('has the root with its arrows, its actors and its initial state', () => {
    expect({ ...root, states: root.states.map(({ path }) => path) }).toEqual({
      key: 'sample',
      path: '',
      type: 'compound',
      initial: 'idle',
      entry: [],
      exit: [],
      invoke: [{ id: 'clock', src: 'clock' }],
      arrows: [{ ...arrow, event: 'learn', actions: ['tell', 'note'] }],
      states: ['idle', 'busy', 'both', 'over'],
    });
  });

  it('contains only the names of guards and actions, and omits what xstate adds for delays', () => {
    const delay = 'xstate.after.patience.sample.idle';
    expect(stateAt('idle')).toEqual({
      ...leaf,
      key: 'idle',
      path: 'idle',
      entry: ['note', 'tell'],
      exit: ['note'],
      arrows: [
        { ...arrow, event: 'start', guard: 'isReady', target: 'busy.waiting' },
        { ...arrow, event: 'start', guard: 'isAtLeast', target: 'busy' },
        { ...arrow, event: 'start', guard: '(unnamed)', target: 'over' },
        { ...arrow, event: 'start', guard: '(unnamed)', target: 'over' },
        { ...arrow, event: 'step', target: 'idle', reenter: true },
        { ...arrow, event: 'stop' },
        { ...arrow, event: delay, target: 'over', actions: ['note'], delay: 'patience' },
      ],
    });
  });

  it('has nested states, with eventless arrows last', () => {
    const backoff = 'xstate.after.backoff.sample.busy.waiting';
    expect(stateAt('busy')).toEqual({
      ...leaf,
      key: 'busy',
      path: 'busy',
      type: 'compound',
      initial: 'waiting',
      arrows: [{ ...arrow, event: 'always', guard: 'isReady', target: 'both' }],
      states: [
        {
          ...leaf,
          key: 'waiting',
          path: 'busy.waiting',
          arrows: [
            { ...arrow, event: backoff, guard: '(unnamed)', target: 'busy.working', delay: 'backoff' },
          ],
        },
        {
          ...leaf,
          key: 'working',
          path: 'busy.working',
          invoke: [{ id: '0.sample.busy.working', src: 'job' }],
          arrows: [{ ...arrow, event: 'xstate.done.actor.0.sample.busy.working', target: 'over' }],
        },
      ],
    });
  });

  it('has parallel and final states', () => {
    const states = ['left', 'right'].map((key) => ({ ...leaf, key, path: `both.${key}` }));
    expect([stateAt('both'), stateAt('over')]).toEqual([
      { ...leaf, key: 'both', path: 'both', type: 'parallel', states },
      { ...leaf, key: 'over', path: 'over', type: 'final' },
    ]);
  });

  it('lists every event that it waits for', () => {
    expect([...eventTypesOf({ id, root, delays })].sort()).toEqual([
      'always',
      'learn',
      'start',
      'step',
      'stop',
      'xstate.after.backoff.sample.busy.waiting',
      'xstate.after.patience.sample.idle',
      'xstate.done.actor.0.sample.busy.working',
    ]);
  });
});

describe('a taken arrow', () => {
  it('has its source and event, and its guard and target if there are any', () => {
    const { idle, busy } = machine.root.states;
    const taken = [idle, busy].map((node) => (node ? edgesOf(node).map(takenArrowOf) : []));
    expect(taken).toEqual([
      [
        { source: 'idle', event: 'start', guard: 'isReady', target: 'busy.waiting' },
        { source: 'idle', event: 'start', guard: 'isAtLeast', target: 'busy' },
        { source: 'idle', event: 'start', guard: '(unnamed)', target: 'over' },
        { source: 'idle', event: 'start', guard: '(unnamed)', target: 'over' },
        { source: 'idle', event: 'step', target: 'idle' },
        { source: 'idle', event: 'stop' },
        { source: 'idle', event: 'xstate.after.patience.sample.idle', target: 'over' },
      ],
      [{ source: 'busy', event: 'always', guard: 'isReady', target: 'both' }],
    ]);
  });
});

describe('the event of a delay', () => {
  it.each([
    ['xstate.after.connectTimeout.connection.checking', { name: 'connectTimeout', state: 'checking' }],
    ['xstate.after.backoff.connection.restarting.waiting', { name: 'backoff', state: 'restarting.waiting' }],
    ['xstate.after.patience.outage', { name: 'patience', state: '' }],
  ])('%s contains its name and the state that waits', (event, delay) => {
    expect(delayOf(event)).toEqual(delay);
  });

  it.each([
    'link.up',
    'xstate.init',
    'xstate.after.patience',
    'my.xstate.after.patience.outage.pending',
    'xstate.after.patience.outage.pending now',
    'xstate.after..outage',
  ])('is not %s', (event) => {
    expect(delayOf(event)).toBeNull();
  });
});

describe('the readable name of an event', () => {
  it.each([
    ['xstate.after.connectTimeout.connection.checking', 'after connectTimeout'],
    ['xstate.init', 'start'],
    ['link.up', 'link.up'],
  ])('of %s is %s', (event, name) => {
    expect(eventNameOf(event)).toBe(name);
  });
});

describe('the path of a state', () => {
  it.each([
    ['connected', 'connected'],
    [{ connected: 'steady' }, 'connected.steady'],
    [{ restarting: { waiting: 'backoff' } }, 'restarting.waiting.backoff'],
    [{}, ''],
    [undefined, ''],
    [null, ''],
  ])('of %j is %s', (value, path) => {
    expect(pathOf(value)).toBe(path);
  });
});
