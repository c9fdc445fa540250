import {
  type Announcement,
  type AttemptKind,
  type Cause,
  type ConnectionEvent,
  type ConnectionMachine,
  type ConnectionSnapshot,
  type ConnectionState,
  type ConnectionStatus,
  createConnectionMachine,
  defaultPolicy,
  type Evidence,
  type Failure,
  type OutageEvent,
  outageMachine,
  type PeerCommand,
  type Plan,
  PRESETS,
  type RecoveryPolicy,
  type RemoteOffer,
  type SignalingCommand,
  stateOf,
  type Timings,
  toStatus,
} from 'holdfast/machines';
import { describe, expectTypeOf, it } from 'vitest';
import { createActor, type EmittedFrom, type EventFromLogic, type InputFrom } from 'xstate';

declare const machine: ConnectionMachine;
declare const snapshot: ConnectionSnapshot;

type Bare<Union, Type extends string> = Extract<Union, { type: Type }>;

describe('the events of the connection', () => {
  it('are exactly these wishes and facts', () => {
    expectTypeOf<ConnectionEvent['type']>().toEqualTypeOf<
      | 'connect'
      | 'restart'
      | 'close'
      | 'remote.offer'
      | 'remote.restart'
      | 'remote.rebuild'
      | 'remote.rejoin'
      | 'remote.left'
      | 'signaling.up'
      | 'signaling.down'
      | 'channel.opened'
      | 'channel.closed'
      | 'link.up'
      | 'ice.disconnected'
      | 'ice.failed'
      | 'gathering.empty'
      | 'attempt.counted'
      | 'attempt.failed'
      | 'credentials.expiring'
      | 'peer.learned'
      | 'life.silent'
      | 'life.back'
      | 'network.changed'
      | 'page.resumed'
      | 'environment.awake'
      | 'environment.asleep'
    >();
  });

  it('carry numbers and evidence, never a description', () => {
    expectTypeOf<RemoteOffer['offer']>().toEqualTypeOf<number>();
    expectTypeOf<Bare<ConnectionEvent, 'remote.rejoin'>>().toEqualTypeOf<{
      type: 'remote.rejoin';
      offer: number;
    }>();
    expectTypeOf<Bare<ConnectionEvent, 'life.silent'>['silentForMs']>().toEqualTypeOf<number>();
    expectTypeOf<Bare<ConnectionEvent, 'peer.learned'>['evidence']>().toEqualTypeOf<Partial<Evidence>>();
    expectTypeOf<Bare<ConnectionEvent, 'link.up'>>().toEqualTypeOf<{ type: 'link.up' }>();
  });

  it('are the only events that the machine takes', () => {
    expectTypeOf<EventFromLogic<ConnectionMachine>>().toEqualTypeOf<ConnectionEvent>();
    const actor = createActor(machine, {
      input: { timings: PRESETS.default, browser: 'chromium', relayOnly: false },
    });
    // @ts-expect-error there is no such event
    actor.send({ type: 'reconnect' });
    // @ts-expect-error an offer without its number
    actor.send({ type: 'remote.offer' });
  });
});

describe('the commands of the connection', () => {
  it('carry the kind of an attempt or the number of an offer', () => {
    expectTypeOf<Bare<PeerCommand, 'startAttempt'>['kind']>().toEqualTypeOf<AttemptKind>();
    expectTypeOf<Bare<PeerCommand, 'renewAttempt'>['kind']>().toEqualTypeOf<AttemptKind>();
    expectTypeOf<Bare<PeerCommand, 'takeOffer'>['offer']>().toEqualTypeOf<number>();
    expectTypeOf<SignalingCommand['type']>().toEqualTypeOf<'ask' | 'watch' | 'rest'>();
  });
});

describe('the machine', () => {
  it('needs timings, the browser and whether only relays are allowed', () => {
    expectTypeOf<InputFrom<ConnectionMachine>>().toEqualTypeOf<{
      timings: Timings;
      browser: 'chromium' | 'firefox' | 'other';
      relayOnly: boolean;
    }>();
    // @ts-expect-error no input
    createActor(machine);
  });

  it('is created with a policy and a random source, or without', () => {
    expectTypeOf(createConnectionMachine).returns.toEqualTypeOf<ConnectionMachine>();
    expectTypeOf(createConnectionMachine).toBeCallableWith({ policy: defaultPolicy, random: () => 0 });
    expectTypeOf(createConnectionMachine).toBeCallableWith();
  });

  it('can be read as a state or as a status', () => {
    expectTypeOf(stateOf(snapshot)).toEqualTypeOf<ConnectionState>();
    expectTypeOf(toStatus(snapshot)).toEqualTypeOf<ConnectionStatus>();
    expectTypeOf<ConnectionStatus['kind']>().toEqualTypeOf<AttemptKind | null>();
    expectTypeOf<ConnectionStatus['waitingFor']>().toEqualTypeOf<'backoff' | 'signaling' | null>();
    expectTypeOf<ConnectionStatus['failure']>().toEqualTypeOf<Failure | null>();
  });

  it('keeps JSON in its context', () => {
    expectTypeOf<ConnectionSnapshot['context']['cause']>().toEqualTypeOf<Cause | null>();
    expectTypeOf<ConnectionSnapshot['context']['plan']>().toEqualTypeOf<
      (Plan & { isCounted: boolean }) | null
    >();
  });
});

describe('the outage', () => {
  it('takes reports, and a failure with those that end a link', () => {
    expectTypeOf<OutageEvent['type']>().toEqualTypeOf<
      'opened' | 'up' | 'suspect' | 'asked' | 'failed' | 'left'
    >();
    expectTypeOf<Bare<OutageEvent, 'failed'>['failure']>().toEqualTypeOf<Failure>();
    expectTypeOf<Bare<OutageEvent, 'left'>['failure']>().toEqualTypeOf<Failure>();
  });

  it('emits announcements, and nothing else', () => {
    expectTypeOf<EmittedFrom<typeof outageMachine>>().toEqualTypeOf<Announcement>();
    expectTypeOf<Announcement['type']>().toEqualTypeOf<
      'open' | 'lost' | 'restored' | 'close' | 'failed' | 'closed'
    >();
    const actor = createActor(outageMachine, { input: { graceMs: 500 } });
    actor.on('failed', (told) => expectTypeOf(told.failure).toEqualTypeOf<Failure>());
    actor.on('closed', (told) => expectTypeOf(told.reason).toEqualTypeOf<'peer-left'>());
    // @ts-expect-error there is no such announcement
    actor.on('reconnected', () => {});
  });
});

describe('a policy', () => {
  it('returns a plan or null', () => {
    expectTypeOf<RecoveryPolicy['plan']>().returns.toEqualTypeOf<Plan | null>();
    expectTypeOf<Plan>().toEqualTypeOf<{
      kind: AttemptKind;
      delayMs: number;
      deadlineMs: number;
      renewMs: number;
    }>();
    const plan = { delayMs: 0, deadlineMs: 1, renewMs: 1 };
    // @ts-expect-error there is no such kind of attempt
    void ({ kind: 'reboot', ...plan } satisfies Plan);
  });
});
