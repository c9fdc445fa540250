import type { EventSource, RecordBody } from 'holdfast/inspect';
import { describe, expect, it } from 'vitest';
import {
  assign,
  createActor,
  createMachine,
  emit,
  fromCallback,
  type InspectionEvent,
  SimulatedClock,
  sendParent,
  sendTo,
  setup,
  spawnChild,
} from 'xstate';
import { cleanContext, cleanInput } from '../../src/inspect/clean';
import { MachineWatch } from '../../src/inspect/machine-watch';
import { FAILURE } from './written';

type Said = { type: string };
type SampleEvent =
  | { type: 'tell'; to: string; what: Said }
  | { type: 'announce'; what: Said & { failure?: object; reason?: string } }
  | { type: 'heard' | 'wait' | 'finish' | 'xstate.after.calm.connection.waiting' };

/** Answers every event. */
const echo = fromCallback<Said>(({ receive, sendBack }) => receive(() => sendBack({ type: 'heard' })));

const outage = setup({
  types: { context: {} as { isAsked: boolean }, events: {} as Said },
}).createMachine({
  id: 'outage',
  context: { isAsked: false },
  initial: 'none',
  on: { answer: { actions: sendParent({ type: 'heard' }) } },
  states: {
    none: { on: { asked: { target: 'told', actions: assign({ isAsked: true }) } } },
    told: {},
  },
});

const PATIENCE = { name: 'patience', state: '', ms: 1_000, ofMs: 1_000 };
const CALM = { name: 'calm', state: 'waiting', ms: 300, ofMs: 300 };

const CHILDREN = ['peer', 'signaling', 'environment', 'stats', 'path', 'heartbeat', 'stranger'] as const;
const child = <Id extends string>(id: Id) => ({ id, src: 'echo' as const });

const connection = setup({
  types: {
    events: {} as SampleEvent,
    emitted: {} as Said,
  },
  actors: { outage, bystander: outage, echo },
  delays: { patience: 1_000, calm: 300 },
}).createMachine({
  id: 'connection',
  initial: 'new',
  invoke: [{ id: 'outage', src: 'outage' }, { id: 'bystander', src: 'bystander' }, ...CHILDREN.map(child)],
  after: { patience: { actions: () => {} } },
  on: {
    heard: {},
    tell: {
      actions: sendTo(
        ({ event }) => event.to,
        ({ event }) => event.what,
      ),
    },
    announce: { actions: emit(({ event }) => event.what) },
  },
  states: {
    new: { on: { wait: 'waiting' } },
    waiting: { after: { calm: { actions: () => {} } }, on: { finish: 'over' } },
    over: { type: 'final' },
  },
});

/** A watch, and the records that it made of the actors that it saw. */
function startWatch() {
  const bodies: RecordBody[] = [];
  const clock = new SimulatedClock();
  const watch = new MachineWatch({
    label: () => 'player 1',
    library: '1.2.3',
    policy: 'custom',
    now: () => clock.now(),
    append: (body) => void bodies.push(body),
  });
  const inspect = (event: InspectionEvent) => watch.take(event);
  return { bodies, clock, options: { clock, inspect } };
}

/** The sample machine under watch; the records of its start are cleared. */
function startConnection() {
  const { bodies, clock, options } = startWatch();
  const actor = createActor(connection, options);
  actor.start();
  bodies.length = 0;
  return { bodies, clock, actor, options };
}

const event = (type: string, from: EventSource = 'outside'): RecordBody => ({
  kind: 'event',
  machine: 'connection',
  from,
  event: { type },
});
const NOTHING_KNOWN = cleanContext(null);

