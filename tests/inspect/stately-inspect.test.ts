import { type StatelyEvent, type StatelyOptions, scrubStately, statelyInspect } from 'holdfast/inspect';
import { createConnectionMachine, PRESETS } from 'holdfast/machines';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { assign, createActor, createMachine, fromCallback, fromPromise } from 'xstate';
import { eventually } from '../support/eventually';

const SECRET = 'plantedCredential/7f3a9c==';
const SERVERS = [{ urls: 'turn:203.0.113.77:3478', username: 'planted-user', credential: SECRET }];
const SDP = 'v=0\r\no=- 1 2 IN IP4 203.0.113.77\r\na=ice-pwd:plantedIcePassword\r\n';
const PLANTED = [SECRET, '203.0.113.77', 'plantedIcePassword', 'planted-user'];

/** An inspector that keeps what it receives. */
function watch(options: StatelyOptions = {}) {
  const events: StatelyEvent[] = [];
  let join = () => {};
  const observer = statelyInspect(
    { adapter: { send: (event) => void events.push(event) } },
    {
      onViewer: (listener) => {
        join = listener;
        return () => {
          join = () => {};
        };
      },
      ...options,
    },
  );
  return { events, observer, join: () => join() };
}

const actorsIn = (events: readonly StatelyEvent[]) =>
  events.flatMap((event) => (event.type === '@xstate.actor' ? [event] : []));

function startConnection(options: StatelyOptions = {}) {
  const watched = watch(options);
  const machine = createConnectionMachine();
  const input = { timings: PRESETS.default, browser: 'chromium' as const, relayOnly: false };
  const actor = createActor(machine, { input, inspect: watched.observer });
  actor.start();
  return { ...watched, machine, actor };
}

/** A machine with secrets wherever a machine can have them. */
function startCareless() {
  const watched = watch();
  const inner = createMachine({ id: 'inner', context: ({ input }) => ({ input }) });
  const machine = createMachine({
    id: 'careless',
    description: 'asks 203.0.113.77',
    context: { offer: SDP, servers: SERVERS },
    invoke: [
      { id: 'listener', src: fromCallback(() => {}), input: { servers: SERVERS } },
      { id: 'inner', src: inner, input: { sdp: SDP } },
      { id: 'answer', src: fromPromise(async () => SERVERS) },
      { id: 'refusal', src: fromPromise(() => Promise.reject(new Error(`203.0.113.77: ${SECRET}`))) },
    ],
    initial: 'waiting',
    on: { 'xstate.error.actor.refusal': {} },
    states: { waiting: { meta: SERVERS[0], on: { fetched: 'served' } }, served: {} },
  });
  const actor = createActor(machine, { inspect: watched.observer });
  actor.start();
  return { ...watched, actor };
}

describe('a link in @statelyai/inspect', () => {
  it('shows its actors under its label, each with its parent', () => {
    const { events, actor } = startConnection({ label: 'player 1' });
    const shown = actorsIn(events).map(({ name, sessionId, parentId, rootId }) => ({
      name,
      isRoot: sessionId === rootId,
      parent: parentId,
    }));
    const { sessionId } = actor;
    expect(shown).toEqual([
      { name: 'player 1: connection', isRoot: true, parent: undefined },
      { name: 'player 1: outage', isRoot: false, parent: sessionId },
      { name: 'player 1: peer', isRoot: false, parent: sessionId },
      { name: 'player 1: signaling', isRoot: false, parent: sessionId },
      { name: 'player 1: environment', isRoot: false, parent: sessionId },
    ]);
  });

  it('shows the definition of a machine as the machine has it, and none for other actors', () => {
    const { events, machine } = startConnection();
    const [connection, , peer] = actorsIn(events);
    const { states, on, initial } = machine.config;
    expect(JSON.parse(connection?.definition ?? '')).toMatchObject(
      JSON.parse(JSON.stringify({ id: 'connection', states, on, initial })),
    );
    expect(peer?.definition).toBeUndefined();
  });

  it('shows events with their senders, and the resulting states', () => {
    const { events, actor } = startConnection();
    events.length = 0;
    actor.send({ type: 'connect' });
    const told = events.map((event) => [
      event.type,
      event.sessionId === actor.sessionId ? 'connection' : 'child',
      'event' in event ? event.event.type : event.name,
      'snapshot' in event && 'value' in event.snapshot ? event.snapshot.value : undefined,
    ]);
    expect(told).toEqual([
      ['@xstate.event', 'connection', 'connect', undefined],
      ['@xstate.actor', 'child', 'stats', undefined],
      ['@xstate.event', 'child', 'connect', undefined],
      ['@xstate.snapshot', 'child', 'connect', undefined],
      ['@xstate.event', 'child', 'xstate.init', undefined],
      ['@xstate.snapshot', 'child', 'xstate.init', undefined],
      ['@xstate.snapshot', 'connection', 'connect', { checking: 'offered' }],
    ]);
    const command = events.find(
      (event) => event.type === '@xstate.event' && event.event.type === 'connect' && event.sourceId,
    );
    expect(command).toMatchObject({ sourceId: actor.sessionId });
  });

  it('timestamps each event with the time at which it happened, and numbers it', () => {
    let nowMs = 1_000;
    const { events, actor } = startConnection({ now: () => nowMs });
    nowMs = 2_345.6;
    actor.send({ type: 'connect' });
    expect(new Set(events.map(({ createdAt }) => createdAt))).toEqual(new Set(['1000', '2346']));
    expect(events.map(({ id }) => Number(id))).toEqual(events.map((_, index) => index + 1));
    expect(new Set(events.map(({ _version }) => _version))).toEqual(new Set(['0.7.2']));
  });

  it('is not affected by an inspector that throws', () => {
    const broken = {
      adapter: {
        send() {
          throw new Error('no window');
        },
      },
    };
    const machine = createConnectionMachine();
    const input = { timings: PRESETS.default, browser: 'chromium' as const, relayOnly: false };
    const observer = statelyInspect(broken);
    const actor = createActor(machine, { input, inspect: observer });
    actor.start();
    actor.send({ type: 'connect' });
    observer.resend();
    expect(actor.getSnapshot().value).toEqual({ checking: 'offered' });
  });
});

