import { createDevTools, type ReceiverEvent } from '@xstate/inspect';
import { WebRTCManager } from 'holdfast';
import { createFakeWorld, type FakeEnd } from 'holdfast/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type AnyInterpreter, createMachine, State, toSCXMLEvent } from 'xstate';
import { ClassicBridge } from '../src/classic-bridge';

const STATES = ['new', 'checking', 'connected', 'disconnected', 'restarting', 'failed', 'closed'];
const SECRET = 'plantedCredential/7f3a9c==';

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Two players, the first of them shown; what a viewer would receive is kept. */
function play(allow: readonly string[] = []) {
  vi.useFakeTimers();
  const devTools = createDevTools();
  const events: { sessionId: string; name: string }[] = [];
  const told: ReceiverEvent[] = [];
  const states = new Map<string, unknown[]>();
  const services: AnyInterpreter[] = [];
  const bridge = new ClassicBridge(
    devTools,
    (event) => {
      told.push(event);
      if (event.type !== 'service.event') return;
      events.push({ sessionId: event.sessionId, name: JSON.parse(event.event).name });
    },
    allow,
    () => true,
  );
  devTools.onRegister((service) => {
    services.push(service);
    states.set(service.id, [service.state.value]);
    service.subscribe((state) => states.get(service.id)?.push(state.value));
  });
  const world = createFakeWorld();
  const create = (end: FakeEnd, label: string) =>
    new WebRTCManager(end.socket, world.gameId, end.playerId, {
      environment: end.environment,
      logger: 'silent',
      iceServers: [{ urls: 'turn:203.0.113.77', username: 'planted-user', credential: SECRET }],
      ...(end === world.a && { inspect: bridge.observe({ label }) }),
    });
  const [a, b] = [create(world.a, 'player 1'), create(world.b, 'player 2')];
  onTestFinished(() => {
    a.close();
    b.close();
    world.dispose();
    vi.useRealTimers();
  });
  const serviceOf = (id: string) => {
    const [found] = services.filter((service) => service.id === id).slice(-1);
    if (!found) throw new Error(`no service ${id}`);
    return found;
  };
  const connect = async () => {
    void a.connectToPeer(b.myPlayerId);
    void b.connectToPeer(a.myPlayerId);
    await pass(500);
  };
  return { world, a, b, bridge, devTools, events, told, states, services, serviceOf, connect, create };
}

