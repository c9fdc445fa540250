import type { RecordBody } from 'holdfast/inspect';
import { ADVICE, PRESETS } from 'holdfast/machines';
import { describe, expect, it } from 'vitest';
import {
  announcementType,
  cleanContext,
  cleanEvent,
  cleanEvidence,
  cleanFailure,
  cleanInput,
  cleanPath,
  figure,
  isTree,
  nameOf,
  peerCommand,
  signalingCommand,
  treeOf,
} from '../../src/inspect/clean';
import { HEALTHY } from '../support/evidence';
import { CONTEXT, DIRECT, FAILURE, PLAN, RELAYED } from './written';

type Command = Extract<RecordBody, { kind: 'command' }>['command']['type'];

const NO_EVIDENCE = {
  remote: 'unknown',
  remoteIsFirefox: false,
  channel: 'none',
  wasUp: false,
  answered: false,
  relayOnly: false,
  relayAvailable: false,
  gathered: false,
  turnRefused: false,
  path: 'unknown',
  signaling: 'up',
  awake: false,
};
const NO_NUMBERS = ['7', Number.NaN, Number.POSITIVE_INFINITY, null, undefined, {}];

describe('the evidence in a record', () => {
  it.each([
    HEALTHY,
    {
      ...HEALTHY,
      remote: 'upstream',
      remoteIsFirefox: true,
      channel: 'closed',
      path: 'relay',
      signaling: 'down',
    },
    { ...HEALTHY, relayOnly: true, relayAvailable: true, turnRefused: true, wasUp: false, awake: false },
    NO_EVIDENCE,
  ])('is kept if it is known: %j', (evidence) => {
    expect(cleanEvidence(evidence)).toEqual(evidence);
  });

  it.each([[null], ['up'], [[]], [{ remote: 'v=0', channel: 1, wasUp: 1, awake: 'true', signaling: '' }]])(
    'is the minimum instead of %j',
    (value) => {
      expect(cleanEvidence(value)).toEqual(NO_EVIDENCE);
    },
  );

  it('has no foreign members', () => {
    expect(cleanEvidence({ ...HEALTHY, address: '203.0.113.77' })).toEqual(HEALTHY);
  });
});

describe('the failure in a record', () => {
  it.each(Object.entries(ADVICE))('may be %s, with the advice of this reason', (reason, advice) => {
    expect(cleanFailure({ ...FAILURE, reason, advice: 'call 203.0.113.77' })).toEqual({
      ...FAILURE,
      reason,
      advice,
    });
  });

  it.each([
    'ice.disconnected',
    'ice.failed',
    'life.silent',
    'channel.closed',
    'gathering.empty',
    'connect.timeout',
    'network.changed',
    'restart',
    'remote.offer',
    'remote.rejoin',
  ])('may have the cause %s', (cause) => {
    expect(cleanFailure({ ...FAILURE, cause })).toEqual({ ...FAILURE, cause });
  });

  it('has no unknown cause, and no attempts that are not a number', () => {
    const clean = { ...FAILURE, cause: null, attempts: 0, evidence: NO_EVIDENCE };
    for (const attempts of NO_NUMBERS)
      expect(cleanFailure({ reason: FAILURE.reason, cause: 'v=0', attempts })).toEqual(clean);
  });

  it.each([[null], ['peer-silent'], [{}], [{ reason: 'toString' }]])('is null for %j', (value) => {
    expect(cleanFailure(value)).toBeNull();
  });
});

describe('the context in a record', () => {
  it.each([
    CONTEXT,
    {
      evidence: HEALTHY,
      attempts: 2,
      outageAttempts: 1,
      plan: PLAN,
      cause: 'life.silent',
      failure: FAILURE,
    },
    { ...CONTEXT, plan: { ...PLAN, kind: 'rebuild', isCounted: true } },
    { ...CONTEXT, plan: { ...PLAN, kind: 'rebuild-relay' } },
  ])('is kept: %j', (context) => {
    expect(cleanContext(context)).toEqual(context);
  });

  it('is empty for anything that is not a context', () => {
    expect(cleanContext('context')).toEqual({ ...CONTEXT, evidence: NO_EVIDENCE });
  });

  it('has a plan of known words and numbers', () => {
    const plan = {
      kind: 'v=0',
      delayMs: '1',
      deadlineMs: Number.NaN,
      renewMs: null,
      isCounted: 1,
      note: 'x',
    };
    expect(cleanContext({ plan }).plan).toEqual({
      kind: 'ice-restart',
      delayMs: 0,
      deadlineMs: 0,
      renewMs: 0,
      isCounted: false,
    });
  });

  it('has no plan if that is not an object', () => {
    expect(cleanContext({ plan: ['ice-restart'] }).plan).toBeNull();
  });
});

describe('the input in a session record', () => {
  it.each(['chromium', 'firefox', 'other'])('is kept, with the browser %s', (browser) => {
    const input = { timings: PRESETS.rollback, browser, relayOnly: true };
    expect(cleanInput(input)).toEqual(input);
  });

  it('has the known timings as numbers, and no credentials', () => {
    const zeros = Object.fromEntries(Object.keys(PRESETS.default).map((name) => [name, 0]));
    const given = { silenceMs: 900, stableMs: '10', credential: 'secret' };
    expect(cleanInput({ timings: given, browser: 'netscape', turnCredential: 'secret' })).toEqual({
      timings: { ...zeros, silenceMs: 900 },
      browser: 'other',
      relayOnly: false,
    });
  });
});

