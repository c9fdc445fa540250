import { describe, expect, it } from 'vitest';
import { createMachine, fromCallback } from 'xstate';
import { idOf, machineOf } from '../../src/inspect/untyped-edge';

/** What xstate hands an inspector in place of an actor: this logic, and more that it does not name. */
const refWith = (members: object) =>
  Object.assign({ sessionId: 'x:0', send: () => {}, getSnapshot: () => undefined }, members);

const machine = createMachine({ id: 'sample' });

describe('the machine of an actor', () => {
  it('is the one that it runs', () => {
    expect(machineOf(refWith({ logic: machine }))).toBe(machine);
  });

  it.each<[string, object]>([
    ['no logic', {}],
    ['null for its logic', { logic: null }],
    ['a callback', { logic: fromCallback(() => {}) }],
    ['a config alone', { logic: { config: {} } }],
    ['a root alone', { logic: { root: {} } }],
    ['a text', { logic: 'root config' }],
    ['a function', { logic: Object.assign(() => {}, { root: {}, config: {} }) }],
  ])('is none where it has %s', (_name, members) => {
    expect(machineOf(refWith(members))).toBeNull();
  });

  it('is none where there is no actor', () => {
    expect(machineOf(undefined)).toBeNull();
  });
});

describe('the id of an actor', () => {
  it('is that by which its parent knows it', () => {
    expect(idOf(refWith({ id: 'outage' }))).toBe('outage');
    expect(idOf(refWith({}))).toBeUndefined();
    expect(idOf(undefined)).toBeUndefined();
  });
});
