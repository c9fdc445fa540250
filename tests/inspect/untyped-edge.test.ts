import { describe, expect, it } from 'vitest';
import { createMachine, fromCallback } from 'xstate';
import { idOf, machineOf } from '../../src/inspect/untyped-edge';

/** What xstate passes to an inspector instead of an actor: this logic, and members that its types do not name. */
const refWith = (members: object) =>
  Object.assign({ sessionId: 'x:0', send: () => {}, getSnapshot: () => undefined }, members);

const machine = createMachine({ id: 'sample' });

describe('the machine of an actor', () => {
  it('is the one that it runs', () => {
    expect(machineOf(refWith({ logic: machine }))).toBe(machine);
  });

  it.each<[string, object]>([
    ['no logic', {}],
    ['null as its logic', { logic: null }],
    ['a callback', { logic: fromCallback(() => {}) }],
    ['only a config', { logic: { config: {} } }],
    ['only a root', { logic: { root: {} } }],
    ['a string', { logic: 'root config' }],
    ['a function', { logic: Object.assign(() => {}, { root: {}, config: {} }) }],
  ])('is null if it has %s', (_name, members) => {
    expect(machineOf(refWith(members))).toBeNull();
  });

  it('is null if there is no actor', () => {
    expect(machineOf(undefined)).toBeNull();
  });
});

describe('the id of an actor', () => {
  it('is the one that its parent gives it', () => {
    expect(idOf(refWith({ id: 'outage' }))).toBe('outage');
    expect(idOf(refWith({}))).toBeUndefined();
    expect(idOf(undefined)).toBeUndefined();
  });
});