describe('an event in a record', () => {
  const types = new Set(['life.silent', 'peer.learned']);
  const typeOf = (type: unknown) => cleanEvent({ type }, types).type;

  it.each([
    'life.silent',
    'xstate.init',
    'xstate.stop',
    'xstate.done.actor.outage',
    'xstate.error.actor.peer',
    `xstate.done.${'a'.repeat(40)}`,
  ])('has the type %s, which the machine or xstate declares', (type) => {
    expect(typeOf(type)).toBe(type);
  });

  it.each([
    ['v=0'],
    [''],
    [7],
    [['xstate.init']],
    ['my.xstate.init'],
    ['xstate.stop now'],
    ['xstate.done.actor 203.0.113.77'],
    ['xstate.other'],
    [`xstate.done.${'a'.repeat(41)}`],
  ])('does not have the type %j', (type) => {
    expect(typeOf(type)).toBe('(unknown)');
  });

  it('keeps the members of events, and no other', () => {
    const members = { offer: 3, silentForMs: 1_200.5, failure: FAILURE };
    expect(cleanEvent({ type: 'life.silent', ...members, sdp: 'v=0' }, types)).toEqual({
      type: 'life.silent',
      ...members,
    });
  });

  it('keeps only the given part of the evidence', () => {
    const evidence = { channel: 'closed', awake: false, path: 'v=0', turnRefused: undefined, sdp: 'v=0' };
    expect(cleanEvent({ type: 'peer.learned', evidence }, types)).toStrictEqual({
      type: 'peer.learned',
      evidence: { channel: 'closed', awake: false, path: 'unknown' },
    });
  });

  it('omits members of another form', () => {
    const event = {
      type: 'life.silent',
      offer: '3',
      silentForMs: null,
      evidence: 'up',
      failure: {},
      error: 'E',
    };
    expect(cleanEvent(event, types)).toStrictEqual({ type: 'life.silent' });
  });

  it('reads numbers that are not finite as zero', () => {
    expect(cleanEvent({ type: 'life.silent', offer: Number.NaN, silentForMs: Infinity }, types)).toEqual({
      type: 'life.silent',
      offer: 0,
      silentForMs: 0,
    });
  });

  it('contains the class of an error, and never its message', () => {
    const error = new TypeError('203.0.113.77 refused');
    expect(cleanEvent({ type: 'xstate.error.actor.peer', error }, types)).toStrictEqual({
      type: 'xstate.error.actor.peer',
      error: 'TypeError',
    });
  });
});

describe('the path in a record', () => {
  it.each([
    DIRECT,
    RELAYED,
    { ...DIRECT, localCandidateType: 'srflx', remoteCandidateType: 'unknown', relayProtocol: 'udp' },
    { ...DIRECT, localProtocol: 'tls', protocol: 'tls', ipVersion: null },
    { ...DIRECT, localProtocol: null, protocol: null },
  ])('is kept: %j', (path) => {
    expect(cleanPath(path)).toEqual(path);
  });

  it('has its protocol under both names', () => {
    expect(cleanPath({ ...DIRECT, protocol: 'tls' })).toEqual(DIRECT);
  });

  it('has only known words', () => {
    const address = '203.0.113.77';
    const path = {
      connectionType: address,
      localCandidateType: address,
      localProtocol: address,
      ipVersion: 5,
    };
    expect(cleanPath({ ...path, address })).toEqual({
      connectionType: 'direct',
      localCandidateType: 'unknown',
      remoteCandidateType: 'unknown',
      localProtocol: null,
      protocol: null,
      relayProtocol: null,
      ipVersion: null,
    });
  });

  it.each([[null], ['direct'], [[DIRECT]]])('is null for %j', (value) => {
    expect(cleanPath(value)).toBeNull();
  });
});

describe('the names of commands and announcements', () => {
  it.each<Command>([
    'connect',
    'renewOffer',
    'offerAnyway',
    'takeOffer',
    'startAttempt',
    'renewAttempt',
    'tryDirect',
    'probe',
    'suspect',
    'settle',
    'giveUp',
    'bye',
  ])('include %s, for the peer', (command) => {
    expect([peerCommand(command), signalingCommand(command)]).toEqual([command, null]);
  });

  it.each<Command>(['ask', 'watch', 'rest'])('include %s, for signaling', (command) => {
    expect([peerCommand(command), signalingCommand(command)]).toEqual([null, command]);
  });

  it.each(['open', 'lost', 'restored', 'close', 'failed', 'closed'])('include the event %s', (word) => {
    expect(announcementType(word)).toBe(word);
  });

  it.each(['', 'toString', 'v=0', 7, null])('do not include %j', (word) => {
    expect([peerCommand(word), signalingCommand(word), announcementType(word)]).toEqual([null, null, null]);
  });
});

describe('a name in a record', () => {
  it.each(['planAttempt', 'link.up', 'ice-restart', '$init', 'a'.repeat(80)])('may be %s', (name) => {
    expect(nameOf(name)).toBe(name);
  });

  it.each([['a b'], ['a=b'], ['=a'], [''], ['a'.repeat(81)], [7], [null], [['a']]])('is never %j', (name) => {
    expect(nameOf(name)).toBe('(unnamed)');
  });
});

describe('a number in a record', () => {
  it('may be any finite number', () => {
    expect([0, -1, 1.5].map(figure)).toEqual([0, -1, 1.5]);
  });

  it('is null if nothing was measured', () => {
    expect(NO_NUMBERS.map(figure)).toEqual(NO_NUMBERS.map(() => null));
  });
});

describe('a tree', () => {
  it.each([[null], [undefined], ['a'], [7], [['a']], [() => {}]])('is never %j', (value) => {
    expect([isTree(value), treeOf(value)]).toEqual([false, {}]);
  });

  it('is any other object, unchanged', () => {
    const tree = { a: 1 };
    expect(isTree(tree)).toBe(true);
    expect(treeOf(tree)).toBe(tree);
  });
});