describe('secrets in a machine', () => {
  it('reach no inspector, from definition, context, inputs, events, outputs and errors', async () => {
    const { events, actor, observer } = startCareless();
    actor.send({
      type: 'fetched',
      servers: SERVERS,
      body: JSON.stringify({ sdp: SDP }),
      [SERVERS[0]?.urls ?? '']: 1,
    });
    const snapshots = () => events.filter(({ type }) => type === '@xstate.snapshot');
    await eventually(() => expect(snapshots().length).toBeGreaterThan(6));
    observer.resend();
    const told = JSON.stringify(events);
    expect(PLANTED.filter((secret) => told.includes(secret))).toEqual([]);
    const shownTypes = events.flatMap((event) => ('event' in event ? [event.event.type] : []));
    expect(shownTypes).toEqual(
      expect.arrayContaining(['fetched', 'xstate.done.actor.answer', 'xstate.error.actor.refusal']),
    );
  });

  it('reach no inspector that serializes by itself, either', () => {
    const event = {
      type: '@xstate.actor',
      definition: JSON.stringify({ invoke: [{ input: { servers: SERVERS } }] }),
    };
    expect(scrubStately(event)).toEqual({
      type: '@xstate.actor',
      definition:
        '{"invoke":[{"input":{"servers":[{"urls":"[redacted]","username":"[redacted]","credential":"[redacted]"}]}}]}',
    });
  });

  it('that have no recognizable form can be named with `hide`', () => {
    const { events, observer } = watch({ hide: ['seat-of-player-1'] });
    createActor(createMachine({ context: { note: 'seat-of-player-1' } }), { inspect: observer }).start();
    expect(JSON.stringify(events)).not.toContain('seat-of-player-1');
    expect(JSON.stringify(events)).toContain('"note":"[redacted]"');
  });
});

describe('a viewer that joins late', () => {
  const counter = createMachine({
    id: 'counter',
    types: {} as { events: { type: 'tick' } | { type: 'end' } },
    context: { ticks: 0 },
    initial: 'open',
    states: {
      open: {
        invoke: { id: 'child', src: fromCallback(() => {}) },
        on: {
          tick: {
            target: 'open',
            reenter: true,
            actions: assign({ ticks: ({ context }) => context.ticks + 1 }),
          },
          end: 'over',
        },
      },
      over: { type: 'final' },
    },
  });

  it('receives each living actor with its definition and last snapshot, however much has passed', () => {
    const { events, observer, join } = watch();
    const actor = createActor(counter, { inspect: observer });
    actor.start();
    for (let tick = 0; tick < 300; tick += 1) actor.send({ type: 'tick' });
    const [first] = events;
    events.length = 0;
    join();
    expect(events).toEqual([
      {
        ...first,
        snapshot: { status: 'active', value: 'open', context: { ticks: 300 } },
      },
      expect.objectContaining({ name: 'child', parentId: actor.sessionId, snapshot: { status: 'active' } }),
    ]);
    expect(first).toMatchObject({ name: 'counter', definition: expect.stringContaining('"over"') });
  });

  it('receives the newest eight links that are over, and none before them', () => {
    const { events, observer, join } = watch();
    const living = createActor(counter, { inspect: observer });
    living.start();
    const ids = Array.from({ length: 10 }, () => {
      const actor = createActor(counter, { inspect: observer });
      actor.start();
      actor.send({ type: 'end' });
      return actor.sessionId;
    });
    events.length = 0;
    join();
    const roots = actorsIn(events).filter(({ parentId }) => parentId === undefined);
    expect(roots.map(({ sessionId }) => sessionId)).toEqual([living.sessionId, ...ids.slice(2)]);
    expect(roots.map(({ snapshot }) => snapshot.status)).toEqual(['active', ...Array(8).fill('done')]);
  });

  it('receives nothing after the watch is stopped', () => {
    const { events, observer, join } = watch();
    const actor = createActor(counter, { inspect: observer });
    actor.start();
    observer.stop();
    events.length = 0;
    join();
    observer.resend();
    actor.send({ type: 'tick' });
    expect(events).toEqual([]);
  });
});

