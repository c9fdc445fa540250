import type { AnyStateMachine, InspectionEvent } from 'xstate';
import {
  announcementType,
  cleanContext,
  cleanEvent,
  cleanFailure,
  cleanInput,
  peerCommand,
  signalingCommand,
  treeOf,
} from './clean';
import { definitionOf, eventTypesOf, pathOf, takenArrowOf } from './definition';
import {
  EVENT_SOURCES,
  type EventSource,
  type MachineName,
  type RecordBody,
  type SessionBody,
  type TakenArrow,
  type TransitionBody,
} from './records';
import { RunningTimers } from './running-timers';
import { type Edge, edgesTaken, idOf, machineOf } from './untyped-edge';

/** The state of one machine while it runs. */
interface Watched {
  path: string;
  arrows: TakenArrow[];
  types: ReadonlySet<string>;
  readonly timers: RunningTimers;
}

export interface MachineWatchOptions {
  label(): string;
  library: string;
  policy: SessionBody['policy'];
  /** Monotonic, in ms. */
  now(): number;
  append(body: RecordBody): void;
}

const fresh = (): Watched => ({ path: '', arrows: [], types: new Set(), timers: new RunningTimers() });

/** Converts xstate's inspection events into the bodies of records. Follows the machine that was started last. */
export class MachineWatch {
  readonly #options: MachineWatchOptions;
  #rootId: string | null = null;
  #outageMachine: AnyStateMachine | null = null;
  #watched: Record<MachineName, Watched> = { connection: fresh(), outage: fresh() };
  /** Cached by edge: xstate passes the same object each time. */
  readonly #arrows = new WeakMap<Edge, TakenArrow>();

  constructor(options: MachineWatchOptions) {
    this.#options = options;
  }

  take(event: InspectionEvent): void {
    if (event.rootId !== this.#rootId && event.type !== '@xstate.actor') return;
    switch (event.type) {
      case '@xstate.actor':
        return this.#onActor(event);
      case '@xstate.event':
        return this.#onEvent(event);
      case '@xstate.microstep':
        return this.#onMicrostep(event);
      case '@xstate.action':
        return this.#onAction(event);
      case '@xstate.snapshot':
        return this.#onSnapshot(event);
      case '@xstate.transition':
        return;
    }
  }

  #machineAt({ actorRef, rootId }: Pick<InspectionEvent, 'actorRef' | 'rootId'>): MachineName | null {
    if (actorRef.sessionId === rootId) return 'connection';
    return idOf(actorRef) === 'outage' ? 'outage' : null;
  }

  #onActor({ actorRef, rootId }: InspectionEvent): void {
    if (actorRef.sessionId === rootId) {
      this.#rootId = rootId;
      this.#watched = { connection: fresh(), outage: fresh() };
    } else if (rootId === this.#rootId && idOf(actorRef) === 'outage') {
      this.#outageMachine = machineOf(actorRef);
    }
  }

  #onEvent(inspected: Extract<InspectionEvent, { type: '@xstate.event' }>): void {
    const { actorRef, sourceRef, event } = inspected;
    const machine = this.#machineAt(inspected);
    if (!machine) return this.#onCommand(idOf(actorRef), event.type);
    if (machine === 'connection' && event.type === 'xstate.init') this.#begin(inspected);
    const { timers, types } = this.#watched[machine];
    if (sourceRef?.sessionId === actorRef.sessionId) timers.end(event.type);
    this.#options.append({
      kind: 'event',
      machine,
      from: this.#sourceOf(inspected),
      event: cleanEvent(event, types),
    });
  }

  #sourceOf({
    actorRef,
    sourceRef,
    rootId,
  }: Extract<InspectionEvent, { type: '@xstate.event' }>): EventSource {
    if (!sourceRef) return 'outside';
    if (sourceRef.sessionId === actorRef.sessionId) return 'self';
    if (sourceRef.sessionId === rootId) return 'connection';
    const id = idOf(sourceRef);
    return EVENT_SOURCES.find((source) => source === id) ?? 'outside';
  }

  #begin({ actorRef, event }: Extract<InspectionEvent, { type: '@xstate.event' }>): void {
    const machine = machineOf(actorRef);
    const outage = this.#outageMachine;
    if (!machine || !outage) return;
    const { label, library, policy, append } = this.#options;
    const input = cleanInput(event.input);
    const timings = { ...input.timings };
    const machines = { connection: definitionOf(machine, timings), outage: definitionOf(outage, timings) };
    this.#watched.connection.types = eventTypesOf(machines.connection);
    this.#watched.outage.types = eventTypesOf(machines.outage);
    append({ kind: 'session', label: label(), library, input, policy, machines });
  }

  #onCommand(to: unknown, type: string): void {
    if (to === 'peer') {
      const command = peerCommand(type);
      if (command) this.#options.append({ kind: 'command', to, command: { type: command } });
    } else if (to === 'signaling') {
      const command = signalingCommand(type);
      if (command) this.#options.append({ kind: 'command', to, command: { type: command } });
    }
  }

  #onMicrostep(event: Extract<InspectionEvent, { type: '@xstate.microstep' }>): void {
    const machine = this.#machineAt(event);
    if (machine)
      for (const edge of edgesTaken(event)) this.#watched[machine].arrows.push(this.#arrowOf(edge));
  }

  #arrowOf(edge: Edge): TakenArrow {
    const known = this.#arrows.get(edge);
    const arrow = known ?? takenArrowOf(edge);
    if (!known) this.#arrows.set(edge, arrow);
    return arrow;
  }

  #onAction(event: Extract<InspectionEvent, { type: '@xstate.action' }>): void {
    const machine = this.#machineAt(event);
    if (!machine) return;
    const { type, params } = event.action;
    this.#watched[machine].timers.note(type, params, this.#options.now());
    if (type === 'xstate.emit') this.#onEmit(treeOf(treeOf(params).event));
  }

  #onEmit({ type, failure, reason: word }: Readonly<Record<string, unknown>>): void {
    const announced = announcementType(type);
    if (!announced) return;
    const reason = cleanFailure(failure)?.reason ?? (word === 'peer-left' ? word : null);
    this.#options.append({
      kind: 'announcement',
      announcement: { type: announced, ...(reason && { reason }) },
    });
  }

  #onSnapshot(inspected: Extract<InspectionEvent, { type: '@xstate.snapshot' }>): void {
    const machine = this.#machineAt(inspected);
    if (!machine) return;
    const watched = this.#watched[machine];
    const { arrows, path: from } = watched;
    const isFirst = inspected.event.type === 'xstate.init';
    if (arrows.length === 0 && !isFirst) return;
    const snapshot = treeOf(inspected.snapshot);
    watched.arrows = [];
    watched.path = pathOf(snapshot.value);
    const { type: event } = cleanEvent(inspected.event, watched.types);
    const timers = watched.timers.at(this.#options.now());
    const step = { event, from, to: watched.path, arrows, timers };
    this.#options.append(bodyOf(machine, step, snapshot.context));
  }
}

function bodyOf(
  machine: MachineName,
  step: Pick<TransitionBody, 'event' | 'from' | 'to' | 'arrows' | 'timers'>,
  context: unknown,
): TransitionBody {
  if (machine === 'connection')
    return { kind: 'transition', machine, ...step, context: cleanContext(context) };
  return { kind: 'transition', machine, ...step, context: { isAsked: treeOf(context).isAsked === true } };
}
