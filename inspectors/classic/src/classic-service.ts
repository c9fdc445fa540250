import type { StatelyEvent } from 'holdfast/inspect';
import {
  type AnyEventObject,
  createMachine,
  type SCXML,
  type State,
  type StateConfig,
  toSCXMLEvent,
} from 'xstate';
import { type ClassicNode, classicConfig, stateValueOf } from './classic-config';

/** The `meta` of a machine, for viewers: to one that connects later, the inspector itself names neither link nor parent. */
export interface ClassicMeta {
  name: string;
  parent: string | null;
  /** Types of events that the viewer may send. */
  allowed: readonly string[];
}

export type Registration = StatelyEvent & { type: '@xstate.actor' };
type Snapshot = Registration['snapshot'];
type ClassicState = State<unknown, AnyEventObject>;

/** A machine that stands for an actor that is not a machine, with its status as the state. */
const STAND_IN: ClassicNode = {
  initial: 'active',
  states: { active: {}, done: { type: 'final' }, error: { type: 'final' }, stopped: { type: 'final' } },
};

const machineOf = ({ name, parentId, definition }: Registration, allowed: readonly string[]) => {
  const meta: ClassicMeta = { name, parent: parentId ?? null, allowed };
  const config = definition === undefined ? { ...STAND_IN, id: name } : classicConfig(JSON.parse(definition));
  return createMachine<unknown, AnyEventObject>({ predictableActionArguments: true, ...config, meta });
};

/** An actor of xstate 5 with the members of an xstate 4 interpreter that the inspector uses. */
export class ClassicService {
  readonly machine: ReturnType<typeof machineOf>;
  readonly id: string;
  readonly sessionId: string;
  readonly parent: { sessionId: string } | undefined;
  state: ClassicState;
  readonly #isStandIn: boolean;
  readonly #ask: (type: string) => void;
  readonly #listeners = new Set<(state: ClassicState) => void>();
  readonly #stopListeners = new Set<() => void>();

  /** `ask` is called with the type of each event that a viewer sends. */
  constructor(actor: Registration, allowed: readonly string[], ask: (type: string) => void) {
    this.machine = machineOf(actor, allowed);
    this.id = actor.name;
    this.sessionId = actor.sessionId;
    this.parent = actor.parentId === undefined ? undefined : { sessionId: actor.parentId };
    this.#isStandIn = actor.definition === undefined;
    this.#ask = ask;
    this.state = this.#stateOf(actor.snapshot, { type: 'xstate.init' });
  }

  /** The setter does nothing, because the inspector would replace `send` with one that shows the viewer refused events, and allowed ones twice. */
  get send(): (event: SCXML.Event<AnyEventObject>) => void {
    return ({ name, data }) => this.#ask(data?.type ?? name);
  }

  set send(_inspected) {}

  subscribe(listener: (state: ClassicState) => void): { unsubscribe: () => void } {
    this.#listeners.add(listener);
    return { unsubscribe: () => this.#listeners.delete(listener) };
  }

  onStop(listener: () => void): this {
    this.#stopListeners.add(listener);
    return this;
  }

  moveTo(snapshot: Snapshot, event: AnyEventObject): void {
    this.state = this.#stateOf(snapshot, event);
    for (const listener of this.#listeners) listener(this.state);
  }

  stop(): void {
    for (const listener of this.#stopListeners) listener();
    this.#listeners.clear();
    this.#stopListeners.clear();
  }

  #stateOf({ status, value, context }: Snapshot, event: AnyEventObject): ClassicState {
    const config: StateConfig<unknown, AnyEventObject> = {
      value: this.#isStandIn ? status : stateValueOf(value),
      context,
      _event: toSCXMLEvent(event),
      _sessionid: this.sessionId,
      configuration: [],
      transitions: [],
      children: {},
    };
    return this.machine.resolveState(config);
  }
}
