import { describe, expect, it, vi } from 'vitest';
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import {
  createConnectionMachine,
  diagnose,
  outageMachine,
  PRESETS,
  type RecoveryPolicy,
} from '../../machines';
import { startConnection } from '../machines/world';
import { type Coverage, declaredBy, delaysOf, play, type Step } from './coverage';

/** A walk visits some hundred states; the deadline only bounds a hang. */
vi.setConfig({ testTimeout: 60_000 });

const ALPHABET: Step[] = [
  'connect',
  'restart',
  'close',
  'channel.opened',
  'channel.closed',
  'link.up',
  'ice.disconnected',
  'ice.failed',
  'gathering.empty',
  'attempt.counted',
  'attempt.failed',
  'credentials.expiring',
  'life.back',
  'network.changed',
  'page.resumed',
  'environment.awake',
  'environment.asleep',
  'signaling.up',
  'signaling.down',
  'remote.left',
].map((type) => ({ type }));

const learned = (evidence: object) => ({ type: 'peer.learned', evidence });
const offers = ['remote.offer', 'remote.restart', 'remote.rebuild', 'remote.rejoin'].map((type) => ({
  type,
  offer: 1,
}));

/** A plan for whatever happens until the attempts are spent or a relay refuses us: the default policy has none for `gathering.empty`. */
const policy: RecoveryPolicy = {
  plan: ({ attempts, maxAttempts, evidence }) =>
    attempts < maxAttempts && !evidence.turnRefused
      ? { kind: 'ice-restart', delayMs: 0, deadlineMs: 25_000, renewMs: 1_000 }
      : null,
};

const connection = {
  machine: createConnectionMachine({ policy }),
  input: { timings: { ...PRESETS.default, maxIceRestarts: 1 }, browser: 'chromium', relayOnly: false },
  events: [
    ...ALPHABET,
    ...offers,
    { type: 'life.silent', silentForMs: 1_000 },
    { type: 'page.resumed', slept: true },
    learned({ path: 'relay', remote: 'holdfast' }),
    learned({ turnRefused: true }),
  ],
  /** Bounded: what guards look at, and no more; whether signaling is up shows in the state already. */
  keyOf: ({ value, context: { attempts, evidence }, status }: AnyMachineSnapshot) => {
    const isUp = JSON.stringify(value).includes('steady');
    return JSON.stringify([value, attempts, isUp && evidence.path, evidence.turnRefused, status]);
  },
};

const { context } = startConnection();
const failure = diagnose(
  { cause: null, attempts: 0, outageAttempts: 0, evidence: context.evidence },
  'no-plan',
);

const outage = {
  machine: outageMachine,
  input: { graceMs: 500 },
  events: [
    ...['opened', 'up', 'suspect', 'asked'].map((type) => ({ type })),
    { type: 'failed', failure },
    { type: 'left', failure },
  ],
  keyOf: ({ value, context: { isAsked } }: AnyMachineSnapshot) => JSON.stringify([value, isAsked]),
};

interface Model {
  machine: AnyStateMachine;
  input: unknown;
  events: readonly Step[];
  keyOf(snapshot: AnyMachineSnapshot): string;
}

/** Goes the shortest way to each state that the model tells apart, and tries every event there. */
function walk({ machine, input, events, keyOf }: Model): Coverage {
  const alphabet = [...events, ...delaysOf(machine)];
  const paths = getShortestPaths(machine, {
    input,
    events: alphabet,
    serializeState: keyOf,
    stopWhen: (snapshot: AnyMachineSnapshot) => snapshot.status !== 'active',
    filterEvents: (snapshot: AnyMachineSnapshot, event: Step) => snapshot.can(event),
  } as Parameters<typeof getShortestPaths>[1]);
  const found: Coverage = { states: new Set(), arrows: new Set() };
  for (const path of paths) {
    const way = path.steps.map(({ event }) => event).filter(({ type }) => type !== 'xstate.init');
    const end: AnyMachineSnapshot = play(machine, input, way, found);
    const tried = end.status === 'active' ? alphabet.filter((event) => end.can(event)) : [];
    for (const event of tried) play(machine, input, [...way, event], found);
  }
  return found;
}

describe.each<[string, Model]>([
  ['connection', connection],
  ['outage', outage],
])('the shortest paths through the %s machine', (_name, model) => {
  const declared = declaredBy(model.machine);
  const missedBy = (found: Set<string>, wanted: Set<string>) =>
    [...wanted].filter((each) => !found.has(each));

  it('reach every state and take every arrow', () => {
    const found = walk(model);
    expect(missedBy(found.states, declared.states)).toEqual([]);
    expect(missedBy(found.arrows, declared.arrows)).toEqual([]);
  });
});