describe('a watched machine', () => {
  it('starts with a session record, and reaches its first state', () => {
    const { bodies, options } = startWatch();
    createActor(connection, {
      ...options,
      input: { timings: { silenceMs: 900 }, browser: 'firefox' },
    }).start();
    const timings = cleanInput({ timings: { silenceMs: 900 } }).timings;
    expect(bodies).toEqual([
      {
        kind: 'session',
        label: 'player 1',
        library: '1.2.3',
        input: { timings, browser: 'firefox', relayOnly: false },
        policy: 'custom',
        machines: {
          connection: expect.objectContaining({ id: 'connection', delays: { patience: null, calm: null } }),
          outage: expect.objectContaining({ id: 'outage', delays: {} }),
        },
      },
      event('xstate.init'),
      { kind: 'event', machine: 'outage', from: 'connection', event: { type: 'xstate.init' } },
      {
        kind: 'transition',
        machine: 'outage',
        event: 'xstate.init',
        from: '',
        to: 'none',
        arrows: [],
        timers: [],
        context: { isAsked: false },
      },
      {
        kind: 'transition',
        machine: 'connection',
        event: 'xstate.init',
        from: '',
        to: 'new',
        arrows: [],
        timers: [PATIENCE],
        context: NOTHING_KNOWN,
      },
    ]);
  });

  it('has no session record without an outage machine', () => {
    const { bodies, options } = startWatch();
    createActor(outage, options).start();
    expect(bodies.map(({ kind }) => kind)).toEqual(['event', 'transition']);
  });

  it('need not be a machine: another actor has no session record', () => {
    const { bodies, options } = startWatch();
    createActor(echo, options).start();
    expect(bodies.filter(({ kind }) => kind === 'session')).toEqual([]);
  });

  it('is recorded with each step and the arrow taken', () => {
    const { bodies, actor } = startConnection();
    actor.send({ type: 'wait' });
    expect(bodies).toEqual([
      event('wait'),
      {
        kind: 'transition',
        machine: 'connection',
        event: 'wait',
        from: 'new',
        to: 'waiting',
        arrows: [{ source: 'new', event: 'wait', target: 'waiting' }],
        timers: [PATIENCE, CALM],
        context: NOTHING_KNOWN,
      },
    ]);
  });

  it('is recorded without a step for an event that it ignores', () => {
    const { bodies, actor } = startConnection();
    actor.send({ type: 'finish' });
    expect(bodies).toEqual([event('finish')]);
  });

  it('is recorded with the steps of its outage machine, and of no other', () => {
    const { bodies, actor } = startConnection();
    actor.send({ type: 'tell', to: 'bystander', what: { type: 'asked' } });
    const ofConnection = bodies.splice(0);
    expect(ofConnection).toMatchObject([event('tell'), { kind: 'transition', machine: 'connection' }]);
    actor.send({ type: 'tell', to: 'outage', what: { type: 'asked' } });
    expect(bodies).toEqual([
      event('tell'),
      { kind: 'event', machine: 'outage', from: 'connection', event: { type: 'asked' } },
      {
        kind: 'transition',
        machine: 'outage',
        event: 'asked',
        from: 'none',
        to: 'told',
        arrows: [{ source: 'none', event: 'asked', target: 'told' }],
        timers: [],
        context: { isAsked: true },
      },
      ofConnection[1],
    ]);
  });
});

describe('the source of an event', () => {
  it.each(['peer', 'signaling', 'environment', 'stats', 'path', 'heartbeat'] as const)(
    'is the actor %s',
    (to) => {
      const { bodies, actor } = startConnection();
      actor.send({ type: 'tell', to, what: { type: 'speak' } });
      expect(bodies).toContainEqual(event('heard', to));
    },
  );

  it('is the outage machine', () => {
    const { bodies, actor } = startConnection();
    actor.send({ type: 'tell', to: 'outage', what: { type: 'answer' } });
    expect(bodies).toContainEqual(event('heard', 'outage'));
  });

  it('is `outside` for a foreign actor', () => {
    const { bodies, actor } = startConnection();
    actor.send({ type: 'tell', to: 'stranger', what: { type: 'speak' } });
    expect(bodies).toContainEqual(event('heard', 'outside'));
  });

  it('is the machine itself after a delay', () => {
    const { bodies, actor, clock } = startConnection();
    actor.send({ type: 'wait' });
    clock.increment(300);
    expect(bodies).toContainEqual(event('xstate.after.calm.connection.waiting', 'self'));
  });
});