describe('a watch', () => {
  it('sends actors, events and snapshots in the form of the protocol', () => {
    const { events, observer } = watch({ now: () => 1_767_225_600_000.4 });
    const machine = createMachine({
      id: 'lamp',
      initial: 'off',
      states: { off: { on: { press: 'on' } }, on: {} },
    });
    const actor = createActor(machine, { inspect: observer });
    actor.start();
    actor.send({ type: 'press' });
    const head = {
      sessionId: actor.sessionId,
      rootId: actor.sessionId,
      createdAt: '1767225600000',
      _version: '0.7.2',
    };
    const init = { type: 'xstate.init' };
    expect(JSON.parse(JSON.stringify(events))).toEqual([
      {
        ...head,
        id: '1',
        type: '@xstate.actor',
        name: 'lamp',
        definition: JSON.stringify(machine.config),
        snapshot: { status: 'active' },
      },
      { ...head, id: '2', type: '@xstate.event', event: init },
      {
        ...head,
        id: '3',
        type: '@xstate.snapshot',
        event: init,
        snapshot: { status: 'active', value: 'off', context: {} },
      },
      { ...head, id: '4', type: '@xstate.event', event: { type: 'press' } },
      {
        ...head,
        id: '5',
        type: '@xstate.snapshot',
        event: { type: 'press' },
        snapshot: { status: 'active', value: 'on', context: {} },
      },
    ]);
  });

  it('timestamps with the wall clock', () => {
    const { events, observer } = watch();
    const before = Math.floor(performance.timeOrigin + performance.now());
    createActor(createMachine({}), { inspect: observer }).start();
    const after = Math.ceil(performance.timeOrigin + performance.now());
    const stamps = events.map(({ createdAt }) => Number(createdAt));
    expect(stamps.length).toBeGreaterThan(0);
    for (const stamp of stamps) {
      expect(stamp).toBeGreaterThanOrEqual(before);
      expect(stamp).toBeLessThanOrEqual(after);
    }
  });

  it('shows the other actors if one cannot be shown again', () => {
    const { events, observer } = watch();
    const start = () => createActor(createMachine({ id: 'lamp' }), { inspect: observer }).start();
    const [first, second] = [start(), start()];
    first.getSnapshot = () => {
      throw new Error('gone');
    };
    events.length = 0;
    observer.resend();
    expect(events.map(({ sessionId }) => sessionId)).toEqual([second.sessionId]);
  });

  it('forgets child actors that are done, but not the link', () => {
    const { events, observer } = watch();
    const machine = createMachine({
      id: 'lamp',
      initial: 'on',
      states: {
        on: {
          invoke: { id: 'glow', src: createMachine({ initial: 'a', states: { a: { type: 'final' } } }) },
        },
      },
    });
    const actor = createActor(machine, { inspect: observer });
    actor.start();
    events.length = 0;
    observer.resend();
    expect(actorsIn(events).map(({ name }) => name)).toEqual(['lamp']);
  });

  it('stops waiting for viewers when it is stopped', () => {
    let isWaiting = false;
    const onViewer = () => {
      isWaiting = true;
      return () => {
        isWaiting = false;
      };
    };
    const { observer } = watch({ onViewer });
    expect(isWaiting).toBe(true);
    observer.stop();
    expect(isWaiting).toBe(false);
  });
});

describe('a viewer in a frame of this page', () => {
  /** This page, a link on it, and what its viewer receives. */
  function openPage() {
    vi.useFakeTimers();
    const page = new EventTarget();
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    onTestFinished(() => {
      vi.unstubAllGlobals();
      vi.useRealTimers();
    });
    const told: string[] = [];
    const observer = statelyInspect({ adapter: { send: ({ type }) => void told.push(type) } });
    createActor(createMachine({}), { inspect: observer }).start();
    told.length = 0;
    const say = (data: unknown) => page.dispatchEvent(new MessageEvent('message', { data }));
    return { told, observer, say };
  }

  it('receives the actors after its greeting, once the inspector has heard it', () => {
    const { told, say } = openPage();
    say({ type: '@statelyai.connected' });
    expect(told).toEqual([]);
    vi.advanceTimersByTime(0);
    expect(told).toEqual(['@xstate.actor']);
  });

  it.each([[null], ['@statelyai.connected'], [{ type: 'hello' }], [{}]])('is not greeted by %j', (data) => {
    const { told, say } = openPage();
    say(data);
    vi.advanceTimersByTime(1_000);
    expect(told).toEqual([]);
  });

  it('is no longer heard when the watch is stopped', () => {
    const { observer, say } = openPage();
    observer.stop();
    say({ type: '@statelyai.connected' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may be missing, as may the page', () => {
    const observer = statelyInspect({ adapter: { send: () => {} } });
    expect(() => observer.stop()).not.toThrow();
  });
});