describe('a link in the classic inspector', () => {
  it('is a machine of xstate 4 with the states and arrows of the original', () => {
    const { serviceOf } = play();
    const { machine } = serviceOf('player 1: connection');
    expect(Object.keys(machine.states)).toEqual(STATES);
    const arrows = machine.states.connected?.on['ice.failed']?.map(({ target, cond, actions }) => ({
      target: target?.map(({ id }) => id),
      guard: cond?.name,
      actions: actions.map(({ type }) => type),
    }));
    expect(arrows).toEqual([
      { target: ['connection.restarting'], guard: 'hasPlan', actions: ['planAttempt', 'tellSuspect'] },
      { target: ['connection.failed'], guard: undefined, actions: ['giveUp'] },
    ]);
    expect(machine.states.disconnected?.after.map(({ delay }) => delay)).toEqual([
      'disconnectTimeout',
      'disconnectTimeout',
    ]);
    expect(machine.states.restarting?.invoke.map(({ id, src }) => [id, src])).toEqual([
      ['stats', 'stats'],
      ['heartbeat', 'heartbeat'],
    ]);
  });

  it('is a machine that a viewer can build from what it receives', () => {
    const { machine } = play().serviceOf('player 1: connection');
    const received = createMachine(JSON.parse(JSON.stringify(machine.definition)));
    expect(Object.keys(received.states)).toEqual(STATES);
    expect(
      received.resolveState(State.from({ restarting: { waiting: 'reach' } }, {})).configuration,
    ).toHaveLength(4);
  });

  it('goes through an outage in the viewer as it does in the game', async () => {
    const { world, a, states, connect } = play();
    await connect();
    world.cutOff();
    await pass(8_000);
    world.reachAgain();
    await pass(3_000);
    expect(a.state).toBe('connected');
    const path = (states.get('player 1: connection') ?? []).map((value) => JSON.stringify(value));
    expect(
      path.filter((value, index) => value !== path[index - 1]).map((value) => JSON.parse(value)),
    ).toEqual([
      'new',
      { checking: 'offered' },
      { connected: 'steady' },
      'disconnected',
      { restarting: { waiting: 'reach' } },
      { restarting: { attempting: 'offered' } },
      { connected: 'steady' },
    ]);
    expect(states.get('player 1: outage')).toContain('told');
  });

  it('shows each of its events once, and other actors by their status', async () => {
    const { events, states, serviceOf, connect, a } = play();
    await connect();
    const { sessionId } = serviceOf('player 1: connection');
    const names = events.filter((event) => event.sessionId === sessionId).map(({ name }) => name);
    expect(names.filter((name) => name === 'connect')).toHaveLength(1);
    expect(names).not.toContain('xstate.init');
    a.close();
    expect(states.get('player 1: peer')).toEqual(expect.arrayContaining(['active', 'stopped']));
  });

  it('passes on in the meta of the machine what the protocol omits', () => {
    const { serviceOf } = play(['restart']);
    const { sessionId, machine } = serviceOf('player 1: connection');
    expect(machine.meta).toEqual({ name: 'player 1: connection', parent: null, allowed: ['restart'] });
    expect(serviceOf('player 1: outage').machine.meta).toEqual({
      name: 'player 1: outage',
      parent: sessionId,
      allowed: [],
    });
  });

  it('keeps the live ones and the newest eight that are over', async () => {
    const { devTools, world, create, connect, a } = play();
    await connect();
    const before = devTools.services.size;
    for (let each = 0; each < 12; each += 1) create(world.a, `link ${each}`).close();
    const ids = [...devTools.services].map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith('link'))).toEqual(
      [4, 5, 6, 7, 8, 9, 10, 11].map((each) => `link ${each}: connection`),
    );
    expect(devTools.services.size).toBe(before + 8);
    expect(a.state).toBe('connected');
  });

  it('contains no secret', async () => {
    const { services, told, connect } = play();
    await connect();
    const shown = JSON.stringify([
      told,
      services.map(({ machine, state }) => [machine.definition, state.context, state._event]),
    ]);
    expect(shown).toContain('hasPlan');
    for (const secret of [SECRET, 'planted-user', '203.0.113.77', '192.0.2.', 'a=ice-'])
      expect(shown).not.toContain(secret);
  });
});

describe('a viewer of the classic inspector', () => {
  const send = (service: AnyInterpreter, type: string) =>
    service.send(toSCXMLEvent({ type }, { origin: service.sessionId }));

  it('drives nothing unless it is allowed', async () => {
    const { a, serviceOf, connect } = play();
    await connect();
    send(serviceOf('player 1: connection'), 'close');
    expect(a.state).toBe('connected');
  });

  it('drives the machine with the allowed events only', async () => {
    const { a, serviceOf, connect, events } = play(['restart', 'ice.disconnected']);
    await connect();
    const connection = serviceOf('player 1: connection');
    send(connection, 'close');
    expect(a.state).toBe('connected');
    send(connection, 'ice.disconnected');
    expect(a.state).toBe('disconnected');
    const { sessionId } = connection;
    expect(
      events.filter((event) => event.sessionId === sessionId && event.name === 'ice.disconnected'),
    ).toHaveLength(1);
  });

  it('still drives the machine if the viewer replaces send()', async () => {
    const { a, serviceOf, connect } = play(['close']);
    await connect();
    const connection = serviceOf('player 1: connection');
    const { send: original } = connection;
    connection.send = () => connection.state;
    send(connection, 'close');
    expect(a.state).toBe('closed');
    expect(typeof original).toBe('function');
  });

  it('reaches no child actor of a link', async () => {
    const { serviceOf, states, connect } = play(['suspect']);
    await connect();
    send(serviceOf('player 1: outage'), 'suspect');
    expect(states.get('player 1: outage')).not.toContain('pending');
  });
});