describe('the running timers', () => {
  const lastTimers = (bodies: readonly RecordBody[]) =>
    bodies.flatMap((body) => (body.kind === 'transition' ? [body.timers] : [])).at(-1);

  it('have their remaining time', () => {
    const { bodies, actor, clock } = startConnection();
    actor.send({ type: 'wait' });
    clock.increment(100);
    actor.send({ type: 'tell', to: 'stats', what: { type: 'rest' } });
    expect(lastTimers(bodies)).toEqual([
      { ...PATIENCE, ms: 900 },
      { ...CALM, ms: 200 },
    ]);
  });

  it('end when they run out, even if the state does not change', () => {
    const { bodies, actor, clock } = startConnection();
    actor.send({ type: 'wait' });
    clock.increment(300);
    expect(lastTimers(bodies)).toEqual([{ ...PATIENCE, ms: 700 }]);
  });

  it('continue when somebody else sends their event', () => {
    const { bodies, actor } = startConnection();
    actor.send({ type: 'wait' });
    actor.send({ type: 'xstate.after.calm.connection.waiting' });
    expect(bodies).toContainEqual(event('xstate.after.calm.connection.waiting'));
    expect(lastTimers(bodies)).toEqual([PATIENCE, CALM]);
  });

  it('are none when the machine is done', () => {
    const { bodies, actor } = startConnection();
    actor.send({ type: 'wait' });
    actor.send({ type: 'finish' });
    expect(lastTimers(bodies)).toEqual([]);
  });
});

describe('a command', () => {
  const commandsIn = (to: string, type: string) => {
    const { bodies, actor } = startConnection();
    actor.send({ type: 'tell', to, what: { type } });
    return bodies.filter(({ kind }) => kind === 'command');
  };

  it.each([
    ['peer', 'startAttempt'],
    ['signaling', 'watch'],
  ])('to %s is recorded', (to, type) => {
    expect(commandsIn(to, type)).toEqual([{ kind: 'command', to, command: { type } }]);
  });

  it.each([
    ['peer', 'watch'],
    ['signaling', 'startAttempt'],
    ['stats', 'watch'],
    ['stats', 'startAttempt'],
  ])('to %s is not recorded as %s', (to, type) => {
    expect(commandsIn(to, type)).toEqual([]);
  });
});

describe('an announcement', () => {
  const announcementsIn = (what: Extract<SampleEvent, { type: 'announce' }>['what']) => {
    const { bodies, actor } = startConnection();
    actor.send({ type: 'announce', what });
    return bodies.flatMap((body) => (body.kind === 'announcement' ? [body.announcement] : []));
  };

  it.each(['open', 'lost', 'restored', 'close'])('is recorded as %s', (type) => {
    expect(announcementsIn({ type })).toStrictEqual([{ type }]);
  });

  it('contains the reason of a failure, and nothing else of it', () => {
    expect(announcementsIn({ type: 'failed', failure: FAILURE })).toEqual([
      { type: 'failed', reason: 'peer-silent' },
    ]);
    expect(announcementsIn({ type: 'failed', failure: { reason: 'v=0' } })).toStrictEqual([
      { type: 'failed' },
    ]);
  });

  it('contains that the peer left, and no other reason', () => {
    expect(announcementsIn({ type: 'closed', reason: 'peer-left' })).toEqual([
      { type: 'closed', reason: 'peer-left' },
    ]);
    expect(announcementsIn({ type: 'closed', reason: 'v=0' })).toStrictEqual([{ type: 'closed' }]);
  });

  it('is not recorded under any other name', () => {
    expect(announcementsIn({ type: 'won' })).toEqual([]);
  });
});

describe('a second machine', () => {
  it('is followed from its start, and the first no longer', () => {
    const { bodies, actor, options } = startConnection();
    const second = createActor(connection, options);
    second.start();
    expect(bodies[0]).toMatchObject({ kind: 'session' });
    bodies.length = 0;
    actor.send({ type: 'wait' });
    actor.send({ type: 'tell', to: 'outage', what: { type: 'asked' } });
    expect(bodies).toEqual([]);
    second.send({ type: 'finish' });
    expect(bodies).toEqual([event('finish')]);
  });

  it('starts with neither the state nor the timers of the first', () => {
    const { bodies, actor, options } = startConnection();
    actor.send({ type: 'wait' });
    bodies.length = 0;
    createActor(connection, options).start();
    const rests = bodies.filter((body) => body.kind === 'transition' && body.machine === 'connection');
    expect(rests).toEqual([expect.objectContaining({ from: '', to: 'new', timers: [PATIENCE] })]);
  });

  it('has its own outage chart in its session record', () => {
    const { bodies, options } = startWatch();
    const other = createMachine({
      id: 'other',
      on: { spawn: { actions: spawnChild(createMachine({ id: 'another' }), { id: 'outage' }) } },
    });
    const first = createActor(other, options);
    first.start();
    const second = createActor(connection, options);
    first.send({ type: 'spawn' });
    second.start();
    const sessions = bodies.flatMap((body) => (body.kind === 'session' ? [body.machines.outage.id] : []));
    expect(sessions).toEqual(['outage']);
  });
});
