import {
  createBrowserInspector,
  type createInspector,
  type createWebSocketInspector,
} from '@statelyai/inspect';
import type { WebRTCManagerOptions } from 'holdfast';
import {
  type createRecorder,
  type StatelyEvent,
  type StatelyInspector,
  type StatelyObserver,
  scrubStately,
  statelyInspect,
} from 'holdfast/inspect';
import { describe, expectTypeOf, it } from 'vitest';
import {
  type ActorOptions,
  type AnyActorLogic,
  createActor,
  createMachine,
  type InspectionEvent,
  type Observer,
} from 'xstate';
import type { ClassicInspector, inspectClassic } from '../../inspectors/classic/src/inspect-classic';

type Inspect = NonNullable<WebRTCManagerOptions['inspect']>;
type BrowserOptions = NonNullable<Parameters<typeof createBrowserInspector>[0]>;

describe('the option inspect', () => {
  it('takes what xstate takes: a function or an observer', () => {
    expectTypeOf<(event: InspectionEvent) => void>().toExtend<Inspect>();
    expectTypeOf<Observer<InspectionEvent>>().toExtend<Inspect>();
    expectTypeOf<Inspect>().toEqualTypeOf<NonNullable<ActorOptions<AnyActorLogic>['inspect']>>();
    expectTypeOf<() => void>().toExtend<Inspect>();
  });

  it('refuses anything else', () => {
    expectTypeOf<string>().not.toExtend<Inspect>();
    expectTypeOf<(event: { type: 'other' }) => void>().not.toExtend<Inspect>();
    // @ts-expect-error an inspector is not an observer; its adapter is
    void ({ inspect: createBrowserInspector() } satisfies WebRTCManagerOptions);
  });

  it('takes a recorder', () => {
    expectTypeOf<ReturnType<typeof createRecorder>['inspect']>().toExtend<Inspect>();
  });
});

describe('the adapter for @statelyai/inspect', () => {
  it('takes each inspector of that package, and anything that accepts its events', () => {
    expectTypeOf<ReturnType<typeof createBrowserInspector>>().toExtend<StatelyInspector>();
    expectTypeOf<ReturnType<typeof createWebSocketInspector>>().toExtend<StatelyInspector>();
    expectTypeOf<ReturnType<typeof createInspector>>().toExtend<StatelyInspector>();
    expectTypeOf<{ adapter: { send(event: StatelyEvent): void } }>().toExtend<StatelyInspector>();
    expectTypeOf<{ send(event: StatelyEvent): void }>().not.toExtend<StatelyInspector>();
  });

  it('returns an observer for a link and for any actor', () => {
    expectTypeOf(statelyInspect).returns.toEqualTypeOf<StatelyObserver>();
    expectTypeOf<StatelyObserver>().toExtend<Inspect>();
    const observer = statelyInspect({ adapter: { send() {} } }, { label: 'player 1', hide: ['secret'] });
    createActor(createMachine({}), { inspect: observer });
    // @ts-expect-error there is no such option
    statelyInspect({ adapter: { send() {} } }, { name: 'player 1' });
  });

  it('has a scrubber that fits the option serialize', () => {
    const options = { serialize: scrubStately } satisfies BrowserOptions;
    expectTypeOf(options.serialize<StatelyEvent>).returns.toEqualTypeOf<StatelyEvent>();
  });
});

describe('the bridge to the classic @xstate/inspect', () => {
  it('needs the URL of a page, and returns observers for links', () => {
    expectTypeOf<Parameters<typeof inspectClassic>[0]>().toHaveProperty('url').toEqualTypeOf<string>();
    expectTypeOf<ReturnType<typeof inspectClassic>>().toEqualTypeOf<ClassicInspector>();
    expectTypeOf<ReturnType<ClassicInspector['observe']>>().toExtend<Inspect>();
    expectTypeOf<Parameters<typeof inspectClassic>[0]['allow']>().toEqualTypeOf<
      readonly string[] | undefined
    >();
  });
});
