import { createControl } from 'holdfast/inspect/control';
import { describe, expect, it, vi } from 'vitest';
import { createActor, fromCallback, type InspectionEvent, setup } from 'xstate';
import { createControl as createNoControl } from '../../src/inspect/control-off';

/** Records what it receives, and has a child that does so, too. */
function noteMachine() {
  const received: string[] = [];
  const childReceived: string[] = [];
  const machine = setup({
    actors: {
      child: fromCallback<{ type: string }>(({ receive }) => receive(({ type }) => childReceived.push(type))),
    },
  }).createMachine({
    invoke: { id: 'child', src: 'child' },
    on: { '*': { actions: ({ event }) => void received.push(event.type) } },
  });
  return { machine, received, childReceived };
}

function startControlled() {
  const tap = createControl();
  if (!tap) throw new Error('no control in development');
  const manager = { attemptIceRestart: vi.fn(async () => true), close: vi.fn() };
  const inspected: InspectionEvent['type'][] = [];
  const inspect = tap.inspect(({ type }) => void inspected.push(type));
  const start = () => {
    const { machine, ...notes } = noteMachine();
    return { ...notes, actor: createActor(machine, { inspect }).start() };
  };
  return { control: tap.of(manager), manager, inspected, start };
}

describe('a control', () => {
  it('restarts and closes through the manager', () => {
    const { control, manager, start } = startControlled();
    const { received } = start();
    control({ type: 'restart' });
    expect([manager.attemptIceRestart.mock.calls, manager.close.mock.calls]).toEqual([[[]], []]);
    control({ type: 'close' });
    expect([manager.attemptIceRestart.mock.calls, manager.close.mock.calls]).toEqual([[[]], [[]]]);
    expect(received).toEqual([]);
  });

  it.each(['ice.disconnected', 'ice.failed', 'channel.closed'] as const)(
    'sends the fact %s to the machine, not to its actors',
    (fact) => {
      const { control, start } = startControlled();
      const { received, childReceived } = start();
      control({ type: 'simulate-loss', fact });
      expect([received, childReceived]).toEqual([[fact], []]);
    },
  );

  it('acts on the machine that was started last, whatever the former one still does', () => {
    const { control, start } = startControlled();
    const first = start();
    const second = start();
    first.actor.send({ type: 'late' });
    control({ type: 'simulate-loss', fact: 'ice.failed' });
    expect([first.received, second.received]).toEqual([['late'], ['ice.failed']]);
  });

  it('does nothing before there is a machine', () => {
    const { control, manager } = startControlled();
    control({ type: 'simulate-loss', fact: 'ice.failed' });
    expect([manager.attemptIceRestart.mock.calls, manager.close.mock.calls]).toEqual([[], []]);
  });

  it('passes every inspection event to the recorder', () => {
    const { inspected, start } = startControlled();
    start();
    const uncontrolled: InspectionEvent['type'][] = [];
    createActor(noteMachine().machine, { inspect: ({ type }) => void uncontrolled.push(type) }).start();
    expect(inspected).toContain('@xstate.actor');
    expect(inspected).toEqual(uncontrolled);
  });

  it('is null in a production build', () => {
    expect(createNoControl()).toBeNull();
  });
});
