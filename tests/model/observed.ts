import {
  type AnyActorLogic,
  type AnyActorRef,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  createActor,
} from 'xstate';
import type { Step } from './chart-model';
import type { TestClock } from './clocks';

/** The one file of these tests that accesses the untyped internals of the machine. */

/** What the surroundings of a machine received. */
export interface Heard {
  announces: string[];
  commands: string[];
}

/** Everything that can be seen of a machine after a step. */
export interface Seen extends Heard {
  leaf: string;
  entered: string[];
  context: unknown;
  /** The delays that run, by name, and when each is over, in ms from the start. */
  timers: Record<string, number>;
  invokes: string[];
  isOver: boolean;
}

const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap(nodesOf),
];

export const leafOf = ({ value }: AnyMachineSnapshot): string => {
  const path = (inner: unknown): string[] =>
    typeof inner === 'string'
      ? [inner]
      : Object.entries(Object(inner)).flatMap(([key, below]) => [key, ...path(below)]);
  return path(value).join('.');
};

/** `xstate.after.name.id` is how XState spells a delay. */
const AFTER = /^xstate\.after\.([^.]+)\..*$/;
export const toStep = (step: Step): Step =>
  AFTER.test(step.type) ? { type: step.type.replace(AFTER, 'after $1') } : step;

/** The events of the machine's delays, as it sends them to itself. */
export const delaysOf = (machine: AnyStateMachine): Step[] =>
  nodesOf(machine.root).flatMap((node) =>
    [...node.transitions.keys()].filter((type) => AFTER.test(type)).map((type) => ({ type })),
  );

/** More than any chart takes in one step; a mutant may never come to rest. */
const MAX_MICROSTEPS = 20;

/** A running machine, observed from outside. */
export class Observed {
  readonly #actor: AnyActorRef;
  readonly #clock: TestClock;
  readonly #heard: Heard;
  #entered: string[] = [];
  #nowMs = 0;
  /** When each delay that was ever seen to run started. */
  readonly #begun = new WeakMap<object, number>();

  constructor(machine: AnyStateMachine, input: unknown, clock: TestClock, heard: Heard) {
    this.#clock = clock;
    this.#heard = heard;
    this.#forget();
    const logic: AnyActorLogic = machine;
    const note = (event: { type: string; _transitions?: readonly unknown[]; snapshot?: unknown }) => {
      if (event.type !== '@xstate.microstep' || !event._transitions?.length) return;
      this.#entered.push(leafOf(event.snapshot as AnyMachineSnapshot));
      if (this.#entered.length > MAX_MICROSTEPS) throw new Error('eventless edges lead in a circle');
    };
    const actor = createActor(logic, {
      input,
      inspect: note as never,
      ...(clock.clock && { clock: clock.clock }),
    });
    actor.on('*', ({ type }: Step) => void heard.announces.push(type));
    actor.subscribe({ error: () => {} });
    this.#actor = actor.start();
  }

  get isOver(): boolean {
    return this.#snapshot.status !== 'active';
  }

  can(step: Step): boolean {
    return this.#snapshot.can(step);
  }

  send(step: Step): Seen {
    this.#forget();
    if (!this.isOver) this.#actor.send(step);
    return this.look();
  }

  advance(ms: number): Seen {
    this.#forget();
    this.#nowMs += ms;
    this.#clock.advance(ms);
    return this.look();
  }

  look(): Seen {
    const { context, children } = this.#snapshot;
    return {
      leaf: leafOf(this.#snapshot),
      entered: this.#entered,
      announces: this.#heard.announces,
      commands: this.#heard.commands,
      context,
      timers: this.isOver ? {} : this.#timers(),
      invokes: this.isOver ? [] : Object.keys(children),
      isOver: this.isOver,
    };
  }

  stop(): void {
    this.#actor.stop();
  }

  get #snapshot(): AnyMachineSnapshot {
    return this.#actor.getSnapshot();
  }

  #timers(): Record<string, number> {
    const { _scheduledEvents: scheduled } = this.#actor.system.getSnapshot() as {
      _scheduledEvents: Record<string, { delay: number; event: Step; source: AnyActorRef }>;
    };
    const own = Object.values(scheduled).filter(({ source }) => source === this.#actor);
    return Object.fromEntries(
      own.map((timer) => {
        const begunMs = this.#begun.get(timer) ?? this.#nowMs;
        this.#begun.set(timer, begunMs);
        return [toStep(timer.event).type.replace('after ', ''), begunMs + timer.delay];
      }),
    );
  }

  #forget(): void {
    this.#entered = [];
    this.#heard.announces = [];
    this.#heard.commands = [];
  }
}
