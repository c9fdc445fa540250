import { describe, expect, it } from 'vitest';
import { createActor, createMachine, fromCallback, type InspectionEvent } from 'xstate';
import { registrationOf, snapshotOf } from '../../src/inspect/stately-copy';

/** The references to the actors of a machine, in the order in which they appear. */
function refsOf(machine: ReturnType<typeof createMachine>, id?: string) {
  const refs: InspectionEvent['actorRef'][] = [];
  const inspect = (event: InspectionEvent) => {
    if (event.type === '@xstate.actor') refs.push(event.actorRef);
  };
  createActor(machine, { inspect, ...(id !== undefined && { id }) }).start();
  const [root, child] = refs;
  if (!root) throw new Error('no actor');
  return { root, child };
}

const active = { status: 'active' };

describe('an actor that appears', () => {
  const sample = createMachine({
    id: 'sample',
    invoke: { id: 'clock', src: fromCallback(() => {}) },
  });

  it('has the id that its parent gives it, and no definition if it is not a machine', () => {
    const { root, child } = refsOf(sample);
    expect(child && registrationOf(child, undefined)).toEqual({
      type: '@xstate.actor',
      name: 'clock',
      parentId: root.sessionId,
      definition: undefined,
      snapshot: active,
    });
  });

  it('has the id of its machine if it has no other name', () => {
    const { root } = refsOf(sample);
    expect(registrationOf(root, undefined)).toMatchObject({ name: 'sample', parentId: undefined });
  });

  it('has the id that its creator gives it', () => {
    const { root } = refsOf(sample, 'mine');
    expect(registrationOf(root, undefined)).toMatchObject({ name: 'mine' });
  });

  it('has its session id if there is nothing better', () => {
    const { root } = refsOf(createMachine({}));
    expect(registrationOf(root, undefined).name).toBe(root.sessionId);
  });

  it('has the label of its link before its name', () => {
    const { root } = refsOf(sample);
    expect(registrationOf(root, 'player 1').name).toBe('player 1: sample');
    expect(registrationOf(root, '').name).toBe(': sample');
  });

  it('has the config of its machine, with functions by their names', () => {
    function note() {}
    const { root } = refsOf(createMachine({ id: 'a', entry: note, initial: 'b', states: { b: {} } }));
    expect(JSON.parse(registrationOf(root, undefined).definition ?? '')).toEqual({
      id: 'a',
      entry: { type: 'note' },
      initial: 'b',
      states: { b: {} },
    });
  });

  it('has no definition if that is not JSON', () => {
    const { root } = refsOf(createMachine({ id: 'a', meta: { count: 12n } }));
    expect(registrationOf(root, undefined)).toMatchObject({ name: 'a', definition: undefined });
  });
});

describe('the snapshot that is shown', () => {
  it.each(['active', 'done', 'error', 'stopped'])('has the status %s', (status) => {
    expect(snapshotOf({ status })).toStrictEqual({ status });
  });

  it.each([[null], ['active'], [{ status: 'v=0' }]])('is `active` instead of %j', (value) => {
    expect(snapshotOf(value)).toStrictEqual(active);
  });

  it('has value, context, input, output and error if there are any, and nothing else', () => {
    const members = { value: 'a', context: { b: 1 }, input: 0, output: null, error: '' };
    const other = { children: {}, historyValue: {}, tags: [] };
    expect(snapshotOf({ status: 'done', ...members, ...other })).toStrictEqual({
      status: 'done',
      ...members,
    });
    expect(snapshotOf({ ...active, value: undefined, context: {} })).toStrictEqual({
      ...active,
      context: {},
    });
  });
});
